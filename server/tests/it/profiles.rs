//! CPU profiles on the admin port.

use std::io::Read as _;

use icelocator_server::profiling::pprof::Proto;
use prost::Message as _;
use reqwest::{Response, StatusCode};

use crate::support::people::KNOWN;
use crate::support::wait::until;
use crate::support::{Scratch, Server, Simulator, begin};

const TOKEN: &str = "a-token-of-the-admin-port";

struct Admin {
    server: Server,
    url: String,
    scratch: Scratch,
}

impl Admin {
    fn start(simulator: &Simulator) -> Self {
        let scratch = Scratch::new();
        let token = scratch.write("token", format!("{TOKEN}\n"));
        let arguments = ["--admin-listen", "127.0.0.1:0", "--admin-token", &token];
        let server = Server::with(&simulator.url, "profiling: {enabled: true}", &arguments);
        let address = server.process.address("showing profiles");
        Self {
            server,
            url: format!("http://{address}/debug/pprof/profile"),
            scratch,
        }
    }

    async fn get(&self, query: &str, authorization: Option<&str>) -> Response {
        let mut request = reqwest::Client::new().get(format!("{}{query}", self.url));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        request.send().await.unwrap()
    }

    async fn status(&self, query: &str, authorization: Option<&str>) -> StatusCode {
        self.get(query, authorization).await.status()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_names_the_functions_that_calls_were_in() {
    begin();
    let simulator = Simulator::start();
    let admin = Admin::start(&simulator);
    let bearer = format!("Bearer {TOKEN}");
    let profile = admin.get("?seconds=3", Some(&bearer));
    let calls = async {
        loop {
            let reply = admin
                .server
                .client
                .call("search_detainee_by_name", KNOWN.by_name())
                .await;
            assert_eq!(reply.status, 200);
        }
    };
    let response = tokio::select! {
        response = profile => response,
        () = calls => unreachable!(),
    };
    assert_eq!(response.status(), StatusCode::OK);
    let packed = response.bytes().await.unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&packed[..])
        .read_to_end(&mut bytes)
        .unwrap();
    let profile = Proto::decode(&bytes[..]).unwrap();

    let text = |at: i64| &profile.string_table[usize::try_from(at).unwrap()];
    assert_eq!(text(0), "");
    let types: Vec<_> = profile
        .sample_type
        .iter()
        .map(|of| (text(of.r#type).as_str(), text(of.unit).as_str()))
        .collect();
    assert_eq!(types, [("samples", "count"), ("cpu", "nanoseconds")]);
    assert!(profile.duration_nanos >= 3_000_000_000);
    let function = |location: &u64| {
        let location = profile
            .location
            .iter()
            .find(|at| at.id == *location)
            .unwrap();
        let id = location.line[0].function_id;
        text(
            profile
                .function
                .iter()
                .find(|function| function.id == id)
                .unwrap()
                .name,
        )
        .as_str()
    };
    let stacks: Vec<Vec<_>> = profile
        .sample
        .iter()
        .map(|sample| sample.location_id.iter().map(function).collect())
        .collect();
    assert!(
        stacks.iter().any(|stack| stack
            .iter()
            .any(|name| name.contains("icelocator_server::"))),
        "{stacks:#?}"
    );
    for sample in &profile.sample {
        assert!(sample.value[0] > 0 && sample.value[1] > 0);
    }
    if let Some(path) = std::env::var_os("PPROF_PROFILE") {
        std::fs::write(path, packed).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_show_the_token_gets_no_profile() {
    begin();
    let simulator = Simulator::start();
    let admin = Admin::start(&simulator);
    let bearer = format!("Bearer {TOKEN}");
    for (authorization, status) in [
        (None, StatusCode::UNAUTHORIZED),
        (Some("Bearer"), StatusCode::UNAUTHORIZED),
        (Some("Basic YTpi"), StatusCode::UNAUTHORIZED),
        (
            Some("Bearer a-token-of-the-admin-por"),
            StatusCode::FORBIDDEN,
        ),
        (
            Some("Bearer a-token-of-the-admin-port2"),
            StatusCode::FORBIDDEN,
        ),
    ] {
        assert_eq!(
            admin.status("?seconds=1", authorization).await,
            status,
            "{authorization:?}"
        );
    }
    for query in [
        "?seconds=0",
        "?seconds=61",
        "?seconds=-1",
        "?seconds=x",
        "?seconds=1&seconds=2",
        "?secs=1",
    ] {
        let status = admin.status(query, Some(&bearer)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    }
    // Without the file nobody is known, and a short token is none.
    for token in [Some("short"), None] {
        match token {
            Some(token) => drop(admin.scratch.write("token", token)),
            None => std::fs::remove_file(admin.scratch.path().join("token")).unwrap(),
        }
        for shown in ["Bearer short", &bearer] {
            let status = admin.status("?seconds=1", Some(shown)).await;
            assert_eq!(status, StatusCode::FORBIDDEN);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_profile_is_taken_at_a_time_and_none_for_who_has_gone() {
    begin();
    let simulator = Simulator::start();
    let admin = Admin::start(&simulator);
    let bearer = format!("Bearer {TOKEN}");
    let (url, authorization) = (format!("{}?seconds=60", admin.url), bearer.clone());
    let first = tokio::spawn(async move {
        let client = reqwest::Client::new();
        // Whoever asks below may come before it, and then it is the one to try again.
        loop {
            let request = client.get(&url).header("authorization", &authorization);
            let taken = request.send().await;
            if taken.is_ok_and(|reply| reply.status() != StatusCode::CONFLICT) {
                return;
            }
        }
    });
    let becomes = async |status| {
        until(async || admin.status("?seconds=1", Some(&bearer)).await == status).await;
    };
    becomes(StatusCode::CONFLICT).await;
    first.abort();
    becomes(StatusCode::OK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_are_off_unless_the_settings_switch_them_on() {
    begin();
    let simulator = Simulator::start();
    for settings in ["", "profiling: {}", "profiling: {enabled: false}"] {
        let listen = ["--admin-listen", "127.0.0.1:0"];
        let server = Server::with(&simulator.url, settings, &listen);
        assert!(!server.process.log().contains("showing profiles"));
        let url = server.watch.clone() + "/debug/pprof/profile";
        let status = reqwest::get(url).await.unwrap().status();
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}

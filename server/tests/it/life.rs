//! Start, probes, signals, end.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::held_site::HeldSite;
use crate::support::process::Process;
use crate::support::wait::until;
use crate::support::{Scratch, Server, begin};

const NOWHERE: &str = "http://127.0.0.1:1";
const BY_NUMBER: &str = "search_detainee_by_alien_number";

async fn status(url: &str) -> u16 {
    reqwest::get(url).await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_are_answered_whatever_upstream_and_collector_do() {
    begin();
    let settings = "telemetry: {otlp: {endpoint: \"http://127.0.0.1:1\", protocol: grpc}}";
    let server = Server::with(NOWHERE, settings, &[]);
    assert_eq!(status(&format!("{}/livez", server.watch)).await, 200);
    assert_eq!(status(&format!("{}/readyz", server.watch)).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_in_detail_is_told_of_every_check_by_name() {
    begin();
    let scratch = Scratch::new();
    let settings = "auth: {bearer: {secretRef: {name: tokens}}}";
    let folder = scratch.path().to_str().unwrap();
    let server = Server::with(NOWHERE, settings, &["--secrets-dir", folder]);
    let ask = async |query: &str| {
        let url = format!("{}/readyz{query}", server.watch);
        let response = reqwest::get(url).await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(ask("").await, (200, "ok".to_owned()));
    // Pods stay in the Service without the Secret: whoever calls is told to show a token.
    let (status, said) = ask("?verbose").await;
    assert_eq!(status, 200);
    assert!(
        said.contains("[+]calls: ok\n") && said.contains("[-]tokens: the Secret is not there"),
        "{said}"
    );
    scratch.write_in("tokens", "ana", "invented-token-of-ana-0001");
    until(async || ask("?verbose").await.1.contains("[+]tokens: of 1 callers")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sigterm_calls_under_way_get_their_answer_and_readiness_goes_first() {
    begin();
    let site = HeldSite::start().await;
    let mut server = Server::start(&site.url);
    let arguments = json!({"alien_number": "A12345678", "country_of_birth": "Guatemala"});
    let calls: Vec<_> = (0..5)
        .map(|_| {
            let (client, arguments) = (server.client.clone(), arguments.clone());
            tokio::spawn(async move { client.call(BY_NUMBER, arguments).await })
        })
        .collect();
    site.asked().await;
    let in_flight = &["icelocator_calls_in_flight"];
    server.until_metric(in_flight, |calls| calls > 4.5).await;
    // A connection that has asked for nothing must not hold up the end.
    let address = server
        .client
        .url
        .trim_start_matches("http://")
        .trim_end_matches("/mcp")
        .to_owned();
    let _idle = tokio::net::TcpStream::connect(address).await.unwrap();

    server.process.signal("TERM");
    let readiness = format!("{}/readyz", server.watch);
    until(async || status(&readiness).await == 503).await;
    assert_eq!(status(&format!("{}/livez", server.watch)).await, 200);
    site.let_go();
    for call in calls {
        assert_eq!(call.await.unwrap().answer()["outcome"], "unavailable");
    }
    let ended = server.process.end();
    assert!(ended.success(), "{ended}\n{}", server.process.log());
    assert!(
        server
            .process
            .log()
            .contains("drained: every call was answered")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_connection_is_told_to_end_before_it_ends() {
    begin();
    let mut server = Server::start(NOWHERE);
    let client = reqwest::Client::new();
    let ask = async || client.get(&server.client.url).send().await.unwrap();
    assert!(ask().await.headers().get("connection").is_none());
    server.process.signal("TERM");
    server.process.says(&["draining"]);
    assert_eq!(ask().await.headers()["connection"], "close");
    assert!(server.process.end().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_server_ends_at_once_on_either_signal() {
    begin();
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(NOWHERE);
        server.client.initialize().await;
        server.process.signal(signal);
        assert!(server.process.end().success(), "{signal}");
        // Not when the time for it is up.
        let log = server.process.log();
        assert!(log.contains("drained: every call was answered"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_does_not_wait() {
    begin();
    let site = HeldSite::start().await;
    let mut server = Server::start(&site.url);
    let client = server.client.clone();
    let arguments = json!({"alien_number": "A12345678", "country_of_birth": "Guatemala"});
    let lost = tokio::spawn(async move { client.try_call(BY_NUMBER, arguments).await });
    site.asked().await;
    server.process.signal("INT");
    server.process.says(&["draining"]);
    server.process.signal("INT");
    assert_eq!(server.process.end().code(), Some(130));
    assert!(lost.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_does_not_wait_for_a_collector_that_does_not_answer() {
    begin();
    // Takes the connection and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    for protocol in ["grpc", "http"] {
        let settings = format!(
            "telemetry: {{otlp: {{endpoint: \"http://{}\", protocol: {protocol}}}}}",
            silent.local_addr().unwrap()
        );
        let mut server = Server::with(NOWHERE, &settings, &[]);
        server.client.initialize().await;
        server.process.signal("TERM");
        assert!(server.process.end().success(), "{protocol}");
    }
}

fn refused(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_icelocator-server"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn wrong_settings_are_named_by_their_field() {
    let scratch = Scratch::new();
    let base = "configVersion: 1\nlocator: {baseUrl: \"http://127.0.0.1:1\"}\n";
    for (settings, field) in [
        (base.to_owned(), "auth"),
        (
            format!("{base}auth: {{anonymous: true}}\nlimits: {{maxInFlight: 0}}\n"),
            "limits.maxInFlight",
        ),
        (
            format!("{base}auth: {{anonymous: true}}\ncolour: blue\n"),
            "colour",
        ),
        (
            format!("{base}auth: {{oidc: {{issuer: \"http://id.example\", audience: x}}}}\n"),
            "auth.oidc.issuer",
        ),
        (
            "configVersion: 1\nauth: {anonymous: true}\nlocator: {baseUrl: nonsense}\n".to_owned(),
            "locator.baseUrl",
        ),
        ("auth: {anonymous: true}\n".to_owned(), "configVersion"),
        (base.replace('1', "99"), "configVersion"),
    ] {
        let file = scratch.write("settings.yaml", &settings);
        let error = refused(&["serve", "--settings", &file]);
        assert!(error.contains(field), "{settings}: {error}");
    }
}

#[test]
fn wrong_arguments_say_what_to_do() {
    let scratch = Scratch::new();
    let anonymous = [
        "serve",
        "--base-url",
        NOWHERE,
        "--anonymous",
        "--metrics-listen",
        "127.0.0.1:0",
    ];
    for (arguments, hint) in [
        (vec!["serve"], "--base-url"),
        (vec!["serve"], "--settings <FILE>"),
        (vec!["serve", "--base-url", NOWHERE], "--anonymous"),
        (
            vec!["serve", "--settings", "/nowhere/settings.yaml"],
            "/nowhere/settings.yaml",
        ),
        (
            [&anonymous[..], &["--session-key", "/nowhere/key"]].concat(),
            "--session-key",
        ),
        (
            [&anonymous[..], &["--log-filter", "icelocator=loud"]].concat(),
            "target=level",
        ),
        (
            [&anonymous[..], &["--listen", "192.0.2.1:1"]].concat(),
            "cannot listen on 192.0.2.1:1",
        ),
    ] {
        let error = refused(&arguments);
        assert!(error.contains(hint), "{arguments:?}: {error}");
    }
    let short = scratch.write("key", "short");
    let error = refused(&[&anonymous[..], &["--session-key", &short]].concat());
    assert!(error.contains("5 bytes, not 32"), "{error}");
}

#[test]
fn help_tells_how_to_try_it() {
    let output = Command::new(env!("CARGO_BIN_EXE_icelocator-server"))
        .arg("--help")
        .output()
        .unwrap();
    assert!(output.status.success());
    let help = String::from_utf8_lossy(&output.stdout);
    for word in ["serve", "simulate", "--anonymous", "/mcp"] {
        assert!(help.contains(word), "{help}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulator_ends_when_told() {
    begin();
    let mut simulator = Process::start(&["simulate", "--listen", "127.0.0.1:0"]);
    let url = format!("http://{}", simulator.address("simulating"));
    assert_eq!(status(&format!("{url}/livez")).await, 200);
    assert_eq!(status(&format!("{url}/readyz")).await, 200);
    simulator.signal("TERM");
    assert!(simulator.end().success());
}

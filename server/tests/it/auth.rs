//! Callers with tokens from a list.

use std::fs;
use std::path::PathBuf;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::client::Client;
use crate::support::people::KNOWN;
use crate::support::wait::until;
use crate::support::{Server, Simulator, begin, value};

const NOWHERE: &str = "http://127.0.0.1:1";
const SETTINGS: &str = "auth: {bearer: {secretRef: {name: tokens}}}";
const ANA: &str = "ana-0123456789abcdef";
const LUZ: &str = "luz-0123456789abcdef";

/// A folder of Secrets of a test's own.
struct Secrets(PathBuf);

impl Secrets {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("icelocator-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, token: &str) {
        let folder = self.0.join("tokens");
        let _ = fs::create_dir(&folder);
        fs::write(folder.join(name), token).unwrap();
    }

    fn server(&self) -> Server {
        self.server_at(NOWHERE)
    }

    fn server_at(&self, site: &str) -> Server {
        Server::with(site, SETTINGS, &["--secrets-dir", self.0.to_str().unwrap()])
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn bearer(client: &Client, token: &str) -> Client {
    client.header("authorization", &format!("Bearer {token}"))
}

async fn status_becomes(client: &Client, status: u16) {
    until(async || client.initialize().await.status == status).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_is_on_the_list_may_call() {
    begin();
    let secrets = Secrets::new();
    secrets.write("ana", ANA);
    let server = secrets.server();
    assert_eq!(bearer(&server.client, ANA).initialize().await.status, 200);
    let lower = server
        .client
        .header("authorization", &format!("bearer {ANA}"));
    assert_eq!(lower.initialize().await.status, 200);

    let none = server.client.initialize().await;
    assert_eq!(none.status, 401);
    assert_eq!(none.headers["www-authenticate"], "Bearer");
    let mut answers = Vec::new();
    let endless = "x".repeat(32 * 1024);
    for shown in [
        "Bearer unknown-0123456789",
        "Basic YTpi",
        "Bearer",
        &format!("Bearer {endless}"),
        &format!("Bearer {ANA}, Bearer {ANA}"),
    ] {
        let reply = server
            .client
            .header("authorization", shown)
            .initialize()
            .await;
        assert_eq!(reply.status, 401, "{}", &shown[..20.min(shown.len())]);
        assert_eq!(
            reply.headers["www-authenticate"],
            r#"Bearer error="invalid_token""#
        );
        answers.push(reply.body);
    }
    answers.dedup();
    assert_eq!(
        answers.len(),
        1,
        "nothing is to be learnt from the answer: {answers:?}"
    );

    let metrics = server.metrics().await;
    for parts in [
        ["icelocator_auth_attempts_total", "kind=\"bearer\"", ""],
        [
            "icelocator_auth_failures_total",
            "kind=\"none\"",
            "reason=\"missing\"",
        ],
        [
            "icelocator_auth_failures_total",
            "kind=\"bearer\"",
            "reason=\"unknown\"",
        ],
        [
            "operation_duration_seconds_count",
            "error_type=\"401\"",
            "mcp_method_name=\"other\"",
        ],
    ] {
        assert!(value(&metrics, &parts) > 0.0, "{parts:?}\n{metrics}");
    }
    let log = server.process.log();
    assert!(
        !log.contains(ANA) && !log.contains("unknown-0123456789"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_is_slowed_and_who_knows_is_let_in() {
    begin();
    let secrets = Secrets::new();
    secrets.write("ana", ANA);
    let server = secrets.server();
    let mut slowed = 0;
    for number in 0..50 {
        let guess = bearer(&server.client, &format!("guess-0123456789-{number}"));
        let reply = guess.initialize().await;
        if reply.status == 401 {
            continue;
        }
        assert_eq!(reply.status, 429);
        let seconds = reply.headers["retry-after"].to_str().unwrap();
        assert!((1..=60).contains(&seconds.parse::<u64>().unwrap()));
        slowed += 1;
        // From the same address.
        assert_eq!(bearer(&server.client, ANA).initialize().await.status, 200);
        assert_eq!(server.client.initialize().await.status, 401);
    }
    assert!(slowed > 25, "{slowed} of 50");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tokens_in_one_request_are_none() {
    begin();
    let secrets = Secrets::new();
    secrets.write("ana", ANA);
    let server = secrets.server();
    let address = server
        .client
        .url
        .trim_start_matches("http://")
        .trim_end_matches("/mcp")
        .to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {ANA}\r\nauthorization: Bearer {ANA}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_secret_takes_effect_in_the_running_server() {
    begin();
    let secrets = Secrets::new();
    let server = secrets.server();
    let (ana, luz) = (bearer(&server.client, ANA), bearer(&server.client, LUZ));
    assert_eq!(
        ana.initialize().await.status,
        401,
        "the Secret is not there yet"
    );
    server
        .process
        .says(&["the Secret with the callers' tokens is not there"]);
    secrets.write("ana", ANA);
    status_becomes(&ana, 200).await;
    // Another token for her, and a bad one for somebody else.
    secrets.write("short", "short");
    secrets.write("ana", LUZ);
    status_becomes(&luz, 200).await;
    status_becomes(&ana, 401).await;
    server.process.says(&[r#""icelocator.secret.position":2"#]);
    assert!(!server.process.log().contains("short\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_its_owners_only() {
    begin();
    let secrets = Secrets::new();
    secrets.write("ana", ANA);
    secrets.write("luz", LUZ);
    let server = secrets.server();
    let session = bearer(&server.client, ANA)
        .initialize()
        .await
        .session()
        .unwrap();
    let with_session = server.client.header("mcp-session-id", &session);
    let list = async |token| {
        let client = bearer(&with_session, token);
        client
            .request("tools/list", serde_json::json!({}))
            .await
            .status
    };
    assert_eq!(list(ANA).await, 200);
    assert_eq!(list(LUZ).await, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_from_an_answer_whom_somebody_else_looks_for() {
    begin();
    let simulator = Simulator::start();
    let secrets = Secrets::new();
    secrets.write("ana", ANA);
    secrets.write("luz", LUZ);
    let server = secrets.server_at(&simulator.url);
    let as_of = async |token| {
        let client = bearer(&server.client, token);
        let reply = client.call("search_detainee_by_alien_number", KNOWN.by_number());
        reply.await.answer()["as_of"].as_str().unwrap().to_owned()
    };
    let first = as_of(ANA).await;
    assert_eq!(
        as_of(ANA).await,
        first,
        "an answer is remembered for its caller"
    );
    assert_ne!(as_of(LUZ).await, first);
    let lookups =
        |metrics: &str, result: &str| value(metrics, &["icelocator_cache_lookups_total", result]);
    let metrics = server.metrics().await;
    assert!(
        (lookups(&metrics, "result=\"miss\"") - 2.0).abs() < 0.1,
        "{metrics}"
    );
    assert!(
        (lookups(&metrics, "result=\"hit\"") - 1.0).abs() < 0.1,
        "{metrics}"
    );
}

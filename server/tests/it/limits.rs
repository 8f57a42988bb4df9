//! What is too large, too many or too slow.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::client::Client;
use crate::support::held_site::HeldSite;
use crate::support::{Server, begin, value};

const NOWHERE: &str = "http://127.0.0.1:1";
const LARGEST_BODY: usize = 64 * 1024;
const MOST_READ: usize = 256;
const BY_NUMBER: &str = "search_detainee_by_alien_number";

/// The beginning of a message, of which the rest never comes.
async fn send_slowly(server: &Server) -> TcpStream {
    let address = server
        .client
        .url
        .trim_start_matches("http://")
        .trim_end_matches("/mcp");
    let mut slow = TcpStream::connect(address).await.unwrap();
    let head = format!("POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-length: 100\r\n\r\n{{");
    slow.write_all(head.as_bytes()).await.unwrap();
    slow
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_body_is_refused() {
    begin();
    let server = Server::start(NOWHERE);
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
    let of_size = |size: usize| ping.clone() + &" ".repeat(size - ping.len());
    let largest = server.client.send(of_size(LARGEST_BODY)).await;
    assert_eq!(largest.status, 200);
    let larger = server.client.send(of_size(LARGEST_BODY + 1)).await;
    assert_eq!(larger.status, 413);
    // The connection may be cut while the client still writes.
    if let Ok(reply) = server.client.try_send(of_size(40 * LARGEST_BODY)).await {
        assert_eq!(reply.status, 413);
    }
    // On a connection of its own: the other one is being cut.
    let next = Client::new(&server.client.url);
    assert_eq!(next.initialize().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_says_beside_its_call_does_not_matter() {
    begin();
    let server = Server::start(NOWHERE);
    let much = vec![json!({}); LARGEST_BODY / 4];
    let client = server.client.meta(&json!({"com.example/much": much}));
    assert_eq!(client.initialize().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_senders_are_too_many_at_some_point() {
    begin();
    let server = Server::start(NOWHERE);
    let mut slow = Vec::new();
    for _ in 0..MOST_READ {
        slow.push(send_slowly(&server).await);
    }
    let began = Instant::now();
    let status = async || Client::new(&server.client.url).initialize().await.status;
    while status().await != 503 {
        assert!(began.elapsed() < Duration::from_secs(8));
    }
    drop(slow);
    while status().await != 200 {
        assert!(began.elapsed() < Duration::from_secs(20));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_does_not_hold_a_place() {
    begin();
    let server = Server::with(NOWHERE, "limits: {maxInFlight: 1}", &[]);
    let mut slow = send_slowly(&server).await;
    assert_eq!(server.client.initialize().await.status, 200);
    let mut answer = String::new();
    let began = Instant::now();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_too_many_is_told_at_once_to_come_back() {
    begin();
    let site = HeldSite::start().await;
    let server = Server::with(&site.url, "limits: {maxInFlight: 1}", &[]);
    let client = server.client.clone();
    let arguments = json!({"alien_number": "A12345678", "country_of_birth": "Guatemala"});
    let first = tokio::spawn({
        let arguments = arguments.clone();
        async move { client.call(BY_NUMBER, arguments).await }
    });
    site.asked().await;

    let began = Instant::now();
    let reply = server.client.call(BY_NUMBER, arguments).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.headers["retry-after"], "1");
    assert_eq!(reply.error_code(), -32000);
    assert!(began.elapsed() < Duration::from_secs(1));
    let metrics = server.metrics().await;
    for (metric, expected) in [
        ("icelocator_calls_in_flight", 1.0),
        ("icelocator_calls_limit", 1.0),
        ("icelocator_calls_shed_total", 1.0),
    ] {
        assert!(
            (value(&metrics, &[metric]) - expected).abs() < 0.1,
            "{metric} in\n{metrics}"
        );
    }

    site.let_go();
    assert_eq!(first.await.unwrap().answer()["outcome"], "unavailable");
    assert!(value(&server.metrics().await, &["icelocator_calls_in_flight"]).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_leaves_gives_the_place_back() {
    begin();
    let site = HeldSite::start().await;
    let server = Server::with(&site.url, "limits: {maxInFlight: 1}", &[]);
    let client = server.client.clone();
    let arguments = json!({"alien_number": "A12345678", "country_of_birth": "Guatemala"});
    let leaving = tokio::spawn(async move { client.call(BY_NUMBER, arguments).await });
    site.asked().await;
    leaving.abort();
    let began = Instant::now();
    while value(&server.metrics().await, &["icelocator_calls_in_flight"]) > 0.5 {
        assert!(began.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let metrics = server.metrics().await;
    assert!(
        value(
            &metrics,
            &[
                "operation_duration_seconds_count",
                "error_type=\"cancelled\""
            ]
        ) > 0.0,
        "{metrics}"
    );
    assert_eq!(server.client.initialize().await.status, 200);
}

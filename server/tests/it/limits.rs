//! What is too large, too many or too slow.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::client::Client;
use crate::support::held_site::HeldSite;
use crate::support::wait::{PATIENCE, until};
use crate::support::{Scratch, Server, begin, value};

const NOWHERE: &str = "http://127.0.0.1:1";
const LARGEST_BODY: usize = 64 * 1024;
const MOST_READ: usize = 256;
const ANA: &str = "ana-0123456789abcdef";
const LUZ: &str = "luz-0123456789abcdef";
const IN_FLIGHT: &[&str] = &["icelocator_calls_in_flight"];
const BY_NUMBER: &str = "search_detainee_by_alien_number";

/// A server that knows two callers.
fn of_two_callers(settings: &str) -> (Scratch, Server) {
    let secrets = Scratch::new();
    secrets.write_in("tokens", "ana", ANA);
    secrets.write_in("tokens", "luz", LUZ);
    let settings = format!("auth: {{bearer: {{secretRef: {{name: tokens}}}}}}\n{settings}");
    let folder = secrets.path().to_str().unwrap();
    let server = Server::with(NOWHERE, &settings, &["--secrets-dir", folder]);
    (secrets, server)
}

/// A client with this token, on connections of its own.
fn by(server: &Server, token: &str) -> Client {
    Client::new(&server.client.url).header("authorization", &format!("Bearer {token}"))
}

/// Waits until so many calls are worked on.
async fn under_way(server: &Server, calls: u32) {
    let enough = |shown| shown >= f64::from(calls);
    server.until_metric(IN_FLIGHT, enough).await;
}

/// How many messages were refused with this status.
async fn refused_with(server: &Server, status: u16) -> f64 {
    let status = format!("error_type=\"{status}\"");
    value(
        &server.metrics().await,
        &["operation_duration_seconds_count", &status],
    )
}

/// The beginning of a message, of which the rest never comes.
async fn send_slowly(server: &Server, header: &str) -> TcpStream {
    let address = server
        .client
        .url
        .trim_start_matches("http://")
        .trim_end_matches("/mcp");
    let mut slow = TcpStream::connect(address).await.unwrap();
    let head =
        format!("POST /mcp HTTP/1.1\r\nhost: {address}\r\n{header}content-length: 100\r\n\r\n{{");
    slow.write_all(head.as_bytes()).await.unwrap();
    slow
}

/// Slow senders, more and more until a call by another is answered with 503: where the machine is busy the first are sent
/// away before the last have come.
async fn crowd(server: &Server, header: &str, another: &Client) -> Vec<TcpStream> {
    let mut slow = Vec::new();
    until(async || {
        slow.extend(join_all((0..MOST_READ).map(|_| send_slowly(server, header))).await);
        another.initialize().await.status == 503
    })
    .await;
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
    assert!(refused_with(&server, 413).await > 0.0);
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
    drop(crowd(&server, "", &server.client).await);
    until(async || server.client.initialize().await.status == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_does_not_hold_a_place() {
    begin();
    let server = Server::with(NOWHERE, "limits: {maxInFlight: 1}", &[]);
    let mut slow = send_slowly(&server, "").await;
    assert_eq!(server.client.initialize().await.status, 200);
    let mut answer = String::new();
    let read = timeout(PATIENCE, slow.read_to_string(&mut answer)).await;
    read.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(refused_with(&server, 408).await > 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_caller_who_sends_slowly_leaves_reading_to_others() {
    begin();
    let (_secrets, server) = of_two_callers("");
    let head = format!("authorization: Bearer {ANA}\r\n");
    let _slow = crowd(&server, &head, &by(&server, ANA)).await;
    assert_eq!(by(&server, LUZ).initialize().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_caller_does_not_take_all_places() {
    begin();
    let site = HeldSite::start().await;
    let (_secrets, server) = of_two_callers(&format!(
        "limits: {{maxInFlight: 4}}\nlocator: {{baseUrl: \"{}\"}}",
        site.url
    ));
    let call = |token, number: usize| {
        let client = by(&server, token);
        let number = format!("A90000000{number}");
        let arguments = json!({"alien_number": number, "country_of_birth": "Guatemala"});
        async move { client.call(BY_NUMBER, arguments).await }
    };
    let held: Vec<_> = (0..2)
        .map(|number| tokio::spawn(call(ANA, number)))
        .collect();
    under_way(&server, 2).await;
    let third = call(ANA, 2).await;
    assert_eq!(third.status, 503);
    assert_eq!(third.headers["retry-after"], "1");
    let of_another = tokio::spawn(call(LUZ, 3));
    under_way(&server, 3).await;
    for token in [ANA, LUZ] {
        let ping = by(&server, token).request("ping", json!({})).await;
        assert_eq!(ping.status, 200);
    }
    site.let_go();
    for call in held.into_iter().chain([of_another]) {
        assert_eq!(call.await.unwrap().answer()["outcome"], "unavailable");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_connect_and_say_nothing_shut_nobody_out() {
    begin();
    let (_secrets, server) = of_two_callers("");
    // Before those who say nothing are sent away.
    let promptly = Duration::from_secs(8);
    for url in [&server.client.url, &format!("{}/livez", server.watch)] {
        let url: reqwest::Url = url.parse().unwrap();
        let address = (url.host_str().unwrap(), url.port().unwrap());
        let mut silent = Vec::new();
        for _ in 0..1_100 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        if url.path() == "/livez" {
            let live = timeout(promptly, reqwest::get(url)).await;
            assert_eq!(live.unwrap().unwrap().status(), 200);
        } else {
            let call = timeout(promptly, by(&server, ANA).initialize()).await;
            assert_eq!(call.unwrap().status, 200);
        }
        drop(silent);
    }
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

    let reply = server.client.call(BY_NUMBER, arguments).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.headers["retry-after"], "1");
    assert_eq!(reply.error_code(), -32000);
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
    server.until_metric(IN_FLIGHT, |calls| calls < 0.5).await;
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

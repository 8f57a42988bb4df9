//! Streamable HTTP: both generations of the protocol, sessions, what is refused.

use serde_json::{Value, json};

use crate::support::client::{Client, LEGACY};
use crate::support::process::Process;
use crate::support::{Scratch, Server, Simulator, begin, value};

const NOWHERE: &str = "http://127.0.0.1:1";
const BY_NAME: &str = "search_detainee_by_name";
const BY_NUMBER: &str = "search_detainee_by_alien_number";
const TOOLS: [&str; 5] = [
    BY_NAME,
    BY_NUMBER,
    "smart_detainee_search",
    "bulk_search_detainees",
    "generate_search_report",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_older_version_opens_with_initialize_and_gets_its_own_version_back() {
    begin();
    let server = Server::start(NOWHERE);
    for version in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        let client = server.client.header("mcp-protocol-version", version);
        let reply = client.initialize().await;
        assert_eq!(reply.status, 200);
        let result = reply.result();
        assert_eq!(result["protocolVersion"], version);
        assert_eq!(result["serverInfo"]["name"], "icelocator");
        let client = client.header("mcp-session-id", &reply.session().unwrap());
        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        assert_eq!(client.send(initialized.to_string()).await.status, 202);
        assert_eq!(
            tool_names(&client.request("tools/list", json!({})).await.result()),
            TOOLS
        );
        assert_eq!(client.request("ping", json!({})).await.result(), json!({}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_version_is_answered_with_one_that_is_spoken_over_http() {
    begin();
    let server = Server::start(NOWHERE);
    let reply = server
        .client
        .header("mcp-protocol-version", "2024-11-05")
        .initialize()
        .await;
    assert_eq!(reply.result()["protocolVersion"], "2025-11-25");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_version_needs_no_opening() {
    begin();
    let server = Server::start(NOWHERE);
    let client = server.client.modern();
    let found = client.request("server/discover", json!({})).await.result();
    let versions = found["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!("2026-07-28")) && !versions.contains(&json!("2024-11-05")));
    assert_eq!(
        tool_names(&client.request("tools/list", json!({})).await.result()),
        TOOLS
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_say_what_they_take_and_give() {
    begin();
    let server = Server::start(NOWHERE);
    let reply = server.client.request("tools/list", json!({})).await;
    // Every model reads it at every start.
    let size = reply.body.len();
    assert!(size < 40_000 && !reply.body.contains('\n'), "{size} bytes");
    let tools = reply.result();
    insta::assert_json_snapshot!(tools);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_read_back_by_another_server_with_the_same_key() {
    begin();
    let scratch = Scratch::new();
    let key = scratch.write("key", [7; 32]);
    let [one, other] = [(); 2].map(|()| Server::with(NOWHERE, "", &["--session-key", &key]));
    let session = one.client.initialize().await.session().unwrap();
    let reply = other
        .client
        .header("mcp-session-id", &session)
        .request("tools/list", json!({}))
        .await;
    assert_eq!(reply.status, 200);
    // The client said its name to the one server only; the other one knows it from the session.
    other
        .client
        .header("mcp-session-id", &session)
        .call(BY_NUMBER, json!({"alien_number": "?"}))
        .await;
    other
        .process
        .says(&["call ended", r#""icelocator.client":"claude""#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_ours_makes_the_client_initialize_again() {
    begin();
    let server = Server::start(NOWHERE);
    let session = server.client.initialize().await.session().unwrap();
    let mut tampered = session.clone();
    let last = if tampered.pop() == Some('A') {
        'B'
    } else {
        'A'
    };
    // The last character may carry unused bits only; the first one never does.
    tampered.replace_range(..1, if tampered.starts_with('x') { "y" } else { "x" });
    tampered.push(last);
    for id in [tampered.as_str(), "unheard-of"] {
        let client = server.client.header("mcp-session-id", id);
        let reply = client.request("tools/list", json!({})).await;
        assert_eq!(reply.status, 404, "{reply:?}");
        assert_eq!(reply.error_code(), -32001);
        // Initialising again works with the stale id still in the header, as some clients do.
        assert!(client.initialize().await.session().is_some());
    }
    // Newer clients know no sessions: a stale id does not stop them.
    let modern = server
        .client
        .modern()
        .header("mcp-session-id", "unheard-of");
    assert_eq!(modern.request("tools/list", json!({})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_is_handed_out_for_an_initialize_that_failed() {
    begin();
    let server = Server::start(NOWHERE);
    let reply = server.client.request("initialize", json!({})).await;
    assert!(reply.session().is_none(), "{reply:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_tool_and_an_unknown_method_are_protocol_errors() {
    begin();
    let server = Server::start(NOWHERE);
    let reply = server.client.call("search_everyone", json!({})).await;
    assert_eq!(reply.error_code(), -32602);
    assert!(
        reply.body.contains(BY_NAME),
        "says which tools there are: {reply:?}"
    );
    assert_eq!(
        server
            .client
            .request("detainees/dump", json!({}))
            .await
            .error_code(),
        -32601
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_json_is_refused() {
    begin();
    let server = Server::start(NOWHERE);
    for (body, code) in [
        ("", -32700),
        ("{", -32700),
        ("\u{0}", -32700),
        ("planted", -32700),
        ("null", -32600),
        ("[]", -32600),
        ("{}", -32600),
    ] {
        let reply = server.client.send(body).await;
        assert_eq!(reply.status, 400, "{body:?}: {reply:?}");
        assert_eq!(reply.error_code(), code, "{body:?}: {reply:?}");
        let message = reply.json();
        assert_eq!(message["id"], Value::Null);
        assert_eq!(message["jsonrpc"], "2.0");
        assert!(!reply.body.contains("planted"), "{reply:?}");
    }
    let form = server.client.header("content-type", "text/plain");
    assert_eq!(form.send("{}").await.status, 415);
    // And is still there afterwards.
    assert_eq!(server.client.initialize().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_anything_is_answered_and_who_takes_too_little_is_not() {
    begin();
    let server = Server::start(NOWHERE);
    for (accept, status) in [
        ("*/*", 200),
        ("text/html, */*", 200),
        ("application/json", 406),
        ("text/html", 406),
    ] {
        let client = server.client.header("accept", accept);
        assert_eq!(client.initialize().await.status, status, "{accept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_posts_are_taken() {
    begin();
    let server = Server::start(NOWHERE);
    let http = reqwest::Client::new();
    for request in [
        http.get(&server.client.url),
        http.delete(&server.client.url),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], "POST");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_host_may_not_call() {
    begin();
    let server = Server::start(NOWHERE);
    let own = server.client.url.trim_end_matches("/mcp").to_owned();
    assert_eq!(
        server
            .client
            .header("origin", &own)
            .initialize()
            .await
            .status,
        200
    );
    for foreign in ["http://evil.example", "null"] {
        let reply = server.client.header("origin", foreign).initialize().await;
        assert_eq!(reply.status, 403, "{foreign}");
    }
    let rebound = server.client.header("host", "icelocator.local");
    let rebound = rebound.header("origin", "http://icelocator.local");
    assert_eq!(rebound.initialize().await.status, 403);
    // A Service, an Ingress, a port-forward: programs reach us under any name.
    assert_eq!(
        server
            .client
            .header("host", "icelocator.example")
            .initialize()
            .await
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_ones_own_machine_has_no_name_that_could_be_announced() {
    begin();
    let process = Process::start(&[
        "serve",
        "--base-url",
        NOWHERE,
        "--anonymous",
        "--listen",
        "127.0.0.1:0",
        "--metrics-listen",
        "127.0.0.1:0",
    ]);
    let client = Client::new(&format!("http://{}/mcp", process.address("taking calls")));
    for (host, status) in [
        ("localhost", 200),
        ("icelocator.local", 403),
        ("icelocator.local.svc", 403),
    ] {
        let page = client.header("host", host);
        let page = page.header("origin", &format!("http://{host}"));
        assert_eq!(page.initialize().await.status, status, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_argument_that_cannot_be_used_is_named_with_what_it_must_be() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let good = json!({"first_name": "Ana", "last_name": "Paz", "country_of_birth": "Guatemala"});
    let with = |field: &str, value: Value| {
        let mut arguments = good.clone();
        arguments[field] = value;
        (BY_NAME, field.to_owned(), arguments)
    };
    let number = |value: Value| {
        (
            BY_NUMBER,
            "alien_number".to_owned(),
            json!({"alien_number": value, "country_of_birth": "Guatemala"}),
        )
    };
    let cases = [
        with("first_name", json!(null)),
        with("first_name", json!(7)),
        with("first_name", json!("R2D2-Zork")),
        with("last_name", json!("   ")),
        with("last_name", json!("x".repeat(101))),
        with("middle_name", json!(["a"])),
        with("date_of_birth", json!("15/05/1990")),
        with("date_of_birth", json!("1990-02-30")),
        with("date_of_birth", json!("2990-01-01")),
        with("country_of_birth", json!(502)),
        with("language", json!("zork")),
        with("fuzzy_search", json!("zork")),
        number(json!("A12345678901")),
        number(json!("zork")),
        number(json!("")),
        number(json!(123_456_789)),
    ];
    for (tool, field, arguments) in cases {
        let reply = server.client.call(tool, arguments.clone()).await;
        let result = reply.result();
        assert_eq!(result["isError"], true, "{arguments}: {reply:?}");
        let answer = reply.answer();
        assert_eq!(answer["outcome"], "invalid", "{arguments}");
        assert_eq!(answer["invalid"]["field"], field, "{arguments}: {answer}");
        assert!(!answer["invalid"]["expected"].as_str().unwrap().is_empty());
        assert!(
            !reply.body.to_lowercase().contains("zork"),
            "the value came back: {reply:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_of_another_name_is_told_by_ours_and_not_repeated() {
    begin();
    let server = Server::start(NOWHERE);
    for (name, meant) in [
        ("firstName", json!("first_name")),
        ("nombre", json!("first_name")),
        ("planted-zork", json!(null)),
    ] {
        let arguments = json!({name: "Ana", "last_name": "Paz"});
        let reply = server.client.call(BY_NAME, arguments).await;
        let invalid = &reply.answer()["invalid"];
        assert_eq!(invalid["suggestion"], meant, "{reply:?}");
        assert_eq!(invalid["field"], meant, "{reply:?}");
        assert!(!reply.body.contains(name), "{reply:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_are_no_object_are_wrong_arguments_of_a_known_method() {
    begin();
    let server = Server::start(NOWHERE);
    for client in [server.client.clone(), server.client.modern()] {
        for arguments in [json!([]), json!("zork"), json!(7)] {
            let reply = client.call(BY_NAME, arguments).await;
            assert_eq!(reply.error_code(), -32602, "{reply:?}");
            assert!(
                reply.body.contains("arguments must be an object"),
                "{reply:?}"
            );
            assert!(!reply.body.contains("zork"), "{reply:?}");
        }
        let reply = client.request("resources/read", json!({"uri": 7})).await;
        assert_eq!(reply.error_code(), -32602, "{reply:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_country_is_asked_for_when_the_site_wants_one() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    for (tool, arguments) in [
        (
            BY_NAME,
            json!({"first_name": "Ana", "last_name": "Paz", "language": "es"}),
        ),
        (
            BY_NUMBER,
            json!({"alien_number": "A12345678", "language": "es"}),
        ),
    ] {
        let answer = server.client.call(tool, arguments).await.answer();
        assert_eq!(answer["outcome"], "invalid");
        assert_eq!(answer["invalid"]["field"], "country_of_birth");
        assert_eq!(answer["invalid"]["missing"], true);
        assert!(
            answer["invalid"]["expected"]
                .as_str()
                .unwrap()
                .contains("país de nacimiento")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_by_names_of_ours_only() {
    begin();
    let server = Server::start(NOWHERE);
    server.client.initialize().await;
    server
        .client
        .call(BY_NUMBER, json!({"alien_number": "?"}))
        .await;
    server.client.request("detainees/dump", json!({})).await;
    let metrics = server.metrics().await;
    let count = "mcp_server_operation_duration_seconds_count";
    let version = format!("protocol=\"{LEGACY}\"");
    let calls = [
        "icelocator_client_calls_total",
        "client=\"claude\"",
        &version,
    ];
    assert!(
        value(&metrics, &[count, "mcp_method_name=\"initialize\""]) > 0.0
            && value(&metrics, &calls) > 0.0,
        "{metrics}"
    );
    assert!(
        value(&metrics, &[count, "error_type=\"tool_error\"", BY_NUMBER]) > 0.0,
        "{metrics}"
    );
    assert!(
        value(
            &metrics,
            &[
                count,
                "mcp_method_name=\"other\"",
                "rpc_response_status_code=\"-32601\""
            ]
        ) > 0.0,
        "{metrics}"
    );
    assert!(
        value(
            &metrics,
            &[
                "icelocator_searches_total",
                "outcome=\"invalid\"",
                "language=\"en\""
            ]
        ) > 0.0,
        "{metrics}"
    );
    assert!(!metrics.contains("detainees/dump"));
}

fn tool_names(result: &Value) -> Vec<&str> {
    result["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect()
}

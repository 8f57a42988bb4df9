//! Nothing that a caller wrote or was told leaves by logs, traces or metrics.

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::collector::Collector;
use crate::support::people::KNOWN;
use crate::support::{Server, Simulator, begin};

const BY_NAME: &str = "search_detainee_by_name";
const BY_NUMBER: &str = "search_detainee_by_alien_number";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Something that is nobody's name, planted wherever a caller can write.
const PLANTED: &str = "Zorkovich";
/// As above, where only digits fit.
const NUMBER: &str = "A987654321";
const DATE: &str = "1931-07-29";

/// Calls with planted values in every place, well and badly formed, and then two whose results name somebody.
async fn plant(server: &Server) {
    plant_before_a_session(server).await;
    let session = server.client.initialize().await.session().unwrap();
    let client = planted_headers(&server.client)
        .header("mcp-session-id", &session)
        .meta(&json!({
            "traceparent": TRACEPARENT,
            "tracestate": format!("vendor={PLANTED}"),
            "baggage": format!("who={PLANTED}"),
            "progressToken": PLANTED,
            PLANTED: PLANTED,
        }));
    for (tool, arguments) in planted_arguments() {
        client.call(tool, arguments.clone()).await;
        client.modern().call(tool, arguments).await;
    }
    client.request(PLANTED, json!({PLANTED: PLANTED})).await;
    for body in planted_bodies() {
        client.send(body).await;
    }
    for (tool, arguments) in [(BY_NUMBER, KNOWN.by_number()), (BY_NAME, KNOWN.by_name())] {
        let found = client.call(tool, arguments).await;
        assert_eq!(found.answer()["outcome"], "found", "{found:?}");
        assert!(found.body.contains(KNOWN.facility), "{found:?}");
    }
}

async fn plant_before_a_session(server: &Server) {
    let who = json!({"name": PLANTED, "version": NUMBER});
    let capabilities = json!({"experimental": {PLANTED: {}}});
    let params =
        json!({"protocolVersion": PLANTED, "capabilities": capabilities, "clientInfo": who});
    server.client.request("initialize", params).await;
    for (header, value) in [
        ("mcp-session-id", PLANTED.to_owned()),
        ("mcp-protocol-version", PLANTED.to_owned()),
        ("mcp-method", PLANTED.to_owned()),
        ("origin", format!("http://{PLANTED}.example")),
        ("host", format!("{PLANTED}.example")),
    ] {
        let client = planted_headers(&server.client).header(header, &value);
        client.request("tools/list", json!({})).await;
    }
}

fn planted_headers(client: &Client) -> Client {
    client
        .header("tracestate", &format!("vendor={PLANTED}"))
        .header("baggage", &format!("who={PLANTED}"))
        .header("traceparent", TRACEPARENT)
        .header("user-agent", PLANTED)
        .header("referer", PLANTED)
}

fn planted_arguments() -> Vec<(&'static str, Value)> {
    let with = |field: &str, value: &str| {
        let mut arguments =
            json!({"first_name": "Ana", "last_name": "Paz", "country_of_birth": "Guatemala"});
        arguments[field] = json!(value);
        (BY_NAME, arguments)
    };
    let number = |number: &str, country: &str| {
        (
            BY_NUMBER,
            json!({"alien_number": number, "country_of_birth": country}),
        )
    };
    let whole = json!({
        "first_name": PLANTED, "middle_name": PLANTED, "last_name": PLANTED,
        "date_of_birth": DATE, "country_of_birth": "Guatemala",
    });
    vec![
        (BY_NAME, whole),
        with("first_name", "Zorkovich7"),
        with("last_name", PLANTED),
        with("date_of_birth", PLANTED),
        with("country_of_birth", PLANTED),
        with("language", PLANTED),
        with("fuzzy_search", PLANTED),
        with(PLANTED, PLANTED),
        number(NUMBER, "Guatemala"),
        number(NUMBER, PLANTED),
        number(PLANTED, "Guatemala"),
        (PLANTED, json!({})),
    ]
}

fn planted_bodies() -> Vec<String> {
    let call = json!({"name": BY_NAME, "arguments": PLANTED});
    let cancel = json!({"requestId": PLANTED, "reason": PLANTED});
    let mut bodies = [
        json!({"jsonrpc": "2.0", "id": PLANTED, "method": "tools/list"}),
        json!({"jsonrpc": "2.0", "id": 987_654_321, "method": "tools/list"}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": PLANTED}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}),
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel}),
        json!({"jsonrpc": "2.0", "id": 1, "result": {PLANTED: PLANTED}}),
    ]
    .map(|body| body.to_string())
    .to_vec();
    bodies.push(format!("{{\"{PLANTED}\""));
    bodies
}

fn assert_clean(place: &str, text: &str) {
    let folded = text.to_lowercase();
    let mut secrets = KNOWN.secrets();
    secrets.extend([PLANTED, &NUMBER[1..], DATE].map(str::to_owned));
    for secret in secrets {
        assert!(
            !folded.contains(&secret.to_lowercase()),
            "{secret} left by {place}:\n{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_leaves_by_logs_traces_or_metrics() {
    begin();
    let simulator = Simulator::start();
    let collector = Collector::start().await;
    // Everything is logged that there is, libraries' innermost included.
    let mut server = Server::with(
        &simulator.url,
        &collector.settings("grpc"),
        &["--log-filter", "trace"],
    );
    plant(&server).await;
    let metrics = server.metrics().await;
    server.process.signal("TERM");
    assert!(server.process.end().success());

    let log = server.process.log();
    for target in ["icelocator_server", "rmcp", "hyper", "h2"] {
        assert!(
            log.contains(&format!("\"target\":\"{target}")),
            "{target} was not heard"
        );
    }
    assert_clean("the log", &log);
    assert!(metrics.contains("icelocator_searches_total"));
    assert_clean("the metrics", &metrics);
    let sent = collector.everything();
    for name in [
        "icelocator.search",
        "icelocator.upstream",
        "mcp.server.operation.duration",
    ] {
        assert!(sent.contains(name), "{name} was not sent");
    }
    assert_clean("the traces", &sent);
}

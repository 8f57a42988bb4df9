//! Nothing that a caller wrote or was told leaves by logs, traces or metrics.

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::collector::Collector;
use crate::support::people::{KNOWN, holds};
use crate::support::{Server, Simulator, begin};

const BY_NAME: &str = "search_detainee_by_name";
const BY_NUMBER: &str = "search_detainee_by_alien_number";
const BULK: &str = "bulk_search_detainees";
const REPORT: &str = "generate_search_report";
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
    for (method, params) in planted_requests() {
        client.request(method, params.clone()).await;
        client.modern().request(method, params).await;
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

pub fn planted_arguments() -> Vec<(&'static str, Value)> {
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
        (
            BULK,
            json!({"requests": [planted_request(), {"alien_number": NUMBER, "country_of_birth": "Guatemala"}, PLANTED]}),
        ),
        (BULK, json!({"requests": PLANTED, PLANTED: PLANTED})),
        (
            REPORT,
            json!({"report_type": "legal", "criteria": planted_request(), "results": [planted_result()]}),
        ),
        (
            REPORT,
            json!({"report_type": "family", "format": "html", "requests": [planted_request()]}),
        ),
        (
            REPORT,
            json!({"report_type": PLANTED, "results": [{PLANTED: PLANTED}]}),
        ),
    ]
}

fn planted_request() -> Value {
    json!({"first_name": PLANTED, "last_name": PLANTED, "country_of_birth": "Guatemala"})
}

fn planted_result() -> Value {
    let facility = json!({"name": PLANTED, "phone": PLANTED, "url": PLANTED});
    let person = json!({"name": PLANTED, "alien_number": NUMBER, "date_of_birth": DATE, "facility": facility});
    json!({"outcome": "found", "as_of": "2026-11-23T10:00:00Z", "people": [person]})
}

/// What is asked of prompts, resources and completions.
pub fn planted_requests() -> Vec<(&'static str, Value)> {
    let guide = "detainee_search_guide";
    let reference = json!({"type": "ref/prompt", "name": guide});
    let place = json!({"uri": format!("ice://facilities/database?name={PLANTED}")});
    vec![
        (
            "prompts/get",
            json!({"name": guide, "arguments": {"country_of_birth": PLANTED}}),
        ),
        (
            "prompts/get",
            json!({"name": guide, "arguments": {PLANTED: PLANTED}}),
        ),
        ("prompts/get", json!({"name": PLANTED})),
        ("resources/read", place),
        ("resources/read", json!({"uri": format!("ice://{PLANTED}")})),
        (
            "resources/read",
            json!({"uri": format!("ice://service/status?{PLANTED}={PLANTED}")}),
        ),
        (
            "completion/complete",
            json!({"ref": reference, "argument": {"name": "country_of_birth", "value": PLANTED}}),
        ),
        (
            "completion/complete",
            json!({"ref": reference, "argument": {"name": PLANTED, "value": PLANTED}}),
        ),
    ]
}

pub fn planted_bodies() -> Vec<String> {
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
    let mut secrets = KNOWN.secrets();
    secrets.extend([PLANTED, &NUMBER[1..], DATE].map(str::to_owned));
    for secret in secrets {
        assert!(!holds(text, &secret), "{secret} left by {place}:\n{text}");
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
        "POST search",
        "mcp.server.operation.duration",
    ] {
        assert!(sent.contains(name), "{name} was not sent");
    }
    assert_clean("the traces", &sent);
}

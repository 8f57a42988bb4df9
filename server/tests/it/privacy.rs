//! Nothing that a caller wrote or was told leaves by logs, traces or metrics.

use serde_json::{Value, json};

use crate::support::collector::Collector;
use crate::support::people::KNOWN;
use crate::support::{Server, Simulator, begin};

/// Something that is nobody's name, planted wherever a caller can write.
const PLANTED: &str = "Zorkovich";
/// As above, where only digits fit.
const NUMBER: &str = "A987654321";
const DATE: &str = "1931-07-29";

/// Calls with planted values in every place, well and badly formed, and then one whose result names somebody.
async fn plant(server: &Server) {
    let client = server
        .client
        .header("tracestate", &format!("vendor={PLANTED}"))
        .header("baggage", &format!("who={PLANTED}"))
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        .header("user-agent", PLANTED)
        .header("referer", PLANTED)
        .header("mcp-session-id", PLANTED);
    client.request("tools/list", json!({})).await;

    let client = client.meta(&json!({
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "tracestate": format!("vendor={PLANTED}"),
        "baggage": format!("who={PLANTED}"),
        "progressToken": PLANTED,
        PLANTED: PLANTED,
    }));
    let client = {
        let session = server.client.initialize().await.session().unwrap();
        client.header("mcp-session-id", &session)
    };
    let name = |first: &str, last: &str, more: Value| {
        let mut arguments =
            json!({"first_name": first, "last_name": last, "country_of_birth": "Guatemala"});
        arguments
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        arguments
    };
    let by_name = "search_detainee_by_name";
    let by_number = "search_detainee_by_alien_number";
    for (tool, arguments) in [
        (
            by_name,
            name(
                PLANTED,
                PLANTED,
                json!({"middle_name": PLANTED, "date_of_birth": DATE}),
            ),
        ),
        (by_name, name(PLANTED, "R2D2", json!({}))),
        (
            by_name,
            name("Ana", "Paz", json!({"date_of_birth": PLANTED})),
        ),
        (
            by_name,
            name("Ana", "Paz", json!({"country_of_birth": PLANTED})),
        ),
        (by_name, name("Ana", "Paz", json!({"language": PLANTED}))),
        (
            by_name,
            name("Ana", "Paz", json!({"fuzzy_search": PLANTED})),
        ),
        (by_name, name("Ana", "Paz", json!({PLANTED: PLANTED}))),
        (
            by_number,
            json!({"alien_number": NUMBER, "country_of_birth": "Guatemala"}),
        ),
        (
            by_number,
            json!({"alien_number": PLANTED, "country_of_birth": PLANTED}),
        ),
        (PLANTED, json!({})),
    ] {
        client.call(tool, arguments.clone()).await;
        client.modern().call(tool, arguments).await;
    }
    client.request(PLANTED, json!({PLANTED: PLANTED})).await;
    for body in [
        json!({"jsonrpc": "2.0", "id": PLANTED, "method": "tools/list"}).to_string(),
        json!({"jsonrpc": "2.0", "id": 987_654_321, "method": "tools/list"}).to_string(),
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": PLANTED}).to_string(),
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": by_name, "arguments": PLANTED}}).to_string(),
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": PLANTED, "reason": PLANTED}}).to_string(),
        json!({"jsonrpc": "2.0", "id": 1, "result": {PLANTED: PLANTED}}).to_string(),
        format!("{{\"{PLANTED}\""),
    ] {
        client.send(body).await;
    }
    let who = json!({"name": PLANTED, "version": NUMBER});
    let params = json!({"protocolVersion": PLANTED, "capabilities": {"experimental": {PLANTED: {}}}, "clientInfo": who});
    server.client.request("initialize", params).await;
    server
        .client
        .header("mcp-protocol-version", PLANTED)
        .request("tools/list", json!({}))
        .await;
    server
        .client
        .header("origin", &format!("http://{PLANTED}.example"))
        .request("tools/list", json!({}))
        .await;

    let found = client.call(by_number, KNOWN.by_number()).await;
    assert_eq!(found.answer()["outcome"], "found", "{found:?}");
    let found = client.call(by_name, KNOWN.by_name()).await;
    assert_eq!(found.answer()["outcome"], "found", "{found:?}");
}

fn secrets() -> Vec<String> {
    let mut secrets = KNOWN.secrets();
    secrets.extend([PLANTED, NUMBER, &NUMBER[1..], DATE].map(str::to_owned));
    secrets
}

fn assert_clean(place: &str, text: &str) {
    let folded = text.to_lowercase();
    for secret in secrets() {
        assert!(
            !folded.contains(&secret.to_lowercase()),
            "{secret} left by {place}:\n{text}"
        );
    }
}

async fn run(site: &str) {
    let collector = Collector::start().await;
    // Everything is logged that there is, libraries' innermost included.
    let mut server = Server::with(
        site,
        &collector.settings("grpc"),
        &["--log-filter", "trace"],
    );
    plant(&server).await;
    let metrics = server.metrics().await;
    server.process.signal("TERM");
    assert!(server.process.end().success());

    let log = server.process.log();
    assert!(
        log.contains("call ended") && log.contains("rmcp"),
        "the log was on"
    );
    assert_clean("the log", &log);
    assert!(metrics.contains("icelocator_searches_total"));
    assert_clean("the metrics", &metrics);
    let sent = collector.everything();
    assert!(sent.contains("icelocator.search") && sent.contains("mcp.server.operation.duration"));
    assert_clean("the traces", &sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_leaves_by_logs_traces_or_metrics() {
    begin();
    let simulator = Simulator::start();
    run(&simulator.url).await;
}

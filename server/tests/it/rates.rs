//! How much may be asked in a time, and what of the settings takes effect in a running server.

use std::process::Command;

use serde_json::json;

use crate::support::process::Process;
use crate::support::{Scratch, Server, begin, value};

const NOWHERE: &str = "http://127.0.0.1:1";
const BY_NUMBER: &str = "search_detainee_by_alien_number";

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_much_is_told_when_to_come_back() {
    begin();
    let limits = "limits: {perCaller: {requestsPerMinute: 1, burst: 2}}";
    let server = Server::with(NOWHERE, limits, &[]);
    for _ in 0..2 {
        let reply = server.client.call(BY_NUMBER, json!({})).await;
        assert_eq!(reply.status, 200);
    }
    // A session of one's own does not make another caller.
    let reply = server.client.call(BY_NUMBER, json!({})).await;
    assert_eq!(reply.status, 429);
    let seconds: u64 = reply.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(reply.error_code(), -32000);
    assert_eq!(reply.json()["error"]["data"]["retryAfterSeconds"], seconds);
    let metrics = server.metrics().await;
    assert!(
        value(
            &metrics,
            &["icelocator_limits_refused_total", "limit=\"caller\""]
        ) > 0.0
    );
    assert!(
        value(
            &metrics,
            &[
                "operation_duration_seconds_count",
                "error_type=\"429\"",
                BY_NUMBER
            ]
        ) > 0.0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_has_a_limit_where_the_settings_say_nothing_of_it() {
    begin();
    let server = Server::with(NOWHERE, "limits: {}", &[]);
    for number in 0..20 {
        let reply = server.client.call(BY_NUMBER, json!({})).await;
        assert_eq!(reply.status, 200, "{number}");
    }
    // A call comes back each second.
    let calls = (0..10).map(|_| server.client.call(BY_NUMBER, json!({})));
    let replies = futures::future::join_all(calls).await;
    assert!(replies.iter().any(|reply| reply.status == 429));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tools_limit_leaves_the_rest_alone() {
    begin();
    let limits = format!("limits: {{perTool: {{{BY_NUMBER}: {{requestsPerMinute: 1}}}}}}");
    let server = Server::with(NOWHERE, &limits, &[]);
    assert_eq!(server.client.call(BY_NUMBER, json!({})).await.status, 200);
    assert_eq!(server.client.call(BY_NUMBER, json!({})).await.status, 429);
    let other = server
        .client
        .call("search_detainee_by_name", json!({}))
        .await;
    assert_eq!(other.status, 200);
    assert_eq!(server.client.initialize().await.status, 200);
    // Whatever a message says twice, the limit is not got round by it.
    for body in [
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{{"name":"{BY_NUMBER}","arguments":{{}}}}}}"#
        ),
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"x","name":"{BY_NUMBER}","arguments":{{}}}}}}"#
        ),
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{}},"params":{{"name":"{BY_NUMBER}","arguments":{{}}}}}}"#
        ),
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"clientInfo":0,"clientInfo":0,"name":"{BY_NUMBER}","arguments":{{}}}}}}"#
        ),
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"protocolVersion":"x","protocolVersion":"y","name":"{BY_NUMBER}","arguments":{{}}}}}}"#
        ),
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"_meta":{{}},"_meta":{{}},"name":"{BY_NUMBER}","arguments":{{}}}}}}"#
        ),
        format!(
            r#"[{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{BY_NUMBER}","arguments":{{}}}}}}]"#
        ),
    ] {
        let reply = server.client.send(body.clone()).await;
        assert!(
            !reply.body.contains("structuredContent"),
            "{body}: {reply:?}"
        );
    }
}

#[test]
fn a_limit_for_a_tool_that_there_is_not_keeps_the_server_from_starting() {
    let scratch = Scratch::new();
    let file = scratch.write(
        "settings.yaml",
        "configVersion: 1\nauth: {anonymous: true}\nlocator: {baseUrl: \"http://a\"}\nlimits: {perTool: {search: {requestsPerMinute: 1}}}\n",
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_icelocator-server"));
    let mut process = Process::spawn(command.args(["serve", "--settings", &file]));
    assert!(!process.end().success());
    let log = process.log();
    assert!(
        log.contains("limits.perTool[search]") && log.contains(BY_NUMBER),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn new_limits_take_effect_in_the_running_server_and_broken_ones_do_not() {
    begin();
    let server = Server::with(NOWHERE, "limits: {}", &[]);
    let limit = async |expected: f64| {
        let is_so = |shown: f64| (shown - expected).abs() < 0.1;
        server
            .until_metric(&["icelocator_calls_limit"], is_so)
            .await;
    };
    limit(64.0).await;
    let first = server.settings();
    let limits = "limits: {maxInFlight: 7, perCaller: {requestsPerMinute: 1, burst: 1}}";
    server.rewrite(&first.replace("limits: {}", limits));
    limit(7.0).await;
    assert_eq!(server.client.call(BY_NUMBER, json!({})).await.status, 200);
    assert_eq!(server.client.call(BY_NUMBER, json!({})).await.status, 429);
    server.rewrite("nonsense");
    server.process.says(&["cannot be used"]);
    server.rewrite(&format!(
        "{first}telemetry: {{otlp: {{endpoint: \"http://127.0.0.1:1\", protocol: grpc}}}}\n"
    ));
    server.process.says(&["need a restart"]);
    limit(7.0).await;
    server.rewrite(&first);
    limit(64.0).await;
    let metrics = server.metrics().await;
    for (result, count) in [("applied", 2.0), ("broken", 1.0), ("restart_needed", 1.0)] {
        let counted = value(&metrics, &["icelocator_settings_reloads_total", result]);
        assert!((counted - count).abs() < 0.1, "{result}: {counted}");
    }
}

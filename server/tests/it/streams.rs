//! Answers that come as a stream.

use serde_json::json;

use crate::support::held_site::HeldSite;
use crate::support::people::KNOWN;
use crate::support::wait::until;
use crate::support::{Server, begin, value};

const BY_NUMBER: &str = "search_detainee_by_alien_number";

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_holds_its_place_until_its_client_leaves_and_ends_the_call_then() {
    begin();
    let site = HeldSite::start().await;
    let server = Server::with(&site.url, "limits: {maxInFlight: 1}", &[]);
    let params = json!({
        "name": BY_NUMBER, "arguments": KNOWN.by_number(), "_meta": {"progressToken": 7},
    });
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let response = server.client.open(body.to_string()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let another = server.client.call(BY_NUMBER, KNOWN.by_number()).await;
    assert_eq!(another.status, 503);
    // The one that found no place has ended, too: with 503.
    let of_tool = ["operation_duration_seconds_count", BY_NUMBER];
    let shed = ["operation_duration_seconds_count", BY_NUMBER, "\"503\""];
    let ended = |metrics: &str| value(metrics, &of_tool) - value(metrics, &shed);
    assert!(
        ended(&server.metrics().await).abs() < 0.1,
        "still under way"
    );

    drop(response);
    until(async || ended(&server.metrics().await) > 0.5).await;
    let metrics = server.metrics().await;
    let cancelled = [
        "operation_duration_seconds_count",
        BY_NUMBER,
        "error_type=\"cancelled\"",
    ];
    assert!(value(&metrics, &cancelled) > 0.0, "{metrics}");
    assert_eq!(server.client.initialize().await.status, 200);
}

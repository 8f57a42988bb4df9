//! One call, one trace, from the client to the site.

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde_json::json;

use crate::support::collector::{Collector, attribute, hex};
use crate::support::people::KNOWN;
use crate::support::{Server, Simulator, begin};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";
const HEADER_TRACE: &str = "11111111111111111111111111111111";
const HEADER_PARENT: &str = "2222222222222222";

fn named<'a>(spans: &'a [Span], name: &str) -> Option<&'a Span> {
    spans.iter().find(|span| span.name == name)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_from_the_client_to_the_site() {
    begin();
    let simulator = Simulator::start();
    for protocol in ["grpc", "http"] {
        let collector = Collector::start().await;
        let server = Server::with(&simulator.url, &collector.settings(protocol), &[]);
        let reply = server
            .client
            .meta(&json!({"traceparent": format!("00-{TRACE}-{PARENT}-00")}))
            .header(
                "traceparent",
                &format!("00-{HEADER_TRACE}-{HEADER_PARENT}-01"),
            )
            .call("search_detainee_by_alien_number", KNOWN.by_number())
            .await;
        assert_eq!(reply.answer()["outcome"], "found", "{reply:?}");

        let name = "tools/call search_detainee_by_alien_number";
        let spans = collector.wait(|spans| named(spans, name).is_some()).await;
        let server_span = named(&spans, name).unwrap();
        assert_eq!(hex(&server_span.trace_id), TRACE);
        assert_eq!(hex(&server_span.parent_span_id), PARENT);
        assert_eq!(server_span.kind, i32::from(SpanKind::Server));
        assert_eq!(server_span.links.len(), 1, "the header's context is linked");
        assert_eq!(hex(&server_span.links[0].trace_id), HEADER_TRACE);
        for (attribute_name, expected) in [
            ("mcp.method.name", "tools/call"),
            ("gen_ai.tool.name", "search_detainee_by_alien_number"),
            ("gen_ai.operation.name", "execute_tool"),
            ("mcp.protocol.version", "2025-06-18"),
            ("network.transport", "tcp"),
            ("network.protocol.name", "http"),
            ("icelocator.outcome", "found"),
        ] {
            assert_eq!(
                attribute(server_span, attribute_name).as_deref(),
                Some(expected),
                "{server_span:#?}"
            );
        }
        assert!(attribute(server_span, "jsonrpc.request.id").is_some());

        let search = child(&spans, server_span, "icelocator.search");
        let cache = child(&spans, search, "icelocator.cache");
        let strategy = child(&spans, cache, "icelocator.strategy");
        assert_eq!(
            attribute(strategy, "icelocator.strategy").as_deref(),
            Some("direct")
        );
        let mut upstream = 0;
        for span in spans
            .iter()
            .filter(|span| span.name == "icelocator.upstream")
        {
            assert_eq!(hex(&span.trace_id), TRACE);
            assert_eq!(span.kind, i32::from(SpanKind::Client));
            assert_eq!(
                attribute(span, "http.response.status_code").as_deref(),
                Some("200"),
                "{span:#?}"
            );
            assert!(descends(&spans, span, strategy), "{span:#?}");
            upstream += 1;
        }
        assert!(upstream >= 2, "a form and a search: {spans:#?}");
        let parse = named(&spans, "icelocator.parse").unwrap();
        assert!(descends(&spans, parse, search));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_headers_context_is_the_parent_when_the_message_says_nothing() {
    begin();
    let collector = Collector::start().await;
    let server = Server::with("http://127.0.0.1:1", &collector.settings("grpc"), &[]);
    server
        .client
        .header(
            "traceparent",
            &format!("00-{HEADER_TRACE}-{HEADER_PARENT}-01"),
        )
        .request("tools/list", json!({}))
        .await;
    let spans = collector
        .wait(|spans| named(spans, "tools/list").is_some())
        .await;
    let span = named(&spans, "tools/list").unwrap();
    assert_eq!(hex(&span.trace_id), HEADER_TRACE);
    assert_eq!(hex(&span.parent_span_id), HEADER_PARENT);
    assert!(span.links.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_marked_as_the_conventions_say() {
    begin();
    let collector = Collector::start().await;
    // Nothing is sampled: what arrives does so because it failed.
    let settings = collector
        .settings("grpc")
        .replace("protocol: grpc", "protocol: grpc, traceSampling: 0");
    let server = Server::with("http://127.0.0.1:1", &settings, &[]);
    server.client.request("tools/list", json!({})).await;
    server
        .client
        .call(
            "search_detainee_by_alien_number",
            json!({"alien_number": "?"}),
        )
        .await;
    let name = "tools/call search_detainee_by_alien_number";
    let spans = collector.wait(|spans| named(spans, name).is_some()).await;
    let span = named(&spans, name).unwrap();
    assert_eq!(attribute(span, "error.type").as_deref(), Some("tool_error"));
    let status = span.status.clone().unwrap();
    assert_eq!(status.code, i32::from(StatusCode::Error));
    assert_eq!(status.message, "", "a status says nothing in words");
    assert!(named(&spans, "tools/list").is_none(), "outside the sample");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_waiting_is_sent_at_the_end() {
    begin();
    for protocol in ["grpc", "http"] {
        let collector = Collector::start().await;
        let mut server = Server::with("http://127.0.0.1:1", &collector.settings(protocol), &[]);
        server.client.request("tools/list", json!({})).await;
        server.process.signal("TERM");
        assert!(server.process.end().success());
        assert!(
            named(&collector.spans(), "tools/list").is_some(),
            "{protocol}"
        );
        let metrics = collector.metric_names();
        assert!(
            metrics
                .iter()
                .any(|name| name == "mcp.server.operation.duration"),
            "{protocol}: {metrics:?}"
        );
    }
}

fn child<'a>(spans: &'a [Span], parent: &Span, name: &str) -> &'a Span {
    spans
        .iter()
        .find(|span| span.name == name && span.parent_span_id == parent.span_id)
        .unwrap_or_else(|| panic!("no {name} below {}: {spans:#?}", parent.name))
}

fn descends(spans: &[Span], span: &Span, ancestor: &Span) -> bool {
    let mut at = span;
    while let Some(parent) = spans
        .iter()
        .find(|other| other.span_id == at.parent_span_id)
    {
        if parent.span_id == ancestor.span_id {
            return true;
        }
        at = parent;
    }
    false
}

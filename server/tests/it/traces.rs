//! One call, one trace, from the client to the site.

use icelocator_server::observe::catalogue;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde_json::json;

use crate::support::collector::{Collector, attribute, body, hex, value};
use crate::support::inner::Site;
use crate::support::people::{KNOWN, holds};
use crate::support::wait::until;
use crate::support::{Scratch, Server, Simulator, begin};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";
const HEADER_TRACE: &str = "5b8aa5a2d2c872e8321cf37308d69df2";
const HEADER_PARENT: &str = "051581bf3cb55c13";

fn named<'a>(spans: &'a [Span], name: &str) -> Option<&'a Span> {
    spans.iter().find(|span| span.name == name)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_from_the_client_to_the_site() {
    begin();
    let site = Site::start().await;
    for protocol in ["grpc", "http"] {
        let collector = Collector::start().await;
        let server = Server::with(&site.url, &collector.settings(protocol), &[]);
        let reply = server
            .client
            .meta(&json!({
                "traceparent": format!("00-{TRACE}-{PARENT}-00"),
                "tracestate": "vendor=planted",
                "baggage": "who=planted",
            }))
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
        for (name, method, step) in [
            ("GET form", "GET", "form"),
            ("POST search", "POST", "search"),
        ] {
            let span = child(&spans, strategy, name);
            assert_eq!(hex(&span.trace_id), TRACE);
            assert_eq!(span.kind, i32::from(SpanKind::Client));
            assert_eq!(
                attribute(span, "http.response.status_code").as_deref(),
                Some("200"),
                "{span:#?}"
            );
            let of = |name| attribute(span, name);
            assert_eq!(of("http.request.method").as_deref(), Some(method));
            assert_eq!(of("icelocator.step").as_deref(), Some(step));
            assert_eq!(of("server.address").as_deref(), Some("127.0.0.1"));
            let parse = child(&spans, span, "icelocator.parse");
            assert_eq!(attribute(parse, "icelocator.result").as_deref(), Some("ok"));
        }
        for span in &spans {
            assert_eq!(hex(&span.trace_id), TRACE, "{span:#?}");
            for told in &span.attributes {
                assert!(
                    catalogue::ATTRIBUTES.contains(&told.key.as_str())
                        || ["level", "target"].contains(&told.key.as_str()),
                    "{told:?}"
                );
            }
        }
        let sent = collector.everything();
        for secret in KNOWN
            .secrets()
            .iter()
            .map(String::as_str)
            .chain(["planted"])
        {
            assert!(!holds(&sent, secret), "{secret} was sent");
        }
    }
    // The site is not ours: it is told nothing of all this.
    let headers = site.headers.lock().unwrap();
    assert!(headers.len() >= 4);
    for headers in &*headers {
        for name in ["traceparent", "tracestate", "baggage", "b3"] {
            assert!(!headers.contains_key(name), "{headers:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_and_a_resource_are_named_by_their_spans() {
    begin();
    let collector = Collector::start().await;
    let server = Server::with("http://127.0.0.1:1", &collector.settings("grpc"), &[]);
    let guide = json!({"name": "family_support_guide", "arguments": {"facility": "Planted"}});
    server.client.request("prompts/get", guide).await;
    let support = json!({"uri": "ice://support/resources?lang=en"});
    server.client.request("resources/read", support).await;
    let name = "prompts/get family_support_guide";
    let spans = collector
        .wait(|spans| named(spans, name).is_some() && named(spans, "resources/read").is_some())
        .await;
    let prompt = attribute(named(&spans, name).unwrap(), "gen_ai.prompt.name");
    assert_eq!(prompt.as_deref(), Some("family_support_guide"));
    let resource = attribute(named(&spans, "resources/read").unwrap(), "mcp.resource.uri");
    assert_eq!(resource.as_deref(), Some("ice://support/resources"));
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_logged_of_a_call_arrives_with_its_trace() {
    begin();
    let simulator = Simulator::start();
    for protocol in ["grpc", "http"] {
        let collector = Collector::start().await;
        let server = Server::with(&simulator.url, &collector.settings(protocol), &[]);
        server
            .client
            .call("search_detainee_by_alien_number", KNOWN.by_number())
            .await;
        let ended = || {
            let records = collector.records();
            records.into_iter().find(|it| body(it) == "call ended")
        };
        until(async || ended().is_some()).await;
        let record = ended().unwrap();
        let outcome = value(&record.attributes, "icelocator.outcome");
        assert_eq!(outcome.as_deref(), Some("found"));
        let name = "tools/call search_detainee_by_alien_number";
        let spans = collector.wait(|spans| named(spans, name).is_some()).await;
        assert_eq!(record.trace_id, named(&spans, name).unwrap().trace_id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_until_there_are_headers_and_whoever_asks_is_told_so() {
    begin();
    for protocol in ["grpc", "http"] {
        let (collector, secrets) = (Collector::start().await, Scratch::new());
        let settings = format!(
            "telemetry: {{otlp: {{endpoint: \"{}\", protocol: {protocol}, headersSecretRef: {{name: otlp}}}}}}",
            collector.url
        );
        let folder = secrets.path().to_str().unwrap();
        let server = Server::with("http://127.0.0.1:1", &settings, &["--secrets-dir", folder]);
        server.client.request("tools/list", json!({})).await;
        server
            .process
            .says(&["nothing is sent to the collector", "no_secret"]);
        let url = format!("{}/readyz?verbose", server.watch);
        let said = reqwest::get(url).await.unwrap().text().await.unwrap();
        assert!(said.contains("[-]otlp_traces: waiting since"), "{said}");
        // Its line names the key, and says nothing of what it holds.
        secrets.write_in("otlp", "authorization", "Bearer é-invented-0001");
        server.process.says(&[
            "bad_header_value",
            "\"icelocator.secret.key\":\"authorization\"",
        ]);
        secrets.write_in("otlp", "authorization", "Bearer invented-0002");
        collector
            .wait(|spans| named(spans, "tools/list").is_some())
            .await;
        for headers in collector.headers() {
            assert_eq!(headers["authorization"], "Bearer invented-0002");
        }
        assert!(!server.process.log().contains("invented"));
    }
}

fn child<'a>(spans: &'a [Span], parent: &Span, name: &str) -> &'a Span {
    spans
        .iter()
        .find(|span| span.name == name && span.parent_span_id == parent.span_id)
        .unwrap_or_else(|| panic!("no {name} below {}: {spans:#?}", parent.name))
}

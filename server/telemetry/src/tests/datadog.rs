//! Datadog's Agent, and what Datadog needs in log lines.

use std::time::Duration;

use opentelemetry::trace::TraceContextExt as _;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::collector::{Collector, hex, value};
use super::{PARENT, agent, at, logging, options};
use crate::parent_from;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_agent_is_sent_traces_under_the_unified_tags_and_others_are_not() {
    let (collector, agent_at) = (Collector::start().await, Collector::start().await);
    let (otlp, datadog) = (at("grpc", &collector.url), agent(&agent_at.url));
    let mut both = options(Some(&otlp));
    both.datadog = Some(&datadog);
    both.resource = vec![("k8s.pod.name", "icelocator-0".to_owned())];
    let (telemetry, _) = logging(both, || drop(tracing::info_span!("call")));
    telemetry.shutdown(Duration::from_secs(20)).await;

    let tags = &agent_at.resources()[0];
    for (name, expected) in [
        ("service.name", "locator"),
        ("deployment.environment.name", "staging"),
        ("service.version", "0"),
        ("team", "family"),
        ("k8s.pod.name", "icelocator-0"),
    ] {
        assert_eq!(value(tags, name).as_deref(), Some(expected), "{name}");
    }
    assert!(agent_at.records().is_empty() && agent_at.metric_names().is_empty());
    let tags = &collector.resources()[0];
    assert_eq!(value(tags, "service.name").as_deref(), Some("test"));
    assert_eq!(value(tags, "deployment.environment.name"), None);
    assert_eq!(value(tags, "team"), None);
    assert_eq!(collector.spans()[0].span_id, agent_at.spans()[0].span_id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_names_its_trace_as_datadog_does() {
    let agent_at = Collector::start().await;
    let datadog = agent(&agent_at.url);
    let mut only = options(None);
    only.datadog = Some(&datadog);
    let (telemetry, lines) = logging(only, || {
        let span = tracing::info_span!("call");
        let parent = parent_from(PARENT).unwrap();
        let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(parent));
        span.in_scope(|| tracing::info!("answered"));
        tracing::info!("apart");
    });
    telemetry.shutdown(Duration::from_secs(20)).await;
    let span = &agent_at.spans()[0];
    let line = &lines[0];
    assert_eq!(line["service"], "locator");
    assert_eq!(line["env"], "staging");
    assert_eq!(line["version"], "0");
    // The last 64 bits of 0af7651916cd43dd8448eb211c80319c, as a decimal number.
    assert_eq!(line["dd.trace_id"], "9532127138774266268");
    let id = u64::from_str_radix(&hex(&span.span_id), 16).unwrap();
    assert_eq!(line["dd.span_id"], id.to_string());
    assert_eq!(lines[1]["service"], "locator");
    assert!(lines[1].get("dd.trace_id").is_none());
}

#[test]
fn datadog_that_is_switched_off_leaves_no_trace() {
    let mut datadog = agent("http://127.0.0.1:9");
    datadog.enabled = false;
    let mut off = options(None);
    off.datadog = Some(&datadog);
    let (telemetry, lines) = logging(off, || tracing::info!("answered"));
    assert!(lines[0].get("service").is_none());
    assert!(telemetry.health().is_empty());
}

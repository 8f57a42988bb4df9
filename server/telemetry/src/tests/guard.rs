//! A leak behind the redactor does not leave, through whichever exit.

use std::sync::Arc;

use icelocator_config::OtlpProtocol;
use opentelemetry::trace::{
    Link, SpanContext, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanExporter as _};
use tokio_util::sync::CancellationToken;

use super::collector::{Collector, body};
use super::exporters::{dropped, health};
use super::wait::until;
use super::{Collected, PARENT, agent, at, logging, options};
use crate::exporters::Exporter;
use crate::headers::Headers;
use crate::pipeline::Pipeline;
use crate::{Guard, Options, State, parent_from};

const LONG: std::time::Duration = std::time::Duration::from_secs(20);

/// Finds one value, which stands for all that a redactor may miss.
fn finds_planted(item: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(item);
    if text.contains("A-123456789") || text.contains("123456789") {
        Some("alien_number")
    } else {
        text.contains("unforeseen").then_some("unforeseen")
    }
}

fn guarded(options: Options<'_>) -> Options<'_> {
    Options {
        guard: Guard::new(["alien_number", "phone"], finds_planted),
        ..options
    }
}

fn blocked(text: &str, sink: &str, kind: &str) -> u64 {
    let start = format!("icelocator_privacy_blocked_total{{kind=\"{kind}\",sink=\"{sink}\"}} ");
    text.lines()
        .find_map(|line| line.strip_prefix(start.as_str())?.parse().ok())
        .unwrap_or_else(|| panic!("no count for {sink}, {kind} in\n{text}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leak_is_held_back_at_every_exit_and_nothing_else_is() {
    for protocol in ["grpc", "http"] {
        let (collector, agent_at) = (Collector::start().await, Collector::start().await);
        let (otlp, datadog) = (at(protocol, &collector.url), agent(&agent_at.url));
        let mut both = guarded(options(Some(&otlp)));
        both.datadog = Some(&datadog);
        let (telemetry, lines) = logging(both, || {
            drop(tracing::info_span!("call", tool = "A-123456789"));
            // A number is looked at like a text.
            drop(tracing::info_span!("call", tool = 123_456_789));
            // What is logged within a span is part of it.
            let call = tracing::info_span!("call", tool = "search");
            call.in_scope(|| tracing::warn!(outcome = "A-123456789", "happened"));
            drop(call);
            drop(tracing::info_span!("call", tool = "search"));
            tracing::info!(tool = "A-123456789", "answered");
            tracing::info!(tool = "search", "answered");
        });
        let counter = telemetry.meter().u64_counter("some.calls").build();
        counter.add(1, &[KeyValue::new("tool", "A-123456789")]);
        counter.add(1, &[KeyValue::new("tool", "search")]);

        let text = telemetry.render();
        assert!(
            text.contains("some_calls_total{tool=\"search\"} 1"),
            "{text}"
        );
        assert!(!text.contains("123456789"), "{text}");
        for (sink, arrived) in [("otlp_traces", &collector), ("datadog_traces", &agent_at)] {
            until(async || health(&telemetry, sink).delivered == 1).await;
            assert_eq!(arrived.spans().len(), 1);
            assert_eq!(health(&telemetry, sink).state, State::Blocked);
            let signal = sink.trim_start_matches("otlp_");
            assert!((dropped(&telemetry, signal, "blocked") - 3.0).abs() < 0.1);
        }
        until(async || health(&telemetry, "otlp_logs").delivered == 1).await;
        let text = telemetry.render();
        assert_eq!(blocked(&text, "otlp_traces", "alien_number"), 3);
        assert_eq!(blocked(&text, "datadog_traces", "alien_number"), 3);
        assert_eq!(blocked(&text, "otlp_logs", "alien_number"), 2);
        assert_eq!(blocked(&text, "otlp_metrics", "alien_number"), 0);
        assert_eq!(blocked(&text, "log", "alien_number"), 2);
        assert!(blocked(&text, "prometheus", "alien_number") >= 1);
        assert_eq!(
            blocked(&text, "log", "phone"),
            0,
            "there from the beginning"
        );

        // Metrics are pushed at the end.
        telemetry.shutdown(LONG).await;
        assert_eq!(health(&telemetry, "otlp_metrics").dropped, 1);
        let bodies: Vec<_> = collector
            .records()
            .iter()
            .map(|it| body(it).to_owned())
            .collect();
        assert_eq!(bodies, ["answered"]);
        let everything = format!("{}{}", collector.everything(), agent_at.everything());
        assert!(everything.contains("some.calls"));
        assert!(!everything.contains("123456789"), "{everything}");

        let lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
        assert!(!lines.concat().contains("123456789"), "{lines:?}");
        let held: Vec<_> = lines
            .iter()
            .filter(|line| line.contains("held back"))
            .collect();
        assert_eq!(held.len(), 2, "{lines:?}");
        assert!(held[0].contains("alien_number"));
        assert!(
            lines
                .iter()
                .any(|line| line.contains("\"tool\":\"search\""))
        );
    }
}

#[tokio::test]
async fn what_comes_with_a_trace_is_looked_at_though_it_is_taken_off_before() {
    crate::install_tls();
    let collected = Collected::default();
    let provider = SdkTracerProvider::builder().with_span_processor(collected.clone());
    let tracer = provider.build().tracer("test");
    let parent = parent_from(PARENT).unwrap();
    let planted = SpanContext::new(
        parent.trace_id(),
        parent.span_id(),
        parent.trace_flags(),
        true,
        "vendor=A-123456789".parse().unwrap(),
    );
    let of_planted = Context::new().with_remote_span_context(planted.clone());
    drop(tracer.start_with_context("call", &of_planted));
    let linked = tracer
        .span_builder("call")
        .with_links(vec![Link::with_context(planted)]);
    drop(linked.start_with_context(&tracer, &Context::new()));
    drop(tracer.start_with_context("call", &Context::new()));
    let spans = collected.0.lock().unwrap().clone();
    assert_eq!(spans.len(), 3);

    let arrived = Collector::start().await;
    let guard = Guard::new(["alien_number"], finds_planted);
    let exporter = Exporter {
        pipeline: Arc::new(Pipeline::new("otlp_traces", "traces", &guard)),
        collector: crate::collector::Collector::new(
            &arrived.url.parse().unwrap(),
            OtlpProtocol::Http,
            "test",
            Headers::new(None),
            CancellationToken::new(),
        )
        .unwrap(),
        resource: Resource::builder_empty().build(),
    };
    exporter.export(spans).await.unwrap();
    assert_eq!(arrived.spans().len(), 1);
    assert!(!arrived.everything().contains("123456789"));
}

#[test]
fn a_kind_that_nobody_announced_is_counted_as_another() {
    let (telemetry, lines) = logging(guarded(options(None)), || {
        tracing::info!(tool = "unforeseen", "answered");
    });
    assert!(!lines[0].to_string().contains("unforeseen"));
    assert_eq!(blocked(&telemetry.render(), "log", "other"), 1);
}

#[test]
fn what_cannot_be_looked_at_stays() {
    let mut broken = options(None);
    broken.guard = Guard::new(["phone"], |item| {
        assert!(!item.ends_with(b"odd"), "of this kind I have never heard");
        None
    });
    let (telemetry, _) = logging(broken, || {});
    let exit = telemetry.guard().exit("agentcat");
    assert!(exit.blocks(b"odd"));
    assert!(!exit.blocks(b"even"));
    assert_eq!(blocked(&telemetry.render(), "agentcat", "other"), 1);
}

#[test]
fn others_count_in_the_same_place() {
    let (telemetry, _) = logging(guarded(options(None)), || {});
    let exit = telemetry.guard().exit("agentcat");
    assert!(exit.blocks(b"A-123456789"));
    assert!(!exit.blocks(b"nothing"));
    assert!(telemetry.guard().exit("agentcat").blocks(b"A-123456789"));
    assert_eq!(blocked(&telemetry.render(), "agentcat", "alien_number"), 2);
}

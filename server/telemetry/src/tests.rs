//! What leaves, and what does not.

use std::collections::hash_map::RandomState;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use icelocator_config::{Datadog, Otlp};
use opentelemetry::trace::{SpanContext, TraceContextExt as _, TracerProvider as _};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::allow::AllowList;
use crate::drops::{Drop, Drops};
use crate::guard::Guard;
use crate::pipeline::Pipeline;
use crate::sampling::{Share, Undecided};
use crate::spans::{Gate, Outlet};
use crate::{LabelSets, LogFormat, Options, Telemetry, parent_from};

#[path = "../../tests/it/support/collector.rs"]
mod collector;
mod datadog;
mod exporters;
mod guard;
mod headers;
mod series;
#[path = "../../tests/it/support/wait.rs"]
mod wait;

const ALLOWED: &[&str] = &["tool", "outcome"];
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[derive(Clone, Debug, Default)]
struct Collected(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Collected {
    fn on_start(&self, _: &mut Span, _: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().unwrap().push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// What came out of a gate.
struct Passed {
    drops: Arc<Drops>,
    outlets: Vec<(Collected, Arc<Pipeline>)>,
}

impl Passed {
    fn spans(&self, outlet: usize) -> Vec<SpanData> {
        self.outlets[outlet].0.0.lock().unwrap().clone()
    }
}

/// Runs `calls` with spans going through a gate with an outlet for each of `ratios`.
fn through_gates(ratios: &[f64], calls: impl FnOnce()) -> Passed {
    let drops = Arc::new(Drops::default());
    let secret = RandomState::new();
    let mut passed = Passed {
        drops: Arc::clone(&drops),
        outlets: Vec::new(),
    };
    let mut outlets = Vec::new();
    for ratio in ratios {
        let pipeline = Arc::new(Pipeline::new("test", "traces", &Guard::none()));
        let collected = Collected::default();
        passed
            .outlets
            .push((collected.clone(), Arc::clone(&pipeline)));
        outlets.push(Outlet::new(
            Share::new(*ratio, &secret),
            pipeline,
            collected,
        ));
    }
    let provider = SdkTracerProvider::builder()
        .with_span_processor(Gate {
            allow: Arc::new(AllowList::new(ALLOWED)),
            drops,
            outlets,
        })
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), calls);
    passed
}

/// Runs `calls` with spans going through a gate, and returns what came out.
fn through_a_gate(ratio: f64, calls: impl FnOnce()) -> (Vec<SpanData>, Arc<Drops>) {
    let passed = through_gates(&[ratio], calls);
    (passed.spans(0), passed.drops)
}

fn options(otlp: Option<&Otlp>) -> Options<'_> {
    Options {
        service_name: "test",
        service_version: "0",
        resource: Vec::new(),
        otlp,
        otlp_headers: None,
        datadog: None,
        guard: Guard::none(),
        label_sets: LabelSets::default(),
        allowed_attributes: ALLOWED,
        log_format: LogFormat::Json,
        log_filter: Some("trace".to_owned()),
    }
}

fn collector(protocol: &str, address: &str) -> Otlp {
    at(protocol, &format!("http://{address}"))
}

fn at(protocol: &str, url: &str) -> Otlp {
    serde_json::from_value(serde_json::json!({
        "endpoint": url, "protocol": protocol, "traceSampling": 1.0,
    }))
    .unwrap()
}

/// Datadog, with an Agent at `url`.
fn agent(url: &str) -> Datadog {
    serde_json::from_value(serde_json::json!({
        "apiKeySecretRef": {"name": "datadog", "key": "key"},
        "agent": {"endpoint": url},
        "service": "locator", "env": "staging", "tags": {"team": "family"},
    }))
    .unwrap()
}

/// Runs `calls` and returns what is left of the telemetry, and the log lines that they made.
fn logging(options: Options<'_>, calls: impl FnOnce()) -> (Telemetry, Vec<serde_json::Value>) {
    let lines = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&lines);
    let writer = Box::new(move |line: &str| sink.lock().unwrap().push_str(line));
    let (telemetry, dispatch) = crate::build(options, writer).unwrap();
    tracing::dispatcher::with_default(&dispatch, calls);
    let text = lines.lock().unwrap().clone();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (telemetry, lines.collect())
}

/// Runs `calls` and returns the log lines that they made.
fn logged(calls: impl FnOnce()) -> Vec<serde_json::Value> {
    // Spans are made for a collector only; that nobody answers here does not matter.
    let collector = collector("http", "127.0.0.1:9");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _within = runtime.enter();
    logging(options(Some(&collector)), calls).1
}

#[test]
fn an_attribute_leaves_only_when_its_name_is_allowed() {
    let (spans, drops) = through_a_gate(1.0, || {
        let span = tracing::info_span!("call", tool = "search", first_name = "Planted");
        span.in_scope(|| {
            let error = std::io::Error::other("no such person: Planted");
            tracing::error!(
                outcome = "invalid",
                error = &error as &dyn std::error::Error,
                "failed"
            );
        });
        span.set_status(opentelemetry::trace::Status::error("Planted"));
        let linked = parent_from(PARENT).unwrap();
        span.add_link_with_attributes(
            SpanContext::new(
                linked.trace_id(),
                linked.span_id(),
                linked.trace_flags(),
                true,
                "vendor=Planted".parse().unwrap(),
            ),
            vec![opentelemetry::KeyValue::new("name", "Planted")],
        );
    });
    let text = format!("{spans:?}");
    assert!(
        text.contains("search") && text.contains("invalid"),
        "{text}"
    );
    assert!(!text.contains("Planted"), "{text}");
    assert!(drops.get(Drop::SpanAttribute) >= 3);
}

#[test]
fn a_tracestate_of_the_parent_is_not_handed_on() {
    let (spans, _) = through_a_gate(1.0, || {
        let parent = parent_from(PARENT).unwrap();
        let with_state = SpanContext::new(
            parent.trace_id(),
            parent.span_id(),
            parent.trace_flags(),
            true,
            "vendor=Planted".parse().unwrap(),
        );
        let span = tracing::info_span!("call");
        let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(with_state));
        drop(span);
    });
    assert_eq!(
        spans[0].span_context.trace_id().to_string(),
        "0af7651916cd43dd8448eb211c80319c"
    );
    assert!(!format!("{spans:?}").contains("Planted"));
}

#[test]
fn long_values_are_cut() {
    let long = "x".repeat(10_000);
    let (spans, _) = through_a_gate(1.0, || drop(tracing::info_span!("call", tool = %long)));
    assert!(format!("{spans:?}").len() < 2_000);
}

#[test]
fn a_callers_sampled_flag_decides_nothing() {
    let call = || {
        let span = tracing::info_span!("call");
        let parent = parent_from(PARENT).unwrap();
        let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(parent));
        span.in_scope(|| drop(tracing::info_span!("search")));
    };
    assert_eq!(through_a_gate(0.0, call).0.len(), 0);
    assert_eq!(through_a_gate(1.0, call).0.len(), 2);
}

#[test]
fn the_share_is_about_what_was_asked_for_and_traces_are_whole() {
    let (spans, _) = through_a_gate(0.25, || {
        for _ in 0..2000 {
            tracing::info_span!("call").in_scope(|| drop(tracing::info_span!("search")));
        }
    });
    assert!((700..1300).contains(&spans.len()), "{}", spans.len());
    assert_eq!(spans.len() % 2, 0);
}

#[test]
fn outside_the_share_a_call_with_an_error_is_sent_whole() {
    let (spans, _) = through_a_gate(0.0, || {
        for failing in [false, true, false] {
            let call = tracing::info_span!("call", otel.status_code = tracing::field::Empty);
            call.in_scope(|| {
                tracing::info_span!("search").in_scope(|| {
                    let upstream =
                        tracing::info_span!("upstream", otel.status_code = tracing::field::Empty);
                    if failing {
                        upstream.record("otel.status_code", "ERROR");
                    }
                });
            });
        }
    });
    let mut names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
    names.sort_unstable();
    assert_eq!(names, ["call", "search", "upstream"]);
    assert!(spans.iter().all(|span| span.span_context.is_sampled()));
}

#[test]
fn each_destination_has_its_own_share_and_the_smaller_lies_within_the_larger() {
    let passed = through_gates(&[0.25, 1.0, 0.5], || {
        for _ in 0..500 {
            tracing::info_span!("call").in_scope(|| drop(tracing::info_span!("search")));
        }
    });
    let [small, all, half] = [0, 1, 2].map(|outlet| passed.spans(outlet));
    assert_eq!(all.len(), 1000);
    assert!((150..350).contains(&small.len()), "{}", small.len());
    assert!((350..650).contains(&half.len()), "{}", half.len());
    let of_half: Vec<_> = half.iter().map(|span| &span.span_context).collect();
    assert!(
        small
            .iter()
            .all(|span| of_half.contains(&&span.span_context))
    );
}

#[test]
fn overlapping_calls_of_one_trace_are_decided_each_for_itself() {
    let (spans, _) = through_a_gate(0.0, || {
        let call = |name: &str| {
            let span = tracing::info_span!(
                "call",
                tool = name,
                otel.status_code = tracing::field::Empty
            );
            let parent = parent_from(PARENT).unwrap();
            let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(parent));
            span
        };
        let (well, failing) = (call("well"), call("failing"));
        failing.in_scope(|| drop(tracing::info_span!("search", tool = "failing")));
        well.in_scope(|| drop(tracing::info_span!("search", tool = "well")));
        drop(well);
        failing.record("otel.status_code", "ERROR");
        drop(failing);
    });
    assert_eq!(spans.len(), 2);
    assert!(!format!("{spans:?}").contains("well"));
}

#[test]
fn undecided_spans_are_bounded() {
    let passed = through_gates(&[0.0], || {
        let call = tracing::info_span!("call");
        call.in_scope(|| {
            for _ in 0..Undecided::MOST + 10 {
                drop(tracing::info_span!("search"));
            }
        });
    });
    assert_eq!(passed.spans(0).len(), 0);
    let given_up = passed.outlets[0]
        .1
        .losses()
        .find(|(loss, _)| *loss == "undecided");
    assert!(given_up.unwrap().1 >= 10);
}

#[test]
fn a_log_line_is_json_with_its_trace_and_only_allowed_fields() {
    let lines = logged(|| {
        let span = tracing::info_span!("call");
        let parent = parent_from(PARENT).unwrap();
        let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(parent));
        span.in_scope(|| tracing::info!(tool = "search", name = "Planted", "answered"));
    });
    let line = &lines[0];
    assert_eq!(line["message"], "answered");
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["target"], "icelocator_telemetry::tests");
    assert_eq!(line["tool"], "search");
    assert_eq!(line["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(line["span_id"].as_str().unwrap().len(), 16);
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    assert!(!line.to_string().contains("Planted"));
}

#[test]
fn a_library_is_heard_but_not_quoted() {
    let lines = logged(|| {
        tracing::warn!(target: "rmcp::service", tool = "Planted", "could not answer Planted");
        tracing::warn!(name: "Batch.Failed", target: "opentelemetry_sdk", "Planted");
    });
    assert_eq!(lines[0]["target"], "rmcp::service");
    assert_eq!(lines[0]["message"], "a library's event, text withheld");
    assert_eq!(lines[1]["message"], "Batch.Failed");
    assert!(!format!("{lines:?}").contains("Planted"));
}

#[test]
fn a_panic_is_told_by_its_place_and_not_quoted() {
    let lines = logged(|| {
        let before = std::panic::take_hook();
        crate::panics::install(|| {});
        let panicked = std::panic::catch_unwind(|| panic!("no such person: {}", "Planted"));
        std::panic::set_hook(before);
        assert!(panicked.is_err());
    });
    assert_eq!(lines[0]["message"], "panicked: this is a bug");
    assert_eq!(lines[0]["level"], "ERROR");
    assert!(!format!("{lines:?}").contains("Planted"));
}

#[test]
fn malformed_traceparents_are_not_taken() {
    let good = parent_from(PARENT).unwrap();
    assert!(good.is_remote() && good.is_sampled());
    for wrong in [
        "",
        "00",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319é-b7ad6b7169203331-01",
    ] {
        assert!(parent_from(wrong).is_none(), "{wrong}");
    }
}

#[test]
fn ids_that_may_be_the_number_of_a_person_are_not_taken() {
    let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    for wrong in [
        "00000000000000000000000123456789",
        "0000000000000000000000a123456789",
        "a1234567890000000000000000000000",
        "ffffffffffffffffffffffa123456789",
        "a123456789a123456789a123456789a1",
        "12345678912345678912345678912345",
        "19900515123456789201012314155550",
        // What Datadog would be told of it: the number 123456789.
        "0af7651916cd43dd00000000075bcd15",
    ] {
        assert!(
            parent_from(&format!("00-{wrong}-{span}-01")).is_none(),
            "{wrong}"
        );
    }
    for wrong in [
        "0000000123456789",
        "000000a123456789",
        "000a123456789000",
        "a123456789ffffff",
        "a123456789a12345",
        "1234567891234567",
    ] {
        assert!(
            parent_from(&format!("00-{trace}-{wrong}-01")).is_none(),
            "{wrong}"
        );
    }
}

#[test]
fn random_ids_are_taken() {
    let taken = |_: &u32| {
        let (trace, span) = (rand::random::<u128>(), rand::random::<u64>());
        parent_from(&format!("00-{trace:032x}-{span:016x}-01")).is_some()
    };
    // Four of them are expected to be lost.
    let count = (0..100_000).filter(taken).count();
    assert!(count > 99_970, "{count}");
}

#[test]
fn prometheus_sees_the_names_that_the_catalogue_says() {
    let (telemetry, _dispatch) = crate::build(options(None), Box::new(|_| {})).unwrap();
    let text = telemetry.render();
    for metric in crate::PROCESS_METRICS.iter().chain([&crate::DROPPED]) {
        let name = metric.prometheus_name();
        assert!(
            text.lines()
                .any(|line| line.starts_with(&format!("# TYPE {name} "))),
            "{name} is missing in\n{text}"
        );
    }
    let histogram = telemetry
        .meter()
        .f64_histogram("some.duration")
        .with_unit("s")
        .build();
    histogram.record(0.3, &[]);
    let text = telemetry.render();
    for bound in icelocator_config::DURATION_BOUNDS_SECONDS {
        assert!(
            text.contains(&format!("some_duration_seconds_bucket{{le=\"{bound}\"}}")),
            "{text}"
        );
    }
}

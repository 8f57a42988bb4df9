//! What becomes of what is sent, whatever the collector does.

use std::io::Read as _;
use std::net::TcpListener;
use std::time::Duration;

use icelocator_config::Otlp;
use tracing::Dispatch;

use super::collector::{Collector, Mood, attribute, body, hex};
use super::wait::until;
use super::{agent, at, collector, logging, options};
use crate::pipeline::QUEUE;
use crate::{Health, State, Telemetry};

const PROTOCOLS: [&str; 2] = ["grpc", "http"];
const LONG: Duration = Duration::from_secs(20);

fn sending(otlp: &Otlp) -> (Telemetry, Dispatch) {
    crate::build(options(Some(otlp)), Box::new(|_| {})).unwrap()
}

fn calls(dispatch: &Dispatch, count: usize) {
    tracing::dispatcher::with_default(dispatch, || {
        for _ in 0..count {
            drop(tracing::info_span!("call", tool = "search"));
        }
    });
}

pub fn health(telemetry: &Telemetry, sink: &str) -> Health {
    let all = telemetry.health();
    all.into_iter().find(|health| health.name == sink).unwrap()
}

/// A count that Prometheus sees, as long as the telemetry has not ended.
pub fn dropped(telemetry: &Telemetry, signal: &str, reason: &str) -> f64 {
    let text = telemetry.render();
    let labels = format!("{{reason=\"{reason}\",signal=\"{signal}\"}} ");
    text.lines()
        .find_map(|line| {
            let rest = line.strip_prefix("icelocator_telemetry_dropped_total")?;
            rest.strip_prefix(labels.as_str())?.parse().ok()
        })
        .unwrap_or_else(|| panic!("no count for {labels} in\n{text}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_signals_arrive_with_who_sent_them() {
    for protocol in PROTOCOLS {
        let collector = Collector::start().await;
        let otlp = at(protocol, &collector.url);
        let (telemetry, lines) = logging(options(Some(&otlp)), || {
            let span = tracing::info_span!("call", tool = "search");
            span.in_scope(|| {
                tracing::warn!(outcome = "found", hits = 3, name = "Planted", "answered");
            });
        });
        telemetry.shutdown(LONG).await;

        let spans = collector.spans();
        assert_eq!(attribute(&spans[0], "tool").as_deref(), Some("search"));
        let records = collector.records();
        let record = records
            .iter()
            .find(|record| body(record) == "answered")
            .unwrap();
        assert_eq!(record.severity_text, "WARN");
        assert_eq!(record.severity_number, 13);
        assert_eq!(record.trace_id, spans[0].trace_id);
        assert_eq!(record.span_id, spans[0].span_id);
        assert_eq!(lines[0]["trace_id"], hex(&record.trace_id));
        let names: Vec<_> = record.attributes.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(names, ["outcome"], "only what is allowed");
        assert!(collector.metric_names().contains(&"process.cpu".to_owned()));
        let everything = collector.everything();
        assert!(!everything.contains("Planted"));
        assert_eq!(everything.matches("service.name").count(), 3);
        for sink in ["otlp_traces", "otlp_logs"] {
            let health = health(&telemetry, sink);
            assert_eq!((health.delivered, health.dropped, health.queued), (1, 0, 0));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_can_stay_at_home() {
    let collector = Collector::start().await;
    let otlp = Otlp {
        logs: false,
        ..at("grpc", &collector.url)
    };
    let (telemetry, lines) = logging(options(Some(&otlp)), || tracing::info!("answered"));
    telemetry.shutdown(LONG).await;
    assert_eq!(lines.len(), 1);
    assert_eq!(collector.records().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_senders_log_is_written_but_not_sent() {
    let collector = Collector::start().await;
    let otlp = at("grpc", &collector.url);
    let (telemetry, lines) = logging(options(Some(&otlp)), || {
        tracing::warn!(target: "h2::client", "text");
        tracing::warn!(target: "hyper_util::client", "text");
        tracing::warn!(target: "opentelemetry_sdk", "text");
        tracing::warn!(target: "tonic::transport", "text");
        tracing::warn!(target: "rmcp::service", "text");
    });
    telemetry.shutdown(LONG).await;
    assert_eq!(lines.len(), 5);
    let records = collector.records();
    assert_eq!(records.len(), 1);
    assert_eq!(body(&records[0]), "a library's event, text withheld");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_troubled_collector_does_not_take_arrives_when_it_is_well_again() {
    for protocol in PROTOCOLS {
        for mood in [Mood::Overloaded, Mood::Resetting, Mood::Locked, Mood::Slow] {
            let collector = Collector::start().await;
            collector.is(mood);
            let otlp = at(protocol, &collector.url);
            let (telemetry, dispatch) = sending(&otlp);
            calls(&dispatch, 3);
            until(async || collector.pushes() > 0).await;
            if mood != Mood::Slow {
                until(async || health(&telemetry, "otlp_traces").state == State::Failing).await;
            }
            collector.is(Mood::Well);
            let spans = collector.wait(|spans| spans.len() == 3).await;
            assert_eq!(spans.len(), 3, "{protocol} {mood:?}");
            until(async || health(&telemetry, "otlp_traces").delivered == 3).await;
            let health = health(&telemetry, "otlp_traces");
            assert_eq!(health.state, State::Ok);
            assert_eq!((health.queued, health.dropped), (0, 0));
            assert!(health.last_failure.is_some());
            telemetry.shutdown(LONG).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_absent_collector_does_not_take_arrives_when_it_is_there() {
    for protocol in PROTOCOLS {
        let address = nowhere();
        let (telemetry, dispatch) = sending(&collector(protocol, &address));
        calls(&dispatch, 3);
        until(async || health(&telemetry, "otlp_traces").last_failure == Some("unreachable")).await;
        let collector = Collector::at(&address).await;
        collector.wait(|spans| spans.len() == 3).await;
        telemetry.shutdown(LONG).await;
        let health = health(&telemetry, "otlp_traces");
        assert_eq!((health.delivered, health.dropped), (3, 0), "{protocol}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_counted_and_not_sent_again() {
    for protocol in PROTOCOLS {
        let collector = Collector::start().await;
        collector.is(Mood::Refusing);
        let otlp = at(protocol, &collector.url);
        let (telemetry, dispatch) = sending(&otlp);
        calls(&dispatch, 3);
        until(async || health(&telemetry, "otlp_traces").dropped == 3).await;
        assert_eq!(collector.pushes(), 1);
        assert!((dropped(&telemetry, "traces", "refused") - 3.0).abs() < 0.1);
        assert_eq!(
            health(&telemetry, "otlp_traces").last_failure,
            Some("refused")
        );

        // Of this only one.
        collector.is(Mood::Picky);
        calls(&dispatch, 3);
        until(async || health(&telemetry, "otlp_traces").delivered == 2).await;
        assert!((dropped(&telemetry, "traces", "refused") - 4.0).abs() < 0.1);
        telemetry.shutdown(LONG).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_collector_costs_a_bounded_queue_and_the_end_does_not_wait_for_it() {
    let address = silent();
    for protocol in PROTOCOLS {
        let (telemetry, dispatch) = sending(&collector(protocol, &address));
        calls(&dispatch, 10 * QUEUE);
        tracing::dispatcher::with_default(&dispatch, || {
            for _ in 0..10 * QUEUE {
                tracing::info!("answered");
            }
        });
        for (sink, signal) in [("otlp_traces", "traces"), ("otlp_logs", "logs")] {
            assert!(
                dropped(&telemetry, signal, "queue_full") > 0.0,
                "{protocol}"
            );
            let health = health(&telemetry, sink);
            assert!(health.queued <= QUEUE);
            assert_eq!(health.queued as u64 + health.dropped, 10 * QUEUE as u64);
        }
        let ended = telemetry.shutdown(Duration::from_millis(500));
        // Far longer than that, far shorter than it would take to send all.
        tokio::time::timeout(LONG, ended).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_end_nothing_is_tried_for_long() {
    for protocol in PROTOCOLS {
        let (telemetry, dispatch) = sending(&collector(protocol, &nowhere()));
        calls(&dispatch, QUEUE);
        telemetry.shutdown(LONG).await;
        let health = health(&telemetry, "otlp_traces");
        assert_eq!((health.queued, health.delivered), (0, 0), "{protocol}");
        assert_eq!(health.dropped, QUEUE as u64);
        assert_eq!(health.last_failure, Some("unreachable"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destination_in_trouble_does_not_keep_anything_from_another() {
    let collector = Collector::start().await;
    let (silent, otlp) = (silent(), at("grpc", &collector.url));
    let datadog = agent(&format!("http://{silent}"));
    let mut both = options(Some(&otlp));
    both.datadog = Some(&datadog);
    let (telemetry, dispatch) = crate::build(both, Box::new(|_| {})).unwrap();
    for round in 1..=4 {
        calls(&dispatch, QUEUE);
        collector.wait(|spans| spans.len() == round * QUEUE).await;
    }
    assert_eq!(health(&telemetry, "otlp_traces").dropped, 0);
    let stuck = health(&telemetry, "datadog_traces");
    assert_eq!(stuck.queued as u64 + stuck.dropped, 4 * QUEUE as u64);
    assert!(dropped(&telemetry, "datadog_traces", "queue_full") > 0.0);
    // The end of one does not wait for that of the other.
    calls(&dispatch, 1);
    telemetry.shutdown(Duration::from_secs(2)).await;
    assert_eq!(collector.spans().len(), 4 * QUEUE + 1);
}

#[test]
fn sending_outside_a_runtime_is_an_error_and_not_a_panic() {
    for protocol in PROTOCOLS {
        let otlp = collector(protocol, "127.0.0.1:1");
        let error = crate::build(options(Some(&otlp)), Box::new(|_| {})).unwrap_err();
        assert!(matches!(error, crate::Error::NoRuntime));
    }
}

#[test]
fn a_wrong_log_filter_says_how_to_write_one() {
    let mut wrong = options(None);
    wrong.log_filter = Some("icelocator=loud".to_owned());
    let error = crate::build(wrong, Box::new(|_| {})).unwrap_err();
    assert!(error.to_string().contains("target=level"), "{error}");
}

/// An address at which nobody listens any more.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// An address at which connections are taken, and never answered.
fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 16]);
            open.push(connection);
        }
    });
    address
}

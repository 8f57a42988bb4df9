//! What it costs when nobody takes what is sent.

use std::io::Read as _;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use icelocator_config::Otlp;

use super::{collector, options};
use crate::spans::QUEUE;

/// What a flood of spans costs while the collector does not take them.
async fn flood(otlp: Otlp) -> String {
    let (telemetry, dispatch) = crate::build(options(Some(&otlp)), Box::new(|_| {})).unwrap();
    let began = Instant::now();
    tracing::dispatcher::with_default(&dispatch, || {
        for _ in 0..10 * QUEUE {
            drop(tracing::info_span!("call", tool = "search"));
        }
    });
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "spans waited for the collector"
    );
    // Long enough for a push to be refused.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let text = telemetry.render();
    let began = Instant::now();
    telemetry.shutdown(Duration::from_secs(2)).await;
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "the end waited for the collector"
    );
    text
}

fn dropped(text: &str, reason: &str) -> f64 {
    text.lines()
        .find(|line| {
            line.starts_with("icelocator_telemetry_dropped_total") && line.contains(reason)
        })
        .and_then(|line| line.rsplit(' ').next())
        .and_then(|value| value.parse().ok())
        .unwrap_or_else(|| panic!("no count for {reason} in\n{text}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_collector_costs_a_bounded_queue_and_is_counted() {
    // Takes connections, and never answers.
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
    for protocol in ["grpc", "http"] {
        let text = flood(collector(protocol, &address)).await;
        assert!(dropped(&text, "queue_full") > 0.0, "{protocol}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_absent_collector_is_counted() {
    // Nothing listens here any more.
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    for protocol in ["grpc", "http"] {
        let text = flood(collector(protocol, &address)).await;
        assert!(
            dropped(&text, "reason=\"export_failed\",signal=\"traces\"") > 0.0,
            "{protocol}: {text}"
        );
    }
}

#[test]
fn grpc_outside_a_runtime_is_an_error_and_not_a_panic() {
    let otlp = collector("grpc", "127.0.0.1:1");
    let error = crate::build(options(Some(&otlp)), Box::new(|_| {})).unwrap_err();
    assert!(matches!(error, crate::Error::NoRuntime));
}

#[test]
fn a_wrong_log_filter_says_how_to_write_one() {
    let mut wrong = options(None);
    wrong.log_filter = Some("icelocator=loud".to_owned());
    let error = crate::build(wrong, Box::new(|_| {})).unwrap_err();
    assert!(error.to_string().contains("target=level"), "{error}");
}

//! What was dropped, and why: counted here, shown as one metric.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Meter};

use crate::metric::{Kind, Metric};
use crate::pipeline::Pipeline;

/// Telemetry that was dropped instead of sent.
pub const DROPPED: Metric = Metric {
    name: "icelocator.telemetry.dropped",
    kind: Kind::Counter,
    unit: "{item}",
    labels: &["signal", "reason"],
    help: "Spans, attributes, log records, log lines, log fields and metric data points that were dropped instead of sent",
};

/// What is dropped on the way to every destination.
#[derive(Clone, Copy, Debug)]
pub enum Drop {
    /// An attribute of a span, event or link is not on the allow-list.
    SpanAttribute,
    /// A log field is not on the allow-list.
    LogField,
    /// Whoever reads the error stream is slower than the log.
    LogLine,
}

/// Signal and reason of each [`Drop`], in its order.
const LABELS: [(&str, &str); 3] = [
    ("traces", "attribute_not_allowed"),
    ("logs", "field_not_allowed"),
    // Not those of the records that go to a collector.
    ("log_lines", "queue_full"),
];

/// Counts of what was dropped on the way to every destination.
#[derive(Debug, Default)]
pub struct Drops([AtomicU64; LABELS.len()]);

impl Drops {
    pub fn add(&self, what: Drop, count: usize) {
        self.0[what as usize].fetch_add(count as u64, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub fn get(&self, what: Drop) -> u64 {
        self.0[what as usize].load(Ordering::Relaxed)
    }
}

/// Shows all counts as a metric.
pub fn observe(meter: &Meter, drops: &Arc<Drops>, pipelines: &[Arc<Pipeline>]) {
    let (drops, pipelines) = (Arc::clone(drops), pipelines.to_vec());
    DROPPED.observable_counter(meter, move |observer| {
        for (count, (signal, reason)) in drops.0.iter().zip(LABELS) {
            show(observer, count.load(Ordering::Relaxed), signal, reason);
        }
        for pipeline in &pipelines {
            for (reason, count) in pipeline.losses() {
                show(observer, count, pipeline.signal, reason);
            }
        }
    });
}

fn show(
    observer: &dyn AsyncInstrument<u64>,
    count: u64,
    signal: &'static str,
    reason: &'static str,
) {
    let labels = [
        KeyValue::new("signal", signal),
        KeyValue::new("reason", reason),
    ];
    observer.observe(count, &labels);
}

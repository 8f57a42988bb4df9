//! What was dropped, and why: counted here, shown as one metric.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

use crate::metric::{Kind, Metric};

/// Telemetry that was dropped instead of sent.
pub const DROPPED: Metric = Metric {
    name: "icelocator.telemetry.dropped",
    kind: Kind::Counter,
    unit: "{item}",
    labels: &["signal", "reason"],
    help: "Spans, attributes, log fields and metric pushes that were dropped instead of sent",
};

/// Why something was dropped.
#[derive(Clone, Copy, Debug)]
pub enum Drop {
    /// An attribute of a span, event or link is not on the allow-list.
    SpanAttribute,
    /// A log field is not on the allow-list.
    LogField,
    /// The queue towards the collector is full.
    SpanQueueFull,
    /// The collector did not take the spans.
    SpanExport,
    /// Too many traces were waiting to be decided on.
    SpanUndecided,
    /// The collector did not take a push of the metrics.
    MetricExport,
}

/// Signal and reason of each [`Drop`], in its order.
const LABELS: [(&str, &str); 6] = [
    ("traces", "attribute_not_allowed"),
    ("logs", "field_not_allowed"),
    ("traces", "queue_full"),
    ("traces", "export_failed"),
    ("traces", "undecided"),
    ("metrics", "export_failed"),
];

/// Counts of what was dropped.
#[derive(Debug, Default)]
pub struct Drops([AtomicU64; LABELS.len()]);

impl Drops {
    pub fn add(&self, what: Drop, count: usize) {
        // Atomics, not an instrument: this is called from within the logging of the metrics' own exporter.
        self.0[what as usize].fetch_add(count as u64, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub fn get(&self, what: Drop) -> u64 {
        self.0[what as usize].load(Ordering::Relaxed)
    }

    /// Shows the counts as a metric.
    pub fn observe(self: &Arc<Self>, meter: &Meter) {
        let drops = Arc::clone(self);
        DROPPED.observable_counter(meter, move |observer| {
            for (count, (signal, reason)) in drops.0.iter().zip(LABELS) {
                observer.observe(
                    count.load(Ordering::Relaxed),
                    &[
                        KeyValue::new("signal", signal),
                        KeyValue::new("reason", reason),
                    ],
                );
            }
        });
    }
}

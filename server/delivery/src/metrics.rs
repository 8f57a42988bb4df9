//! What is measured of every outbox.

use icelocator_telemetry::{Kind, Metric};

/// What became of items.
pub const SINK_ITEMS: Metric = Metric {
    name: "icelocator.sink.items",
    kind: Kind::Counter,
    unit: "{item}",
    labels: &["sink", "result"],
    help: "Items for a sink by what became of them (delivered, or why dropped: queue_full, refused, retries_exhausted, not_drained, encode_failed, blocked)",
};
/// Items that wait.
pub const SINK_QUEUE_ITEMS: Metric = Metric {
    name: "icelocator.sink.queue.items",
    kind: Kind::Gauge,
    unit: "{item}",
    labels: &["sink"],
    help: "Items that wait for a sink, those on their way included",
};
/// What they hold.
pub const SINK_QUEUE_BYTES: Metric = Metric {
    name: "icelocator.sink.queue.bytes",
    kind: Kind::Gauge,
    // Not `By`: Prometheus' name would have it twice.
    unit: "{byte}",
    labels: &["sink"],
    help: "Memory of the items that wait for a sink, those on their way included",
};
/// Time of one request.
pub const SINK_REQUEST_DURATION: Metric = Metric {
    name: "icelocator.sink.request.duration",
    kind: Kind::Histogram,
    unit: "s",
    labels: &["sink", "result"],
    help: "Duration of requests to a sink by whether it took the items (ok, failed)",
};
/// Requests that were made again.
pub const SINK_RETRIES: Metric = Metric {
    name: "icelocator.sink.retries",
    kind: Kind::Counter,
    unit: "{retry}",
    labels: &["sink"],
    help: "Requests to a sink that were made again",
};
/// All of them.
pub const METRICS: [Metric; 5] = [
    SINK_ITEMS,
    SINK_QUEUE_ITEMS,
    SINK_QUEUE_BYTES,
    SINK_REQUEST_DURATION,
    SINK_RETRIES,
];

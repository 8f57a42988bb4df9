//! What the operator measures: the catalogue, and the instruments made from it.

use std::time::Duration;

use icelocator_telemetry::{Kind as Instrument, Metric};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Counter, Gauge, Histogram, Meter};

use crate::api::Phase;
use crate::kinds::Kind;

pub const RECONCILES: Metric = Metric {
    name: "icelocator.operator.reconciles",
    kind: Instrument::Counter,
    unit: "{reconcile}",
    labels: &["result"],
    help: "Passes over a resource, by how they ended: ok, error, invalid.",
};
pub const RECONCILE_DURATION: Metric = Metric {
    name: "icelocator.operator.reconcile.duration",
    kind: Instrument::Histogram,
    unit: "s",
    labels: &[],
    help: "How long a pass over a resource takes.",
};
pub const API_WRITES: Metric = Metric {
    name: "icelocator.operator.api.writes",
    kind: Instrument::Counter,
    unit: "{write}",
    labels: &["kind", "verb"],
    help: "Writes to the API server, by kind of object and by verb: apply, delete, status, event, lease.",
};
pub const REPAIRS: Metric = Metric {
    name: "icelocator.operator.repairs",
    kind: Instrument::Counter,
    unit: "{repair}",
    labels: &["kind"],
    help: "Children put back after someone else changed or deleted them.",
};
pub const DRIFT_TOLERATED: Metric = Metric {
    name: "icelocator.operator.drift.tolerated",
    kind: Instrument::Counter,
    unit: "{child}",
    labels: &["kind"],
    help: "Children that the API server gives back otherwise than applied, left as they are.",
};
pub const RESOURCES: Metric = Metric {
    name: "icelocator.operator.resources",
    kind: Instrument::Gauge,
    unit: "{resource}",
    labels: &["phase"],
    help: "IceLocator resources, by phase; from the leader only.",
};
pub const RESOURCE_READY: Metric = Metric {
    name: "icelocator.operator.resource.ready",
    kind: Instrument::Gauge,
    unit: "{resource}",
    labels: &["resource_namespace", "icelocator"],
    help: "Whether an IceLocator resource is ready; from the leader only.",
};
pub const LEADER: Metric = Metric {
    name: "icelocator.operator.leader",
    kind: Instrument::Gauge,
    unit: "{leader}",
    labels: &[],
    help: "Whether this process leads.",
};
pub const QUEUE_DEPTH: Metric = Metric {
    name: "icelocator.operator.queue.depth",
    kind: Instrument::Gauge,
    unit: "{resource}",
    labels: &[],
    help: "Resources whose turn has come and that wait for a free worker.",
};
pub const BUILD_INFO: Metric = Metric {
    name: "icelocator.operator.build.info",
    kind: Instrument::Gauge,
    unit: "{build}",
    labels: &["version"],
    help: "Always 1; the label says which version this is.",
};

/// Every metric of the operator itself.
pub const CATALOGUE: &[Metric] = &[
    RECONCILES,
    RECONCILE_DURATION,
    API_WRITES,
    REPAIRS,
    DRIFT_TOLERATED,
    RESOURCES,
    RESOURCE_READY,
    LEADER,
    QUEUE_DEPTH,
    BUILD_INFO,
];

/// Names of span attributes and log fields that may leave the operator. It handles names of Kubernetes objects, never
/// what callers ask; error texts here are the API server's.
pub const ALLOWED_ATTRIBUTES: &[&str] = &[
    "error",
    "error.type",
    "k8s.namespace.name",
    "icelocator.name",
    "icelocator.child.kind",
    "icelocator.child.name",
    "icelocator.generation",
    "icelocator.result",
    "icelocator.writes",
    "icelocator.field",
    "icelocator.holder",
    "icelocator.address",
    "icelocator.reason",
    "icelocator.sink",
    "icelocator.version",
    "icelocator.namespaces",
];

/// How a pass over a resource ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Ok,
    Error,
    Invalid,
}

impl Ended {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Invalid => "invalid",
        }
    }
}

/// What a write to the API server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Apply,
    Delete,
    Status,
    Event,
    Lease,
}

impl Verb {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Delete => "delete",
            Self::Status => "status",
            Self::Event => "event",
            Self::Lease => "lease",
        }
    }
}

/// One resource, as the gauges show it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub namespace: String,
    pub name: String,
    pub phase: Phase,
}

/// The instruments.
#[derive(Clone, Debug)]
pub struct Metrics {
    reconciles: Counter<u64>,
    reconcile_duration: Histogram<f64>,
    api_writes: Counter<u64>,
    repairs: Counter<u64>,
    drift_tolerated: Counter<u64>,
    leader: Gauge<u64>,
}

impl Metrics {
    /// Makes the instruments; counters start at nought, so that a rate sees the first step.
    pub fn new(meter: &Meter) -> Self {
        BUILD_INFO.observable_gauge(meter, |gauge| {
            gauge.observe(1, &[KeyValue::new("version", env!("CARGO_PKG_VERSION"))]);
        });
        let metrics = Self {
            reconciles: RECONCILES.counter(meter),
            reconcile_duration: RECONCILE_DURATION.histogram(meter),
            api_writes: API_WRITES.counter(meter),
            repairs: REPAIRS.counter(meter),
            drift_tolerated: DRIFT_TOLERATED.counter(meter),
            leader: LEADER.gauge(meter),
        };
        for ended in [Ended::Ok, Ended::Error, Ended::Invalid] {
            metrics.count_reconcile(ended, 0);
        }
        for kind in Kind::ALL {
            for verb in [Verb::Apply, Verb::Delete] {
                metrics.count_write(kind.as_str(), verb, 0);
            }
            metrics
                .repairs
                .add(0, &[KeyValue::new("kind", kind.as_str())]);
            metrics
                .drift_tolerated
                .add(0, &[KeyValue::new("kind", kind.as_str())]);
        }
        metrics.count_write("IceLocator", Verb::Status, 0);
        metrics.count_write("ClusterRoleBinding", Verb::Apply, 0);
        metrics.count_write("Event", Verb::Event, 0);
        metrics.count_write("Lease", Verb::Lease, 0);
        metrics.leader.record(0, &[]);
        metrics
    }

    /// Shows `resources` whenever metrics are read.
    pub fn show_resources(
        meter: &Meter,
        resources: impl Fn() -> Vec<Shown> + Clone + Send + Sync + 'static,
    ) {
        let read = resources.clone();
        RESOURCES.observable_gauge(meter, move |gauge| by_phase(gauge, &read()));
        RESOURCE_READY.observable_gauge(meter, move |gauge| {
            let awake = |shown: &Shown| shown.phase != Phase::Suspended;
            for shown in resources().into_iter().filter(awake) {
                let labels = [
                    KeyValue::new("resource_namespace", shown.namespace),
                    KeyValue::new("icelocator", shown.name),
                ];
                gauge.observe(u64::from(shown.phase == Phase::Ready), &labels);
            }
        });
    }

    /// Shows how many resources wait whenever metrics are read.
    pub fn show_queue(meter: &Meter, depth: impl Fn() -> usize + Send + Sync + 'static) {
        QUEUE_DEPTH.observable_gauge(meter, move |gauge| gauge.observe(depth() as u64, &[]));
    }

    pub fn reconciled(&self, ended: Ended, took: Duration) {
        self.count_reconcile(ended, 1);
        self.reconcile_duration.record(took.as_secs_f64(), &[]);
    }

    fn count_reconcile(&self, ended: Ended, count: u64) {
        self.reconciles
            .add(count, &[KeyValue::new("result", ended.as_str())]);
    }

    /// Counts `count` writes to an object of `kind`.
    pub fn count_write(&self, kind: &'static str, verb: Verb, count: u64) {
        let labels = [
            KeyValue::new("kind", kind),
            KeyValue::new("verb", verb.as_str()),
        ];
        self.api_writes.add(count, &labels);
    }

    pub fn repaired(&self, kind: Kind) {
        self.repairs.add(1, &[KeyValue::new("kind", kind.as_str())]);
    }

    pub fn drift_tolerated(&self, kind: Kind) {
        self.drift_tolerated
            .add(1, &[KeyValue::new("kind", kind.as_str())]);
    }

    pub fn leads(&self, leads: bool) {
        self.leader.record(u64::from(leads), &[]);
    }
}

fn by_phase(gauge: &dyn AsyncInstrument<u64>, resources: &[Shown]) {
    for phase in Phase::ALL {
        let count = resources
            .iter()
            .filter(|shown| shown.phase == phase)
            .count();
        gauge.observe(count as u64, &[KeyValue::new("phase", phase.as_str())]);
    }
}

#[cfg(test)]
mod tests;

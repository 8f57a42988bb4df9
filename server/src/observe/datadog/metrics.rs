//! The metrics as Datadog's series: what Prometheus would collect, every few seconds, by the names of the catalogue.
//! Counters are told by what they grew since they were told last; so are histograms, as a count, a sum and buckets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use icelocator_delivery::{self as delivery, Destination, Outbox, Post, body};
use icelocator_telemetry::{Metric, Telemetry};
use jiff::Timestamp;
use prometheus::proto::{LabelPair, MetricFamily, MetricType};
use serde_json::{Value, json};

use super::{Identity, post};
use crate::observe::catalogue;

/// How often metrics are sent.
pub const INTERVAL: Duration = Duration::from_secs(10);

/// Datadog's numbers for kinds of series.
const COUNT: u8 = 1;
const GAUGE: u8 = 3;

/// Reads the metrics and sends what is new.
pub struct Metrics {
    telemetry: Arc<Telemetry>,
    outbox: Outbox<ToIntake>,
    known: HashMap<String, &'static Metric>,
    told: Mutex<HashMap<String, f64>>,
}

impl Metrics {
    pub(super) fn new(telemetry: Arc<Telemetry>, outbox: Outbox<ToIntake>) -> Self {
        let known = catalogue::metrics()
            .map(|metric| (metric.prometheus_name(), metric))
            .collect();
        Self {
            telemetry,
            outbox,
            known,
            told: Mutex::default(),
        }
    }

    /// Sends the metrics as they are now.
    pub fn send(&self) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for family in self.telemetry.gather() {
            if let Some(metric) = self.known.get(family.name()) {
                for series in series(metric, &family, &mut told) {
                    self.outbox.put(series);
                }
            }
        }
    }
}

/// One value of one series.
pub(super) struct Series {
    name: String,
    kind: u8,
    unit: Option<&'static str>,
    tags: Vec<String>,
    at: i64,
    value: f64,
}

/// What of a metric is new.
fn series(
    metric: &'static Metric,
    family: &MetricFamily,
    told: &mut HashMap<String, f64>,
) -> Vec<Series> {
    let unit = match metric.unit {
        "s" => Some("second"),
        "By" | "{byte}" => Some("byte"),
        _ => None,
    };
    let at = Timestamp::now().as_second();
    let mut new = Vec::new();
    let mut say = |kind, suffix: &str, tags: &[String], unit, value: f64| {
        let name = format!("{}{suffix}", metric.name);
        let value = if kind == COUNT {
            let told = told
                .entry(format!("{name} {}", tags.join(",")))
                .or_default();
            value - std::mem::replace(told, value)
        } else {
            value
        };
        if value.is_finite() && (kind == GAUGE || value != 0.0) {
            new.push(Series {
                name,
                kind,
                unit,
                tags: tags.to_vec(),
                at,
                value,
            });
        }
    };
    for one in family.get_metric() {
        let tags = tags(metric, one.get_label());
        match family.get_field_type() {
            MetricType::COUNTER => say(COUNT, "", &tags, unit, one.get_counter().get_value()),
            MetricType::GAUGE => say(GAUGE, "", &tags, unit, one.get_gauge().get_value()),
            MetricType::HISTOGRAM => {
                let histogram = one.get_histogram();
                let all = histogram.get_sample_count();
                say(COUNT, ".count", &tags, None, number(all));
                say(COUNT, ".sum", &tags, unit, histogram.get_sample_sum());
                let buckets = histogram.get_bucket().iter();
                let bounds =
                    buckets.map(|bucket| (bucket.upper_bound(), bucket.cumulative_count()));
                let last = [(f64::INFINITY, all)];
                let (mut lower, mut below) = (f64::NEG_INFINITY, 0);
                for (upper, count) in bounds.filter(|(bound, _)| bound.is_finite()).chain(last) {
                    let range = [
                        format!("lower_bound:{lower}"),
                        format!("upper_bound:{upper}"),
                    ];
                    let tags = [tags.as_slice(), &range].concat();
                    say(
                        COUNT,
                        ".bucket",
                        &tags,
                        None,
                        number(count.saturating_sub(below)),
                    );
                    (lower, below) = (upper, count);
                }
            }
            MetricType::SUMMARY | MetricType::UNTYPED => {}
        }
    }
    new
}

/// Exact as long as it is below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "nobody counts that far")]
fn number(count: u64) -> f64 {
    count as f64
}

/// Labels by the names of the catalogue.
fn tags(metric: &Metric, labels: &[LabelPair]) -> Vec<String> {
    let names = metric.prometheus_labels();
    let tag = |label: &LabelPair| {
        let position = names.iter().position(|name| name == label.name())?;
        Some(format!("{}:{}", metric.labels[position], label.value()))
    };
    labels.iter().filter_map(tag).collect()
}

/// The intake of metrics.
pub(super) struct ToIntake {
    pub(super) url: String,
    pub(super) identity: Arc<Identity>,
}

/// Each series is an item, so that one that must not leave holds up no other.
pub(super) fn settings(common: delivery::Settings) -> delivery::Settings {
    delivery::Settings {
        queue_items: 100_000,
        batch_items: 5_000,
        ..common
    }
}

impl Destination for ToIntake {
    type Item = Series;

    fn name(&self) -> &'static str {
        "datadog_metrics"
    }

    fn weight(&self, series: &Series) -> usize {
        let tags: usize = series
            .tags
            .iter()
            .map(|tag| size_of::<String>() + tag.len())
            .sum();
        size_of::<Series>() + series.name.len() + tags
    }

    fn encode(&self, series: &Series) -> Option<Vec<u8>> {
        serde_json::to_vec(&told(series, &self.identity)).ok()
    }

    fn request(&self, key: &str, items: &[Vec<u8>]) -> Option<Post> {
        post(
            &self.url,
            key,
            body::join(b"{\"series\":[", items, b",", b"]}"),
        )
    }
}

fn told(series: &Series, identity: &Identity) -> Value {
    let mut tags = vec![format!("service:{}", identity.service)];
    tags.extend_from_slice(&identity.tags);
    tags.extend_from_slice(&series.tags);
    let mut told = json!({
        "metric": series.name,
        "type": series.kind,
        "points": [{"timestamp": series.at, "value": series.value}],
        "tags": tags,
    });
    if series.kind == COUNT {
        told["interval"] = INTERVAL.as_secs().into();
    }
    if let Some(unit) = series.unit {
        told["unit"] = unit.into();
    }
    if let Some(host) = &identity.host {
        told["resources"] = json!([{"type": "host", "name": host}]);
    }
    told
}

//! A metric as a catalogue lists it. Code makes its instruments from these, dashboards' and rules' tests read them.

use icelocator_config::DURATION_BOUNDS_SECONDS;
use opentelemetry::metrics::{AsyncInstrument, Counter, Gauge, Histogram, Meter, UpDownCounter};

/// Upper bounds of sizes: from a short message to the largest page that is read.
const SIZE_BOUNDS_BYTES: [f64; 7] = [
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
];
/// Upper bounds of counts.
const COUNT_BOUNDS: [f64; 9] = [0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0];

/// What kind of instrument a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only ever grows.
    Counter,
    /// Goes up and down by steps.
    UpDownCounter,
    /// A current value.
    Gauge,
    /// A distribution.
    Histogram,
}

/// One metric of a catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// OpenTelemetry's name.
    pub name: &'static str,
    /// What kind of instrument it is.
    pub kind: Kind,
    /// UCUM unit: `s`, `By`, or a noun in braces, which shows nowhere.
    pub unit: &'static str,
    /// Its attributes, by their OpenTelemetry names.
    pub labels: &'static [&'static str],
    /// What it says, in one sentence.
    pub help: &'static str,
}

impl Metric {
    /// The name that Prometheus stores. A histogram has `_bucket`, `_sum` and `_count` behind it.
    pub fn prometheus_name(&self) -> String {
        let unit = match self.unit {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        let suffix = if self.kind == Kind::Counter {
            "_total"
        } else {
            ""
        };
        format!("{}{unit}{suffix}", underscored(self.name))
    }

    /// The label names that Prometheus stores.
    pub fn prometheus_labels(&self) -> Vec<String> {
        self.labels.iter().map(|label| underscored(label)).collect()
    }

    /// A counter of whole things.
    pub fn counter(&self, meter: &Meter) -> Counter<u64> {
        meter
            .u64_counter(self.name)
            .with_unit(self.unit)
            .with_description(self.help)
            .build()
    }

    /// A number of things that there are now.
    pub fn up_down_counter(&self, meter: &Meter) -> UpDownCounter<i64> {
        meter
            .i64_up_down_counter(self.name)
            .with_unit(self.unit)
            .with_description(self.help)
            .build()
    }

    /// A value set when it changes.
    pub fn gauge(&self, meter: &Meter) -> Gauge<u64> {
        meter
            .u64_gauge(self.name)
            .with_unit(self.unit)
            .with_description(self.help)
            .build()
    }

    /// Upper bounds of a distribution's buckets: of seconds [`DURATION_BOUNDS_SECONDS`], else of bytes or of small counts.
    pub fn bounds(&self) -> &'static [f64] {
        match self.unit {
            "s" => &DURATION_BOUNDS_SECONDS,
            "By" => &SIZE_BOUNDS_BYTES,
            _ => &COUNT_BOUNDS,
        }
    }

    /// A distribution.
    pub fn histogram(&self, meter: &Meter) -> Histogram<f64> {
        meter
            .f64_histogram(self.name)
            .with_unit(self.unit)
            .with_description(self.help)
            .with_boundaries(self.bounds().to_vec())
            .build()
    }

    /// A counter read when it is asked for.
    pub fn observable_counter(
        &self,
        meter: &Meter,
        read: impl Fn(&dyn AsyncInstrument<u64>) + Send + Sync + 'static,
    ) {
        meter
            .u64_observable_counter(self.name)
            .with_unit(self.unit)
            .with_description(self.help)
            .with_callback(read)
            .build();
    }

    /// A counter of fractions (seconds of CPU time), read when it is asked for.
    pub fn observable_counter_f64(
        &self,
        meter: &Meter,
        read: impl Fn(&dyn AsyncInstrument<f64>) + Send + Sync + 'static,
    ) {
        meter
            .f64_observable_counter(self.name)
            .with_unit(self.unit)
            .with_description(self.help)
            .with_callback(read)
            .build();
    }

    /// A value read when it is asked for.
    pub fn observable_gauge(
        &self,
        meter: &Meter,
        read: impl Fn(&dyn AsyncInstrument<u64>) + Send + Sync + 'static,
    ) {
        meter
            .u64_observable_gauge(self.name)
            .with_unit(self.unit)
            .with_description(self.help)
            .with_callback(read)
            .build();
    }
}

fn underscored(name: &str) -> String {
    name.replace('.', "_")
}

//! One meter provider: Prometheus pulls from it, and a collector is pushed to where one is named.

use std::time::Duration;

use icelocator_config::DURATION_BOUNDS_SECONDS;
use opentelemetry_prometheus::PrometheusExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::{
    Aggregation, Instrument, InstrumentKind, PeriodicReader, SdkMeterProvider, Stream,
};
use prometheus::{Registry, TextEncoder};

use crate::exporters::Exporter;
use crate::guard::Exit;
use crate::init::LabelSets;

const PUSH_EVERY: Duration = Duration::from_secs(30);

pub fn provider(
    resource: Resource,
    registry: &Registry,
    push: Option<Exporter>,
    label_sets: LabelSets,
) -> Result<SdkMeterProvider, OTelSdkError> {
    let pull: PrometheusExporter = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        // Labels that say the same on every series cost memory and tell nothing.
        .scope_info_enabled(false)
        .build()?;
    let mut provider = SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(pull)
        .with_view(move |instrument: &Instrument| stream(instrument, label_sets));
    if let Some(exporter) = push {
        let reader = PeriodicReader::builder(exporter)
            .with_interval(PUSH_EVERY)
            .build();
        provider = provider.with_reader(reader);
    }
    Ok(provider.build())
}

/// No metric has more sets of labels than it was foreseen to have; further ones go into one that says
/// `otel_metric_overflow`. Every histogram of seconds has our bounds, whoever made it: the library's defaults are meant for
/// milliseconds.
fn stream(instrument: &Instrument, label_sets: LabelSets) -> Option<Stream> {
    let stream = Stream::builder().with_cardinality_limit(label_sets.of(instrument.name()));
    let is_time = instrument.kind() == InstrumentKind::Histogram && instrument.unit() == "s";
    let stream = if is_time {
        stream.with_aggregation(Aggregation::ExplicitBucketHistogram {
            boundaries: DURATION_BOUNDS_SECONDS.to_vec(),
            record_min_max: false,
        })
    } else {
        stream
    };
    stream.build().ok()
}

/// All metrics, in Prometheus' text format. A series leaves only if nothing is found in its labels.
pub fn render(registry: &Registry, exit: &Exit) -> String {
    let mut families = registry.gather();
    if exit.is_watched() {
        let mut text = String::new();
        for family in &mut families {
            family.mut_metric().retain(|metric| {
                text.clear();
                for label in metric.get_label() {
                    text.extend([label.name(), ": ", label.value(), "\n"]);
                }
                !exit.blocks(text.as_bytes())
            });
        }
        // A family without series cannot be written.
        families.retain(|family| !family.get_metric().is_empty());
    }
    TextEncoder::new()
        .encode_to_string(&families)
        .unwrap_or_default()
}

//! One meter provider: Prometheus pulls from it, and a collector is pushed to where one is named.

use std::sync::Arc;
use std::time::Duration;

use icelocator_config::DURATION_BOUNDS_SECONDS;
use opentelemetry_prometheus::PrometheusExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{
    Aggregation, Instrument, InstrumentKind, PeriodicReader, SdkMeterProvider, Stream, Temporality,
};

use crate::drops::{Drop, Drops};

const PUSH_EVERY: Duration = Duration::from_secs(30);

pub fn provider<E: PushMetricExporter>(
    resource: Resource,
    registry: &prometheus::Registry,
    push: Option<E>,
    drops: &Arc<Drops>,
) -> Result<SdkMeterProvider, OTelSdkError> {
    let pull: PrometheusExporter = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        // Labels that say the same on every series cost memory and tell nothing.
        .scope_info_enabled(false)
        .build()?;
    let mut provider = SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(pull)
        .with_view(seconds);
    if let Some(next) = push {
        let drops = Arc::clone(drops);
        let reader = PeriodicReader::builder(Counting { drops, next })
            .with_interval(PUSH_EVERY)
            .build();
        provider = provider.with_reader(reader);
    }
    Ok(provider.build())
}

/// Every histogram of seconds has our bounds, whoever made it: the library's defaults are meant for milliseconds.
fn seconds(instrument: &Instrument) -> Option<Stream> {
    if instrument.kind() != InstrumentKind::Histogram || instrument.unit() != "s" {
        return None;
    }
    Stream::builder()
        .with_aggregation(Aggregation::ExplicitBucketHistogram {
            boundaries: DURATION_BOUNDS_SECONDS.to_vec(),
            record_min_max: false,
        })
        .build()
        .ok()
}

/// Counts pushes that the collector did not take.
struct Counting<E> {
    drops: Arc<Drops>,
    next: E,
}

impl<E: PushMetricExporter> PushMetricExporter for Counting<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let result = self.next.export(metrics).await;
        if result.is_err() {
            self.drops.add(Drop::MetricExport, 1);
        }
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.next.temporality()
    }
}

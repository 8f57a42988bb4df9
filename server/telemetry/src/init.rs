//! Puts the pieces together.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use icelocator_config::{Otlp, OtlpProtocol};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanLimits};
use prometheus::TextEncoder;
use tracing::{Dispatch, Level, dispatcher};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, Registry};

use crate::allow::AllowList;
use crate::drops::Drops;
use crate::logs::{Lines, LogFormat, Writer};
use crate::sampling::Share;
use crate::spans::Gate;
use crate::{OWN_TARGETS, metrics, otlp, panics, process};

/// What is logged when nothing else is said: ours from info on, libraries from warnings on.
const DEFAULT_LOG_FILTER: &str = "warn,icelocator=info";

/// How telemetry is set up.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// Name of the program.
    pub service_name: &'static str,
    /// Version of the program.
    pub service_version: &'static str,
    /// What else tells this process from others.
    pub resource: Vec<(&'static str, String)>,
    /// The collector, if there is one.
    pub otlp: Option<&'a Otlp>,
    /// Names of span attributes and log fields that may leave.
    pub allowed_attributes: &'static [&'static str],
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which events are logged, in the form of `tracing`'s filters; `None`: ours from info on, libraries' warnings.
    pub log_filter: Option<String>,
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log filter does not parse.
    #[error(
        "log filter: {0}: write levels or target=level, separated by commas, such as {DEFAULT_LOG_FILTER}"
    )]
    LogFilter(#[from] tracing_subscriber::filter::ParseError),
    /// The collector's address cannot be used.
    #[error("telemetry.otlp.endpoint: {0}")]
    Otlp(#[from] opentelemetry_otlp::ExporterBuildError),
    /// gRPC needs a runtime.
    #[error("telemetry.otlp.protocol: gRPC can only be set up from within the tokio runtime")]
    NoRuntime,
    /// The metrics could not be set up.
    #[error("metrics: {0}")]
    Metrics(#[from] opentelemetry_sdk::error::OTelSdkError),
    /// There is a subscriber already.
    #[error("telemetry was set up before in this process")]
    Already,
}

/// The running telemetry of this process.
#[derive(Debug)]
pub struct Telemetry {
    spans: SdkTracerProvider,
    metrics: SdkMeterProvider,
    meter: Meter,
    registry: prometheus::Registry,
}

/// Makes rustls use ring. First thing in every main; harmless when repeated.
pub fn install_tls() {
    // An error says that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Sets up this process' telemetry: the global subscriber, the panic hook, the exporters.
pub fn init(options: Options<'_>) -> Result<Telemetry, Error> {
    // Always to the error stream: over stdio the other one belongs to the protocol.
    let writer: Writer = Box::new(|line| {
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    });
    let (telemetry, dispatch) = build(options, writer)?;
    dispatcher::set_global_default(dispatch).map_err(|_| Error::Already)?;
    panics::install();
    Ok(telemetry)
}

/// Sets up telemetry without making it the process': for tests that install the subscriber for one thread.
pub fn build(options: Options<'_>, writer: Writer) -> Result<(Telemetry, Dispatch), Error> {
    install_tls();
    let Options {
        service_name,
        service_version,
        resource,
        otlp,
        allowed_attributes,
        log_format,
        log_filter,
    } = options;
    let allow = Arc::new(AllowList::new(allowed_attributes));
    let drops = Arc::new(Drops::default());
    // Built from nothing: `OTEL_RESOURCE_ATTRIBUTES` does not speak for us.
    let resource = Resource::builder_empty()
        .with_service_name(service_name)
        .with_attribute(KeyValue::new("service.version", service_version))
        .with_attributes(
            resource
                .into_iter()
                .map(|(name, value)| KeyValue::new(name, value)),
        )
        .build();

    let is_grpc = |otlp: &Otlp| otlp.protocol == OtlpProtocol::Grpc;
    if otlp.is_some_and(is_grpc) && tokio::runtime::Handle::try_current().is_err() {
        return Err(Error::NoRuntime);
    }

    let mut spans = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_span_limits(SpanLimits::default())
        .with_sampler(Sampler::AlwaysOff);
    if let Some(otlp) = otlp {
        let gate = Gate::to_collector(otlp::spans(otlp)?, Arc::clone(&allow), Arc::clone(&drops));
        spans = spans
            .with_sampler(Share::new(otlp.trace_sampling.get()))
            .with_span_processor(gate);
    }
    let spans = spans.build();

    let registry = prometheus::Registry::new();
    let push = otlp.map(otlp::metrics).transpose()?;
    let metrics = metrics::provider(resource, &registry, push, &drops)?;
    let meter = metrics.meter(service_name);
    process::observe(&meter);
    drops.observe(&meter);

    let tracer = spans.tracer(service_name);
    let ours = |metadata: &tracing::Metadata<'_>| metadata.target().starts_with(OWN_TARGETS);
    let layer = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_error_fields_to_exceptions(false)
        .with_error_events_to_exceptions(false)
        .with_error_events_to_status(false)
        .with_error_records_to_exceptions(false)
        // So that log lines find their span, whichever filters hide it from them.
        .with_context_activation(true)
        // Libraries' spans and events quote what they work on: ours only.
        .with_filter(filter_fn(ours).and(LevelFilter::from_level(Level::INFO)));
    // Without a collector nobody would ever see a span: a tenth of a call's work for nothing.
    let to_spans = otlp.is_some().then_some(layer);
    let filter = log_filter.as_deref().unwrap_or(DEFAULT_LOG_FILTER);
    let to_lines = Lines {
        format: log_format,
        allow,
        drops,
        write: writer,
    }
    .with_filter(EnvFilter::builder().parse(filter)?.and(filter_fn(is_event)));
    let dispatch = Dispatch::new(Registry::default().with(to_spans).with(to_lines));
    let telemetry = Telemetry {
        spans,
        metrics,
        meter,
        registry,
    };
    Ok((telemetry, dispatch))
}

// The method itself is for metadata of one lifetime only.
fn is_event(metadata: &tracing::Metadata<'_>) -> bool {
    metadata.is_event()
}

impl Telemetry {
    /// Makes instruments; all go to one provider.
    pub fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// All metrics, in Prometheus' text format.
    pub fn render(&self) -> String {
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .unwrap_or_default()
    }

    /// Sends what is waiting, then stops. Returns after `deadline` at the latest, whatever the collector does.
    pub async fn shutdown(&self, deadline: Duration) {
        let (spans, metrics) = (self.spans.clone(), self.metrics.clone());
        // A thread of its own: waiting here would hold up the runtime that gRPC needs, and a blocking task would hold up
        // the runtime's end.
        let (done, wait) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let _ = spans.shutdown_with_timeout(deadline);
            let _ = metrics.shutdown_with_timeout(deadline);
            let _ = done.send(());
        });
        let _ = tokio::time::timeout(deadline, wait).await;
    }
}

//! Puts the pieces together.

use std::collections::hash_map::RandomState;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use icelocator_config::{Datadog, Otlp};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider, SpanLimits};
use prometheus::proto::MetricFamily;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{Dispatch, Level, Subscriber, dispatcher};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::allow::AllowList;
use crate::backlog::Backlog;
use crate::destinations::{Destinations, Means};
use crate::drops::{self, Drop, Drops};
use crate::guard::{Exit, Guard};
use crate::headers::Headers;
use crate::health::Health;
use crate::logs::{Lines, LogFormat, Tags, Writer};
use crate::pipeline::Pipeline;
use crate::records::Records;
use crate::spans::Gate;
use crate::{OWN_TARGETS, metrics, panics, process};

/// What is logged when nothing else is said: ours from info on, libraries from warnings on.
const DEFAULT_LOG_FILTER: &str = "warn,icelocator=info";

/// Longest time that the last log lines have to be written when somebody reads them slowly. Taken from the end's.
const LAST_LINES: Duration = Duration::from_millis(250);

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
    /// The folder with the headers that the collector is sent: each file's name is a header's.
    pub otlp_headers: Option<PathBuf>,
    /// Datadog, if it is used: traces for its Agent, and what it needs in log lines.
    pub datadog: Option<&'a Datadog>,
    /// Looks at everything before it leaves.
    pub guard: Guard,
    /// How many sets of labels a metric may have.
    pub label_sets: LabelSets,
    /// Names of span attributes and log fields that may leave.
    pub allowed_attributes: &'static [&'static str],
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which events are logged, in the form of `tracing`'s filters; `None`: ours from info on, libraries' warnings.
    pub log_filter: Option<String>,
}

/// How many sets of labels a metric may have. What comes beyond is counted in one more, which says `otel_metric_overflow`.
#[derive(Clone, Copy, Debug)]
pub struct LabelSets {
    /// Of most metrics.
    pub most: usize,
    /// Of those that need another number, by their names.
    pub but: &'static [(&'static str, usize)],
}

impl LabelSets {
    /// Of the metric of this name.
    pub fn of(&self, name: &str) -> usize {
        let but = self.but.iter().find(|(known, _)| *known == name);
        but.map_or(self.most, |(_, most)| *most)
    }
}

impl Default for LabelSets {
    /// As OpenTelemetry has it.
    fn default() -> Self {
        Self {
            most: 2000,
            but: &[],
        }
    }
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log filter does not parse.
    #[error(
        "log filter: {0}: write levels or target=level, separated by commas, such as {DEFAULT_LOG_FILTER}"
    )]
    LogFilter(#[from] tracing_subscriber::filter::ParseError),
    /// A collector cannot be spoken to over gRPC.
    #[error("telemetry.otlp.endpoint: {0}")]
    Grpc(#[from] tonic::transport::Error),
    /// A collector cannot be spoken to over HTTP.
    #[error("telemetry: no HTTP client for the collector: {0}")]
    Http(#[from] reqwest::Error),
    /// Sending needs a runtime.
    #[error("telemetry: a collector can only be set up from within the tokio runtime")]
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
    records: Option<SdkLoggerProvider>,
    metrics: SdkMeterProvider,
    meter: Meter,
    registry: prometheus::Registry,
    rendered: Exit,
    guard: Guard,
    pipelines: Vec<Arc<Pipeline>>,
    stopping: CancellationToken,
    /// The log lines on their way to the error stream.
    lines: Backlog,
}

/// Makes rustls use ring. First thing in every main; harmless when repeated.
pub fn install_tls() {
    // An error says that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Sets up this process' telemetry: the global subscriber, the panic hook, the exporters.
pub fn init(options: Options<'_>) -> Result<Telemetry, Error> {
    // Always to the error stream: over stdio the other one belongs to the protocol.
    let lines = Backlog::to(std::io::stderr());
    let drops = Arc::new(Drops::default());
    let (to, counts) = (lines.clone(), Arc::clone(&drops));
    let writer: Writer = Box::new(move |line| {
        if !to.put(line) {
            counts.add(Drop::LogLine, 1);
        }
    });
    let (telemetry, dispatch) = assemble(options, drops, writer)?;
    dispatcher::set_global_default(dispatch).map_err(|_| Error::Already)?;
    let last = lines.clone();
    panics::install(move || last.wait(LAST_LINES));
    Ok(Telemetry { lines, ..telemetry })
}

/// Sets up telemetry without making it the process': for tests that install the subscriber for one thread.
pub fn build(options: Options<'_>, writer: Writer) -> Result<(Telemetry, Dispatch), Error> {
    assemble(options, Arc::default(), writer)
}

fn assemble(
    options: Options<'_>,
    drops: Arc<Drops>,
    writer: Writer,
) -> Result<(Telemetry, Dispatch), Error> {
    install_tls();
    let Options {
        service_name,
        service_version,
        resource,
        otlp,
        otlp_headers,
        datadog,
        guard,
        label_sets,
        allowed_attributes,
        log_format,
        log_filter,
    } = options;
    let allow = Arc::new(AllowList::new(allowed_attributes));
    let stopping = CancellationToken::new();
    let attributes: Vec<_> = resource
        .into_iter()
        .map(|(name, value)| KeyValue::new(name, value))
        .collect();
    // Built from nothing: `OTEL_RESOURCE_ATTRIBUTES` does not speak for us.
    let resource = Resource::builder_empty()
        .with_attributes(attributes.clone())
        .with_attribute(KeyValue::new("service.version", service_version))
        .with_service_name(service_name)
        .build();
    let datadog = datadog.filter(|datadog| datadog.enabled);
    let means = Means {
        guard: &guard,
        secret: RandomState::new(),
        user_agent: format!("{service_name}/{service_version}"),
        stopping: &stopping,
    };
    let to_collector = otlp.map(|otlp| (otlp, Headers::new(otlp_headers), resource.clone()));
    let to_agent = datadog.and_then(|datadog| {
        let resource = for_datadog(attributes, datadog, service_version);
        Some((datadog.agent.as_ref()?, resource))
    });
    let Destinations {
        pipelines,
        outlets,
        push,
        records,
    } = Destinations::open(&means, to_collector, to_agent)?;

    // Without a destination nobody would ever see a span: a tenth of a call's work for nothing.
    let makes_spans = !outlets.is_empty();
    let spans = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_span_limits(SpanLimits::default())
        // All are recorded: each destination has its own share of them, and errors come as a surprise.
        .with_sampler(if makes_spans {
            Sampler::AlwaysOn
        } else {
            Sampler::AlwaysOff
        })
        .with_span_processor(Gate {
            allow: Arc::clone(&allow),
            drops: Arc::clone(&drops),
            outlets,
        })
        .build();

    let registry = prometheus::Registry::new();
    let metrics = metrics::provider(resource, &registry, push, label_sets)?;
    let meter = metrics.meter(service_name);
    process::observe(&meter);
    drops::observe(&meter, &drops, &pipelines);

    let to_spans = makes_spans.then(|| span_layer(spans.tracer(service_name)));
    let filter = log_filter.as_deref().unwrap_or(DEFAULT_LOG_FILTER);
    let to_lines = Lines {
        format: log_format,
        allow,
        drops,
        exit: guard.exit("log"),
        tags: datadog.map(|datadog| Tags {
            service: datadog.service.clone(),
            env: datadog.env.clone(),
            version: service_version,
        }),
        records: records
            .as_ref()
            .map(|provider| Records::new(provider, service_name)),
        write: writer,
    }
    .with_filter(EnvFilter::builder().parse(filter)?.and(filter_fn(is_event)));
    let dispatch = Dispatch::new(Registry::default().with(to_spans).with(to_lines));
    let rendered = guard.exit("prometheus");
    guard.observe(&meter);
    let telemetry = Telemetry {
        spans,
        records,
        metrics,
        meter,
        registry,
        rendered,
        guard,
        pipelines,
        stopping,
        lines: Backlog::default(),
    };
    Ok((telemetry, dispatch))
}

/// Spans of ours become those of OpenTelemetry.
fn span_layer<S>(tracer: SdkTracer) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let ours = |metadata: &tracing::Metadata<'_>| metadata.target().starts_with(OWN_TARGETS);
    tracing_opentelemetry::layer()
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
        .with_filter(filter_fn(ours).and(LevelFilter::from_level(Level::INFO)))
}

/// What Datadog knows us by.
fn for_datadog(
    attributes: Vec<KeyValue>,
    datadog: &Datadog,
    service_version: &'static str,
) -> Resource {
    let tags = datadog.tags.iter();
    let env = datadog.env.clone();
    Resource::builder_empty()
        .with_attributes(attributes)
        .with_attributes(tags.map(|(name, value)| KeyValue::new(name.clone(), value.clone())))
        .with_attributes(env.map(|env| KeyValue::new("deployment.environment.name", env)))
        .with_attribute(KeyValue::new("service.version", service_version))
        .with_service_name(datadog.service.clone())
        .build()
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

    /// Looks at what leaves elsewhere, and counts together with what is looked at here.
    pub fn guard(&self) -> Guard {
        self.guard.clone()
    }

    /// All metrics as they are now. Nobody has looked at them yet.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }

    /// How it is with each way to a collector.
    pub fn health(&self) -> Vec<Health> {
        let pipelines = self.pipelines.iter();
        pipelines.map(|pipeline| pipeline.health()).collect()
    }

    /// All metrics, in Prometheus' text format.
    pub fn render(&self) -> String {
        metrics::render(&self.registry, &self.rendered)
    }

    /// Sends what is waiting, then stops. Returns after `deadline` at the latest, whatever the collectors do, and whoever
    /// reads the log.
    pub async fn shutdown(&self, deadline: Duration) {
        self.stopping.cancel();
        let (done, mut wait) = mpsc::channel::<()>(1);
        // Threads of their own: waiting here would hold up the runtime that sends, and a blocking task would hold up the
        // runtime's end.
        let apart = |stop: Box<dyn FnOnce() + Send>| {
            let done = done.clone();
            std::thread::spawn(move || {
                stop();
                drop(done);
            });
        };
        let (spans, metrics) = (self.spans.clone(), self.metrics.clone());
        apart(Box::new(move || {
            let _ = spans.shutdown_with_timeout(deadline);
        }));
        apart(Box::new(move || {
            let _ = metrics.shutdown_with_timeout(deadline);
        }));
        if let Some(records) = self.records.clone() {
            apart(Box::new(move || {
                let _ = records.shutdown_with_timeout(deadline);
            }));
        }
        drop(done);
        let _ = tokio::time::timeout(deadline.saturating_sub(LAST_LINES), wait.recv()).await;
        let lines = self.lines.clone();
        let _ = tokio::task::spawn_blocking(move || lines.wait(LAST_LINES)).await;
    }
}

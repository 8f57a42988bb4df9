//! All sinks, as a server has them, and one place that takes what they send.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use flate2::read::GzDecoder;
use icelocator_config::{
    Analytics, Auth, Datadog, DatadogAgent, HttpUrl, Instance, Locator, Mounts, Otlp, OtlpProtocol,
    Ratio, SecretKeyRef, Sentry, ServerConfig, Telemetry as Destinations,
};
use icelocator_redaction::{Guard as LastLook, Kind};
use icelocator_telemetry::{Guard, LogFormat, Options, Telemetry};
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tracing::{Dispatch, dispatcher};

use crate::observe::{CallEvent, Sink, Sinks, catalogue};
use crate::privacy::Redacted;
use crate::serve;

/// Long enough for everything to be sent to a place nearby.
const LONG: Duration = Duration::from_secs(30);
/// The Secret with the keys of all destinations.
const SECRET: &str = "sinks";

/// The error stream, and the page that Prometheus reads: nothing is sent there, but it leaves.
pub const STDERR: &str = "stderr";
pub const PAGE: &str = "/metrics";

/// What arrived, by where.
#[derive(Clone, Default)]
struct Arrived(Arc<Mutex<BTreeMap<String, String>>>);

impl Arrived {
    fn add(&self, place: &str, bytes: &[u8]) {
        let mut arrived = self.0.lock().unwrap();
        let text = arrived.entry(place.to_owned()).or_default();
        text.push_str(&String::from_utf8_lossy(bytes));
    }

    fn all(&self) -> BTreeMap<String, String> {
        self.0.lock().unwrap().clone()
    }
}

/// Takes whatever is sent to it.
async fn take(State(arrived): State<Arrived>, uri: Uri, headers: HeaderMap, body: Bytes) {
    let mut unpacked = Vec::new();
    if headers.contains_key("content-encoding") {
        let mut packed = GzDecoder::new(&*body);
        packed.read_to_end(&mut unpacked).unwrap();
    } else {
        unpacked.extend(body);
    }
    arrived.add(uri.path(), &unpacked);
}

/// All sinks, and the place that keeps what they send.
pub struct World {
    telemetry: Arc<Telemetry>,
    /// Takes spans and log lines.
    pub dispatch: Dispatch,
    sinks: Sinks,
    all: Vec<Box<dyn Sink>>,
    arrived: Arrived,
    _secrets: TempDir,
}

impl World {
    /// A call has shown `name`.
    pub async fn start(name: &str) -> Self {
        let arrived = Arrived::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap();
        let router = Router::new().fallback(take).with_state(arrived.clone());
        tokio::spawn(axum::serve(listener, router).into_future());

        let secrets = tempfile::tempdir().unwrap();
        let folder = secrets.path().join(SECRET);
        std::fs::create_dir(&folder).unwrap();
        for (name, value) in [
            ("project", "proj_invented".to_owned()),
            ("key", "invented".to_owned()),
            (
                "dsn",
                format!("http://0123456789abcdef0123456789abcdef@{place}/sentry/42"),
            ),
        ] {
            std::fs::write(folder.join(name), value).unwrap();
        }
        let mounts = Mounts {
            secrets: secrets.path().to_owned(),
            ..Mounts::default()
        };
        let config = everything_on(|path| format!("http://{place}/{path}").parse().unwrap());

        let last_look = Arc::<LastLook>::default();
        last_look.remember(Kind::Name, name);
        let options = Options {
            service_name: "icelocator-server",
            service_version: "0",
            resource: Vec::new(),
            otlp: config.telemetry.otlp.as_ref(),
            otlp_headers: None,
            datadog: config.telemetry.datadog.as_ref(),
            guard: serve::guard(&last_look),
            label_sets: catalogue::LABEL_SETS,
            allowed_attributes: catalogue::ATTRIBUTES,
            log_format: LogFormat::Json,
            log_filter: None,
        };
        let lines = arrived.clone();
        let writer = Box::new(move |line: &str| lines.add(STDERR, line.as_bytes()));
        let (telemetry, dispatch) = icelocator_telemetry::build(options, writer).unwrap();
        let telemetry = Arc::new(telemetry);
        let (sinks, all) = Sinks::open(&config, &mounts, &telemetry).unwrap();
        Self {
            telemetry,
            dispatch,
            sinks,
            all,
            arrived,
            _secrets: secrets,
        }
    }

    /// A call that counts as redacted, as the sinks are handed it.
    pub fn call(&self, event: CallEvent) -> Arc<Redacted<CallEvent>> {
        let event = Arc::new(Redacted::unchecked(event));
        dispatcher::with_default(&self.dispatch, || {
            for sink in &self.all {
                sink.take(&event);
            }
        });
        event
    }

    /// The names of all that send something away.
    pub fn sinks(&self) -> impl Iterator<Item = &'static str> {
        self.sinks.health().into_iter().map(|health| health.name)
    }

    /// Ends as a server does. What has arrived, and the counts of what was held back, as Prometheus reads them.
    pub async fn end(self) -> (BTreeMap<String, String>, String) {
        self.sinks.drain(LONG).await;
        let page = self.telemetry.render();
        self.arrived.add(PAGE, page.as_bytes());
        let guard = self.telemetry.guard();
        self.telemetry.shutdown(LONG).await;
        (self.arrived.all(), counts(&guard))
    }
}

/// Every place that settings can name. Written out in full: whoever adds one has to say here where it is.
fn everything_on(at: impl Fn(&str) -> HttpUrl) -> ServerConfig {
    let secret = |key: &str| SecretKeyRef {
        name: SECRET.to_owned(),
        key: key.to_owned(),
    };
    let mut config = ServerConfig::new(Instance::default(), Locator::default(), Auth::anonymous());
    config.analytics = Some(Analytics {
        enabled: true,
        project_id_secret_ref: Some(secret("project")),
        endpoint: Some(at("agentcat")),
        capture_intent: false,
        issue_sessions: false,
    });
    config.telemetry = Destinations {
        otlp: Some(Otlp {
            endpoint: at("collector"),
            protocol: OtlpProtocol::Http,
            headers_secret_ref: None,
            trace_sampling: Ratio::ONE,
            logs: true,
        }),
        datadog: Some(Datadog {
            enabled: true,
            api_key_secret_ref: secret("key"),
            agent: Some(DatadogAgent {
                endpoint: at("agent"),
                trace_sampling: Ratio::ONE,
            }),
            site: String::new(),
            intake_url: Some(at("datadog")),
            service: "icelocator".to_owned(),
            env: None,
            tags: BTreeMap::new(),
            resources: false,
        }),
        sentry: Some(Sentry {
            enabled: true,
            dsn_secret_ref: secret("dsn"),
            environment: None,
            traces_sample_rate: Ratio::ONE,
            profiles_sample_rate: Ratio::per_mille(0),
            deploys: None,
        }),
    };
    config
}

/// What `guard` has counted, on a page of its own: the last metrics are looked at when the other one is shown no more.
fn counts(guard: &Guard) -> String {
    let registry = Registry::new();
    let exporter = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .scope_info_enabled(false);
    let provider = SdkMeterProvider::builder().with_reader(exporter.build().unwrap());
    let provider = provider.build();
    guard.observe(&provider.meter("test"));
    TextEncoder::new()
        .encode_to_string(&registry.gather())
        .unwrap()
}

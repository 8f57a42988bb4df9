//! The server within the test's own process: with a sink of the test's, and its metrics at hand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use icelocator_config::{Auth, Locator, Mounts, Privacy as Settings, Reloadable};
use icelocator_server::mcp::Face;
use icelocator_server::observe::{
    CallEvent, Log, Metrics, Observer, Sink, Transport, Value as Told, catalogue,
};
use icelocator_server::privacy::{Privacy, Redacted};
use icelocator_server::search::{Search, Surroundings};
use icelocator_server::simulator;
use icelocator_server::texts::Library;
use icelocator_server::transport::{
    Authenticator, OwnNames, Places, Pseudonyms, Rates, Sealer, SessionKey, http,
};
use icelocator_telemetry::{Guard, LogFormat, Options, Telemetry};
use opentelemetry::metrics::Meter;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::client::Client;

/// The simulator in this process, and the headers of what it was asked.
pub struct Site {
    pub url: String,
    pub headers: Arc<Mutex<Vec<HeaderMap>>>,
}

impl Site {
    pub async fn start() -> Self {
        let headers = Arc::<Mutex<Vec<HeaderMap>>>::default();
        let kept = Arc::clone(&headers);
        let keep = move |request: Request, next: Next| {
            kept.lock().unwrap().push(request.headers().clone());
            next.run(request)
        };
        let site = simulator::router(simulator::Site::default());
        let url = serve(site.layer(from_fn(keep))).await;
        Self { url, headers }
    }
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

/// Keeps all that a sink is told.
#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<Value>>>);

impl Sink for Kept {
    fn take(&self, event: &Arc<Redacted<CallEvent>>) {
        self.0.lock().unwrap().push(told(event.get()));
    }
}

impl Kept {
    pub fn all(&self) -> Vec<Value> {
        self.0.lock().unwrap().clone()
    }

    /// The last event.
    pub fn last(&self) -> Value {
        self.all().pop().unwrap()
    }
}

/// The server.
pub struct Inner {
    pub client: Client,
    pub events: Kept,
    pub observer: Arc<Observer>,
    telemetry: Telemetry,
}

impl Inner {
    pub async fn start(site: &str, settings: Option<&Settings>) -> Self {
        let options = Options {
            service_name: "test",
            service_version: "0",
            resource: Vec::new(),
            otlp: None,
            otlp_headers: None,
            datadog: None,
            guard: Guard::none(),
            label_sets: catalogue::LABEL_SETS,
            allowed_attributes: catalogue::ATTRIBUTES,
            log_format: LogFormat::Json,
            log_filter: None,
        };
        let (telemetry, _) = icelocator_telemetry::build(options, Box::new(|_| {})).unwrap();
        let meter = telemetry.meter();
        let events = Kept::default();
        let sinks: Vec<Box<dyn Sink>> = vec![
            Box::new(Metrics::new(&meter)),
            Box::new(Log),
            Box::new(events.clone()),
        ];
        let privacy = Privacy::new(settings, &Mounts::default(), &meter, &Arc::default()).unwrap();
        let observer = Observer::new(sinks, privacy);
        let router = router(site, Arc::clone(&observer), &meter);
        Self {
            client: Client::new(&format!("{}/mcp", serve(router).await)),
            events,
            observer,
            telemetry,
        }
    }

    /// All metrics, as they are shown.
    pub fn metrics(&self) -> String {
        self.telemetry.render()
    }
}

fn router(site: &str, observer: Arc<Observer>, meter: &Meter) -> Router {
    let locator = Locator::at(site.parse().unwrap());
    let search = Search::new(&locator, meter, Surroundings::default()).unwrap();
    let library = Arc::new(Library::open(None).unwrap());
    let minute = Duration::from_mins(1);
    let face = Face::new(
        Arc::new(search),
        library,
        Arc::default(),
        Transport::Http,
        minute,
    );
    let key = SessionKey::random();
    let auth = Auth {
        anonymous: true,
        ..Auth::default()
    };
    let (_, live) = watch::channel(Reloadable::default());
    let settings = http::Settings {
        authenticator: Authenticator::new(
            &auth,
            &Mounts::default(),
            &Pseudonyms::new(&key),
            meter,
            &CancellationToken::new(),
        )
        .unwrap(),
        places: Places::new(100, meter),
        rates: Rates::new(live, meter),
        call_timeout: minute,
        sealer: Sealer::new(&key),
        names: OwnNames::default(),
        pages: Vec::new(),
    };
    http::router(face, observer, settings)
}

/// All that an event tells.
fn told(event: &CallEvent) -> Value {
    let parameters = event.parameters.iter().map(|parameter| {
        let value = match &parameter.value {
            Told::Sensitive(_, value) | Told::Text(value) | Told::Plain(value) => json!(value),
            Told::Withheld => Value::Null,
        };
        (parameter.name.to_owned(), value)
    });
    let search = event.search.as_ref();
    json!({
        "method": event.method,
        "tool": event.tool,
        "prompt": event.prompt,
        "resource": event.resource,
        "parameters": parameters.collect::<serde_json::Map<_, _>>(),
        "intent": event.intent,
        "protocol": event.protocol,
        "client": [event.client.name, event.client.version],
        "caller": event.caller.pseudonym,
        "session": event.session,
        "span": event.span.is_some(),
        "request_bytes": event.request_bytes,
        "response_bytes": event.response_bytes,
        "ending": format!("{:?}", event.ending),
        "error": event.error,
        "search": search.map(|search| format!("{search:?}")),
        "strategy": search.and_then(|search| search.facts.strategy),
        "matcher": search.and_then(|search| search.facts.matcher),
        "rank": search.and_then(|search| search.facts.rank),
    })
}

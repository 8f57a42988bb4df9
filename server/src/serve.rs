//! The server's life: settings, telemetry, ports; then, when told to stop, in this order: not ready, no new calls, answers
//! to those under way, telemetry sent, gone.

use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use icelocator_config::{Auth, Instance, LoadError, Locator, Mounts, Reloadable, ServerConfig};
use icelocator_redaction::{Guard as LastLook, Kind};
use icelocator_telemetry::listener::{self, Drained, ListenError};
use icelocator_telemetry::{Guard, Options, Telemetry};
use opentelemetry::KeyValue;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cli::{Log, People, Serve, Simulate, TransportArg};
use crate::mcp::Face;
use crate::mcp::added::{self, Added};
use crate::observe::{Observer, Profiles, Sinks, Transport, catalogue};
use crate::privacy::Privacy;
use crate::profiling::Profiler;
use crate::reload::Reload;
use crate::search::{self, Search, Surroundings};
use crate::simulator::{self, FileError, Site};
use crate::supervise::supervise;
use crate::texts::{Library, TextsError};
use crate::transport::probes::{self, Readiness};
use crate::transport::{
    AuthError, Authenticator, KeyError, OwnNames, Places, Pseudonyms, Rates, Sealer, SessionKey,
    admin, http, stdio,
};

/// How long connections are kept before that, so that their clients hear with an answer that they are to go elsewhere.
const FAREWELL: Duration = Duration::from_secs(1);
/// Longest time that the simulator's pages have to end.
const LAST_PAGES: Duration = Duration::from_secs(30);
/// Longest time that the last telemetry has to be sent.
const FLUSH: Duration = Duration::from_secs(5);

/// Why the server did not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] LoadError),
    /// Nobody said that anyone may call.
    #[error(
        "auth: say how callers are known in a settings file, or write --anonymous to let anyone call who reaches this address"
    )]
    NoAuth,
    /// Telemetry could not be set up.
    #[error(transparent)]
    Telemetry(#[from] icelocator_telemetry::Error),
    /// The session key cannot be used.
    #[error("--session-key: {0}")]
    SessionKey(#[from] KeyError),
    /// The locator cannot be asked.
    #[error("locator: {0}")]
    Search(#[from] search::Error),
    /// The simulator's people cannot be taken.
    #[error("--people: {0}")]
    People(#[from] FileError),
    /// A file does not follow from a number.
    #[error("--seed: with a file of people nobody is invented; leave it out")]
    Seed,
    /// Callers cannot be known as the settings say.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The texts cannot be told.
    #[error("texts: {0}")]
    Texts(#[from] TextsError),
    /// There is no key for pseudonyms.
    #[error("privacy.pseudonymKeyringSecretRef: {0}")]
    Pseudonyms(#[from] icelocator_redaction::KeyError),
    /// What is sent away cannot be.
    #[error("sinks: {0}")]
    Sinks(#[source] reqwest::Error),
    /// A port is taken.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The client over stdio did not speak MCP.
    #[error(transparent)]
    Stdio(#[from] stdio::NotOpened),
}

/// Serves MCP until `stop`.
pub async fn serve(arguments: Serve, stop: CancellationToken) -> Result<(), Error> {
    let config = settings(&arguments)?;
    let last_look = Arc::default();
    let telemetry = Arc::new(telemetry(
        "icelocator-server",
        &config.instance,
        &config.telemetry,
        &arguments.mounts(),
        &arguments.log,
        &last_look,
    )?);
    let result = run(&arguments, &config, &telemetry, &last_look, stop).await;
    telemetry.shutdown(FLUSH).await;
    result
}

async fn run(
    arguments: &Serve,
    config: &ServerConfig,
    telemetry: &Arc<Telemetry>,
    last_look: &Arc<LastLook>,
    stop: CancellationToken,
) -> Result<(), Error> {
    let meter = telemetry.meter();
    let version = KeyValue::new("version", env!("CARGO_PKG_VERSION"));
    catalogue::BUILD_INFO.gauge(&meter).record(1, &[version]);

    // What cannot be used is said before a port is taken.
    let key = match arguments.session_key() {
        Some(path) => SessionKey::from_file(&path)?,
        None => SessionKey::random(),
    };
    let (live, reloadable) = watch::channel(config.reloadable());
    let mounts = arguments.mounts();
    let surroundings = Surroundings {
        mounts: mounts.clone(),
        reloadable: reloadable.clone(),
    };
    let search = Arc::new(Search::new(&config.locator, &meter, surroundings)?);
    let library = library(config, &mounts, &stop)?;
    let privacy = Arc::new(Privacy::new(
        config.privacy.as_ref(),
        &mounts,
        &meter,
        last_look,
    )?);
    follow_keys(&privacy, &stop);
    let profiler = Profiler::default();
    let sentry = config.telemetry.sentry.as_ref().filter(|it| it.enabled);
    let looked_at = sentry.and_then(|sentry| Profiles::of(&profiler, sentry));
    let (sinks, all) = Sinks::open(config, &mounts, telemetry).map_err(Error::Sinks)?;
    let sinks = Arc::new(sinks);
    let added = Added::new(config.analytics.as_ref(), key.derived_for(added::PURPOSE));
    let added = Arc::new(added);
    let observer = Observer::with(all, privacy, Arc::clone(&added), looked_at);
    let readiness = Readiness::default();
    readiness.watch_sinks(Arc::clone(&sinks));
    // The watching port outlives the other: until the last answer is given it says how that goes.
    let watched = CancellationToken::new();
    let watching = match arguments.metrics_listen() {
        None => None,
        Some(address) => {
            let router = probes::router(Arc::clone(telemetry), readiness.clone());
            let (address, serving) = beside_calls(address, router, &watched).await?;
            tracing::info!(icelocator.listen = address, "showing metrics and probes");
            Some(serving)
        }
    };
    if config.profiling.as_ref().is_some_and(|p| p.enabled) {
        let router = admin::router(arguments.admin_token.clone(), profiler);
        let (address, _) = beside_calls(arguments.admin_listen(), router, &watched).await?;
        tracing::info!(icelocator.listen = address, "showing profiles");
    }
    let places = Places::new(config.limits.max_in_flight, &meter);
    let rates = Rates::new(reloadable.clone(), &meter);
    follow_limits(places.clone(), reloadable, watched.clone());
    // Without a file there is nothing that could change.
    if let Some(path) = &arguments.settings {
        let reload = Reload::new(path.clone(), config.clone(), live, &meter);
        keep_up(&Arc::new(reload), &watched, Reload::run);
    }
    let longest_call = config.locator.longest_search();
    let face = |transport| Face::new(search, library, added, transport, longest_call);
    let result = match arguments.transport {
        TransportArg::Http => {
            let authenticator = Authenticator::new(
                &config.auth,
                &mounts,
                &Pseudonyms::new(&key),
                &meter,
                &watched,
            )?;
            readiness.watch(authenticator.tokens());
            let settings = http::Settings {
                authenticator,
                places,
                rates,
                call_timeout: longest_call,
                sealer: Sealer::new(&key),
                pages: config.http.clone().unwrap_or_default().allowed_origins,
                names: own_names(arguments, &config.instance),
            };
            let router = http::router(face(Transport::Http), observer, settings);
            over_http(arguments.listen(), router, &readiness, stop, longest_call).await
        }
        TransportArg::Stdio => {
            readiness.set(true);
            let face = face(Transport::Stdio);
            stdio::serve(face, observer, places, rates, stop, longest_call)
                .await
                .map_err(Error::from)
        }
    };
    readiness.set(false);
    sinks.drain(FLUSH).await;
    watched.cancel();
    if let Some(watching) = watching {
        let _ = watching.await;
    }
    result
}

/// Opens a port on which no calls come, until `stop`. Says where it is.
async fn beside_calls(
    address: SocketAddr,
    router: axum::Router,
    stop: &CancellationToken,
) -> Result<(Option<String>, JoinHandle<Drained>), ListenError> {
    let listener = listener::bind(address).await?;
    let address = listener::address(&listener);
    let serving = listener::serve(listener, router, stop.clone(), Duration::from_secs(1));
    Ok((address, tokio::spawn(serving)))
}

/// Keeps up with what changes, in this way.
fn keep_up<T: Send + Sync + 'static, Work: Future<Output = ()> + Send + 'static>(
    with: &Arc<T>,
    stop: &CancellationToken,
    work: impl Fn(Arc<T>) -> Work + Send + 'static,
) {
    let with = Arc::clone(with);
    supervise(stop.clone(), move || work(Arc::clone(&with)));
}

/// Makes pseudonyms with the key that is the newest.
fn follow_keys(privacy: &Arc<Privacy>, stop: &CancellationToken) {
    if privacy.may_change() {
        keep_up(privacy, stop, Privacy::follow);
    }
}

/// The texts, as they are at each moment.
fn library(
    config: &ServerConfig,
    mounts: &Mounts,
    stop: &CancellationToken,
) -> Result<Arc<Library>, TextsError> {
    let texts = config.texts.as_ref();
    let folder = texts.map(|texts| mounts.config_map(&texts.config_map_ref));
    let library = Arc::new(Library::open(folder)?);
    if library.may_change() {
        keep_up(&library, stop, Library::follow);
    }
    Ok(library)
}

/// Keeps as many places as the settings say.
fn follow_limits(places: Places, mut live: watch::Receiver<Reloadable>, stop: CancellationToken) {
    tokio::spawn(stop.run_until_cancelled_owned(async move {
        while live.changed().await.is_ok() {
            places.resize(live.borrow_and_update().limits.max_in_flight);
        }
    }));
}

/// Without a settings file this is somebody's own machine, and the instance's names are made up.
fn own_names(arguments: &Serve, instance: &Instance) -> OwnNames {
    if arguments.settings.is_some() {
        OwnNames::of_service(&instance.name, &instance.namespace)
    } else {
        OwnNames::default()
    }
}

async fn over_http(
    address: SocketAddr,
    router: axum::Router,
    readiness: &Readiness,
    stop: CancellationToken,
    drain: Duration,
) -> Result<(), Error> {
    let listener = listener::bind(address).await?;
    tracing::info!(
        icelocator.listen = listener::address(&listener),
        icelocator.version = env!("CARGO_PKG_VERSION"),
        "taking calls"
    );
    readiness.set(true);
    let closing = CancellationToken::new();
    let (not_ready, stopping, close) = (readiness.clone(), stop.clone(), closing.clone());
    tokio::spawn(async move {
        stopping.cancelled().await;
        not_ready.set(false);
        tracing::info!("draining: calls under way get their answer, connections end with the next");
        tokio::time::sleep(FAREWELL).await;
        close.cancel();
    });
    let router = listener::saying_farewell(router, stop);
    match listener::serve(listener, router, closing, drain).await {
        Drained::Whole => tracing::info!("drained: every call was answered"),
        Drained::Cut => tracing::warn!("time is up: some calls were not answered"),
    }
    Ok(())
}

/// Serves the stand-in site until `stop`.
pub async fn simulate(arguments: Simulate, stop: CancellationToken) -> Result<(), Error> {
    let site = match (&arguments.people, arguments.seed) {
        (People::Count(count), seed) => Site::seeded(seed.unwrap_or_default(), *count),
        (People::File(path), None) => Site::from_csv(File::open(path).map_err(FileError::from)?)?,
        (People::File(_), Some(_)) => return Err(Error::Seed),
    };
    let telemetry = telemetry(
        "icelocator-simulator",
        &Instance::default(),
        &icelocator_config::Telemetry::default(),
        &Mounts::default(),
        &arguments.log,
        &Arc::default(),
    )?;
    let listener = listener::bind(arguments.listen).await?;
    tracing::info!(
        icelocator.listen = listener::address(&listener),
        "simulating"
    );
    listener::serve(listener, simulator::router(site), stop, LAST_PAGES).await;
    telemetry.shutdown(FLUSH).await;
    Ok(())
}

fn settings(arguments: &Serve) -> Result<ServerConfig, Error> {
    if let Some(path) = &arguments.settings {
        return Ok(ServerConfig::load(path)?);
    }
    // Over stdio the caller is whoever started this process: that is known well enough.
    if !arguments.anonymous && arguments.transport == TransportArg::Http {
        return Err(Error::NoAuth);
    }
    let locator = arguments
        .base_url
        .clone()
        .map(Locator::at)
        .unwrap_or_default();
    let auth = Auth {
        anonymous: true,
        ..Auth::default()
    };
    let mut config = ServerConfig::new(Instance::default(), locator, auth);
    // This is somebody's own machine.
    config.limits.per_caller = None;
    Ok(config)
}

fn telemetry(
    service_name: &'static str,
    instance: &Instance,
    destinations: &icelocator_config::Telemetry,
    mounts: &Mounts,
    log: &Log,
    last_look: &Arc<LastLook>,
) -> Result<Telemetry, icelocator_telemetry::Error> {
    let mut resource = vec![
        ("service.namespace", instance.namespace.clone()),
        ("icelocator.name", instance.name.clone()),
    ];
    for (name, variable) in [
        ("k8s.pod.name", "POD_NAME"),
        ("k8s.namespace.name", "POD_NAMESPACE"),
        ("service.instance.id", "POD_NAME"),
    ] {
        resource.extend(std::env::var(variable).map(|value| (name, value)));
    }
    icelocator_telemetry::init(Options {
        service_name,
        service_version: env!("CARGO_PKG_VERSION"),
        resource,
        otlp: destinations.otlp.as_ref(),
        otlp_headers: destinations
            .otlp
            .as_ref()
            .and_then(|otlp| otlp.headers_secret_ref.as_ref())
            .map(|reference| mounts.secret(reference)),
        datadog: destinations.datadog.as_ref(),
        guard: guard(last_look),
        label_sets: catalogue::LABEL_SETS,
        allowed_attributes: catalogue::ATTRIBUTES,
        log_format: log.log_format,
        log_filter: log.log_filter.clone(),
    })
}

/// What must not leave, whichever way.
pub(crate) fn guard(last_look: &Arc<LastLook>) -> Guard {
    let look = Arc::clone(last_look);
    Guard::new(Kind::ALL.map(Kind::as_str), move |bytes| {
        look.find(bytes).map(Kind::as_str)
    })
}

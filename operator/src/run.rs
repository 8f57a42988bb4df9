//! `run`: puts the pieces together, and takes them apart in order at the end.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use icelocator_config::{Otlp, Ratio};
use icelocator_telemetry::listener::{self, ListenError};
use icelocator_telemetry::{Guard, LabelSets, Options, Telemetry};
use k8s_openapi::api::coordination::v1::Lease;
use kube::client::ClientBuilder;
use kube::{Api, Client, Config};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::cli::{ReachArg, Run};
use crate::client::{Gate, WriteLayer};
use crate::controller::Controller;
use crate::controller::announcer::Announcer;
use crate::controller::apply::Applier;
use crate::controller::dereference::Dereferencer;
use crate::controller::grants::Grants;
use crate::controller::index::Index;
use crate::controller::pass::Passes;
use crate::controller::queue::Queue;
use crate::controller::references::References;
use crate::controller::resources::Resources;
use crate::controller::scopes::Scopes;
use crate::controller::verifier::Verifier;
use crate::events::Events;
use crate::http::{Answers, router};
use crate::leader::{Election, Lost, Timing};
use crate::metrics::{ALLOWED_ATTRIBUTES, Metrics};
use crate::sentry::AnnounceError;
use crate::verify::{HandshakeError, Route};
use crate::watch::Watches;

/// How long passes that have begun may go on after the end was asked for.
const FINISH: Duration = Duration::from_secs(15);
/// How long telemetry may be flushed.
const FLUSH: Duration = Duration::from_secs(5);
/// A resource that waits longer than this for its turn has been forgotten by whoever gives turns.
const STALLED: Duration = Duration::from_mins(5);

/// Why the operator could not run, or ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Telemetry(#[from] icelocator_telemetry::Error),
    #[error("no cluster: {0}; set KUBECONFIG, or run in a pod")]
    NoCluster(#[from] kube::config::InferConfigError),
    #[error("no client for the cluster: {0}")]
    Client(#[from] kube::Error),
    #[error("--listen: {0}")]
    Listen(#[from] ListenError),
    #[error("signals cannot be heard: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Route(#[from] HandshakeError),
    #[error(transparent)]
    Announcer(#[from] AnnounceError),
    #[error("leadership is lost: {0}; starting anew is safer than going on with what may be stale")]
    Lost(#[from] Lost),
}

/// Runs until a signal ends it, or leadership is lost.
pub async fn run(arguments: Run) -> Result<(), RunError> {
    let identity = identity(&arguments);
    let telemetry = Arc::new(telemetry(&arguments, &identity)?);
    let ended = operate(arguments, &telemetry, identity).await;
    if let Err(error) = &ended {
        tracing::error!(error = %error, "the operator ends");
    }
    telemetry.shutdown(FLUSH).await;
    ended
}

async fn operate(
    arguments: Run,
    telemetry: &Arc<Telemetry>,
    identity: String,
) -> Result<(), RunError> {
    let mut end = std::pin::pin!(signal()?);
    let meter = telemetry.meter();
    let metrics = Metrics::new(&meter);
    let gate = Gate::default();
    let config = Config::infer().await?;
    let lease_namespace = arguments
        .lease_namespace
        .clone()
        .unwrap_or_else(|| config.default_namespace.clone());
    let route_by_name = by_name(arguments.reach);
    let client = ClientBuilder::try_from(config)?
        .with_layer(&WriteLayer::new(gate.clone(), metrics.clone()))
        .build();
    let route = if route_by_name {
        Route::service()?
    } else {
        Route::Proxy(client.clone())
    };

    let parts = Parts::new(&arguments, &client, &metrics, route, &identity)?;
    let (watches, queue) = (parts.watches.clone(), Arc::clone(&parts.controller.queue));
    let resources = Arc::clone(&watches.resources);
    let leading = gate.clone();
    Metrics::show_resources(&meter, move || {
        if leading.term().is_some() {
            resources.shown()
        } else {
            Vec::new()
        }
    });
    Metrics::show_queue(&meter, {
        let queue = Arc::clone(&queue);
        move || queue.depth()
    });
    watches.start();
    serve(&arguments, telemetry, &watches, &queue, gate.clone()).await?;
    tracing::info!(
        icelocator.version = env!("CARGO_PKG_VERSION"),
        icelocator.address = %arguments.listen,
        icelocator.namespaces = arguments.watch_namespaces.join(","),
        "the operator runs"
    );

    let leases: Api<Lease> = Api::namespaced(client, &lease_namespace);
    let mut election = Election::new(leases, identity, Timing::default(), gate);
    tokio::select! {
        () = election.win() => {}
        () = &mut end => return Ok(()),
    }
    metrics.leads(true);
    let mut work = tokio::spawn(work(parts));
    tokio::select! {
        lost = election.hold() => return Err(lost.into()),
        () = &mut end => {}
    }
    tracing::info!("asked to end; finishing what has begun");
    queue.close();
    // The lease is renewed until the last write is done.
    tokio::select! {
        lost = election.hold() => return Err(lost.into()),
        _ = timeout(FINISH, &mut work) => {}
    }
    work.abort();
    election.release().await;
    metrics.leads(false);
    Ok(())
}

/// Everything between the client and the cluster's resources.
struct Parts {
    watches: Watches,
    controller: Controller,
}

impl Parts {
    fn new(
        arguments: &Run,
        client: &Client,
        metrics: &Metrics,
        route: Route,
        identity: &str,
    ) -> Result<Self, AnnounceError> {
        let scopes = match arguments.watch_namespaces.as_slice() {
            [] => Scopes::All,
            names => Scopes::Namespaces(names.to_vec()),
        };
        let resources = Arc::new(Resources::new(scopes.clone()));
        let index = Arc::new(Index::new(scopes.clone()));
        let references = Arc::new(References::new(scopes));
        let queue = Arc::new(Queue::default());
        let look_again = Arc::new(Notify::new());
        let watches = Watches {
            client: client.clone(),
            resources: Arc::clone(&resources),
            index: Arc::clone(&index),
            references: Arc::clone(&references),
            queue: Arc::clone(&queue),
            look_again: Arc::clone(&look_again),
            looked: Arc::new(AtomicBool::new(false)),
        };
        let grants = Arc::new(Grants::new(
            client.clone(),
            Arc::clone(&resources),
            Arc::clone(&index),
            arguments.token_review_binding.clone(),
        ));
        let passes = Passes {
            client: client.clone(),
            resources,
            index: Arc::clone(&index),
            references: Arc::clone(&references),
            queue: Arc::clone(&queue),
            dereferencer: Dereferencer {
                client: client.clone(),
                index: Arc::clone(&index),
                references,
                grants: Arc::clone(&grants),
                default_image: arguments.server_image.clone(),
                operator_namespace: arguments.lease_namespace.clone(),
            },
            grants,
            applier: Applier::new(client.clone(), index, metrics.clone(), look_again),
            verifier: Arc::new(Verifier::new(route)),
            announcer: Arc::new(Announcer::new(client.clone())?),
            events: Events::new(client.clone(), identity.to_owned()),
            settling: Mutex::default(),
        };
        let controller = Controller {
            queue,
            passes: Arc::new(passes),
            metrics: metrics.clone(),
        };
        Ok(Self {
            watches,
            controller,
        })
    }
}

/// Gives turns once everything is known.
async fn work(parts: Parts) {
    while !parts.watches.waiting_for().is_empty() {
        sleep(Duration::from_millis(100)).await;
    }
    tracing::info!("the cluster is known; the work begins");
    parts.controller.run().await;
}

struct Served {
    telemetry: Arc<Telemetry>,
    watches: Watches,
    queue: Arc<Queue>,
    gate: Gate,
}

impl Answers for Served {
    fn metrics(&self) -> String {
        self.telemetry.render()
    }

    fn healthy(&self) -> Result<(), String> {
        match self.queue.lag() {
            // Who does not lead gives no turns.
            Some(lag) if lag > STALLED && self.gate.term().is_some() => Err(format!(
                "a resource has waited for its turn for {} s",
                lag.as_secs()
            )),
            _ => Ok(()),
        }
    }

    fn ready(&self) -> Result<(), String> {
        match self.watches.waiting_for().as_slice() {
            [] => Ok(()),
            waiting => Err(format!("not known yet: {}", waiting.join(", "))),
        }
    }
}

async fn serve(
    arguments: &Run,
    telemetry: &Arc<Telemetry>,
    watches: &Watches,
    queue: &Arc<Queue>,
    gate: Gate,
) -> Result<(), RunError> {
    let listener = listener::bind(arguments.listen).await?;
    let served = Served {
        telemetry: Arc::clone(telemetry),
        watches: watches.clone(),
        queue: Arc::clone(queue),
        gate,
    };
    // Served to the last: it ends with the process.
    let never = CancellationToken::new();
    let router = router(Arc::new(served));
    tokio::spawn(listener::serve(listener, router, never, Duration::ZERO));
    Ok(())
}

fn telemetry(arguments: &Run, identity: &str) -> Result<Telemetry, RunError> {
    let otlp = arguments.otlp_endpoint.clone().map(|endpoint| Otlp {
        endpoint,
        protocol: arguments.otlp_protocol.into(),
        headers_secret_ref: None,
        trace_sampling: Ratio::ONE,
        logs: true,
    });
    let mut resource = vec![("service.instance.id", identity.to_owned())];
    resource.extend(
        arguments
            .pod_name
            .clone()
            .map(|name| ("k8s.pod.name", name)),
    );
    resource.extend(
        arguments
            .lease_namespace
            .clone()
            .map(|name| ("k8s.namespace.name", name)),
    );
    let options = Options {
        service_name: "icelocator-operator",
        service_version: env!("CARGO_PKG_VERSION"),
        resource,
        otlp: otlp.as_ref(),
        otlp_headers: None,
        datadog: None,
        guard: Guard::none(),
        label_sets: LabelSets::default(),
        allowed_attributes: ALLOWED_ATTRIBUTES,
        log_format: arguments.log_format,
        log_filter: arguments.log_filter.clone(),
    };
    Ok(icelocator_telemetry::init(options)?)
}

/// Unlike any other process', also of an earlier one of the same pod: that one's lease has to run out.
fn identity(arguments: &Run) -> String {
    let host =
        || std::fs::read_to_string("/proc/sys/kernel/hostname").map(|name| name.trim().to_owned());
    let name = arguments
        .pod_name
        .clone()
        .or_else(|| host().ok())
        .unwrap_or_else(|| "icelocator-operator".to_owned());
    format!("{name}_{:08x}", rand::random::<u32>())
}

fn by_name(reach: ReachArg) -> bool {
    match reach {
        ReachArg::Service => true,
        ReachArg::Proxy => false,
        ReachArg::Auto => std::env::var_os("KUBECONFIG").is_none() && Config::incluster().is_ok(),
    }
}

/// Resolves when the process is asked to end.
fn signal() -> Result<impl Future<Output = ()>, RunError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(RunError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Signals)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

//! The one way to the API server: every write is counted, and none is sent by a process that does not lead.
//!
//! A write that is on its way when the lease could pass to another process is given up, so that two operators never
//! both write. Writes to the lease itself are free of the gate, and so are handshakes through the API server's proxy,
//! which change nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http::{Method, Request, Response};
use kube::client::Body;
use tokio::time::{Instant, timeout_at};
use tower::{BoxError, Layer, Service};

use crate::metrics::{Metrics, Verb};

/// A write was refused or given up because this process does not lead.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this process does not lead, so it does not write")]
pub struct NotLeading;

/// Until when this process may write.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<Mutex<Option<Term>>>);

/// One span of leadership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// New writes begin before this.
    pub begin_until: Instant,
    /// Writes are over before this: from then on another process may lead.
    pub end_by: Instant,
}

impl Gate {
    /// Opens the gate, or keeps it open longer.
    pub fn open(&self, term: Term) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(term);
    }

    /// Shuts the gate.
    pub fn shut(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The term, while writes may begin.
    pub fn term(&self) -> Option<Term> {
        let term = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        term.filter(|term| Instant::now() < term.begin_until)
    }
}

/// Wraps the client's service with counting and the gate.
#[derive(Clone, Debug)]
pub struct WriteLayer {
    gate: Gate,
    metrics: Metrics,
}

impl WriteLayer {
    pub fn new(gate: Gate, metrics: Metrics) -> Self {
        Self { gate, metrics }
    }
}

impl<S> Layer<S> for WriteLayer {
    type Service = Writes<S>;

    fn layer(&self, inner: S) -> Writes<S> {
        Writes {
            inner,
            layer: self.clone(),
        }
    }
}

/// See [`WriteLayer`].
#[derive(Clone, Debug)]
pub struct Writes<S> {
    inner: S,
    layer: WriteLayer,
}

type Answer<B> = Pin<Box<dyn Future<Output = Result<Response<B>, BoxError>> + Send>>;

impl<S, B> Service<Request<Body>> for Writes<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = Response<B>;
    type Error = BoxError;
    type Future = Answer<B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Some((kind, verb)) = write(request.method(), request.uri().path()) else {
            let answer = self.inner.call(request);
            return Box::pin(async move { answer.await.map_err(Into::into) });
        };
        if verb == Verb::Lease {
            self.layer.metrics.count_write(kind, verb, 1);
            let answer = self.inner.call(request);
            return Box::pin(async move { answer.await.map_err(Into::into) });
        }
        let Some(term) = self.layer.gate.term() else {
            return Box::pin(async { Err(NotLeading.into()) });
        };
        self.layer.metrics.count_write(kind, verb, 1);
        let answer = self.inner.call(request);
        Box::pin(async move {
            match timeout_at(term.end_by, answer).await {
                Ok(answer) => answer.map_err(Into::into),
                Err(_) => Err(NotLeading.into()),
            }
        })
    }
}

/// What a request writes; `None` when it only reads.
fn write(method: &Method, path: &str) -> Option<(&'static str, Verb)> {
    let deletes = match *method {
        Method::POST | Method::PUT | Method::PATCH => false,
        Method::DELETE => true,
        _ => return None,
    };
    // /api/v1/namespaces/NS/PLURAL[/NAME[/SUBRESOURCE]], or /apis/GROUP/VERSION/namespaces/NS/…; of the whole cluster only
    // /apis/GROUP/VERSION/PLURAL/NAME.
    let before = match path.split('/').position(|part| part == "namespaces") {
        Some(namespaces) => namespaces + 2,
        None => 4,
    };
    let mut parts = path.split('/').skip(before);
    let plural = parts.next().unwrap_or_default();
    let subresource = parts.nth(1).unwrap_or_default();
    let verb = match (plural, subresource) {
        ("services", "proxy") => return None,
        ("leases", _) => Verb::Lease,
        ("events", _) => Verb::Event,
        (_, "status") => Verb::Status,
        _ if deletes => Verb::Delete,
        _ => Verb::Apply,
    };
    Some((kind(plural), verb))
}

fn kind(plural: &str) -> &'static str {
    match plural {
        "icelocators" => "IceLocator",
        "events" => "Event",
        "leases" => "Lease",
        "serviceaccounts" => "ServiceAccount",
        "secrets" => "Secret",
        "configmaps" => "ConfigMap",
        "services" => "Service",
        "poddisruptionbudgets" => "PodDisruptionBudget",
        "networkpolicies" => "NetworkPolicy",
        "deployments" => "Deployment",
        "servicemonitors" => "ServiceMonitor",
        "prometheusrules" => "PrometheusRule",
        "clusterrolebindings" => "ClusterRoleBinding",
        "alertmanagerconfigs" => "AlertmanagerConfig",
        "datadogdashboards" => "DatadogDashboard",
        "datadogmonitors" => "DatadogMonitor",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::api::{Api, DeleteParams, ListParams};
    use kube::client::ClientBuilder;

    use super::*;

    const DEPLOYMENT: &str = "/apis/apps/v1/namespaces/default/deployments/demo";
    const STATUS: &str = "/apis/icelocator.dev/v1alpha1/namespaces/default/icelocators/demo/status";
    const LEASE: &str =
        "/apis/coordination.k8s.io/v1/namespaces/icelocator-system/leases/icelocator-operator";
    const EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/default/events";
    const PROXY: &str = "/api/v1/namespaces/default/services/demo:http/proxy/mcp";
    const SERVICE: &str = "/api/v1/namespaces/default/services/demo";

    #[test]
    fn every_write_is_known_by_kind_and_verb() {
        assert_eq!(
            write(&Method::PATCH, DEPLOYMENT),
            Some(("Deployment", Verb::Apply))
        );
        assert_eq!(
            write(&Method::DELETE, SERVICE),
            Some(("Service", Verb::Delete))
        );
        assert_eq!(
            write(&Method::PATCH, STATUS),
            Some(("IceLocator", Verb::Status))
        );
        assert_eq!(write(&Method::PUT, LEASE), Some(("Lease", Verb::Lease)));
        assert_eq!(write(&Method::POST, EVENTS), Some(("Event", Verb::Event)));
    }

    #[test]
    fn reads_and_handshakes_are_no_writes() {
        assert_eq!(write(&Method::GET, DEPLOYMENT), None);
        assert_eq!(write(&Method::POST, PROXY), None);
    }

    fn gated(
        gate: &Gate,
    ) -> (
        Api<ConfigMap>,
        tower_test::mock::Handle<Request<Body>, Response<Body>>,
    ) {
        let (mock, handle) = tower_test::mock::pair();
        let metrics = Metrics::new(&opentelemetry::global::meter("test"));
        let client = ClientBuilder::new(mock, "default")
            .with_layer(&WriteLayer::new(gate.clone(), metrics))
            .build();
        (Api::default_namespaced(client), handle)
    }

    fn term(begin: u64, end: u64) -> Term {
        let now = Instant::now();
        Term {
            begin_until: now + Duration::from_secs(begin),
            end_by: now + Duration::from_secs(end),
        }
    }

    fn says_not_leading(error: &kube::Error) -> bool {
        matches!(error, kube::Error::Service(source) if source.is::<NotLeading>())
    }

    #[tokio::test(start_paused = true)]
    async fn a_follower_reads_but_does_not_write() {
        let (api, mut server) = gated(&Gate::default());
        let error = api
            .delete("demo", &DeleteParams::default())
            .await
            .unwrap_err();
        assert!(says_not_leading(&error), "{error}");

        let list = tokio::spawn(async move { api.list(&ListParams::default()).await });
        let (request, _) = server.next_request().await.unwrap();
        assert_eq!(
            request.method(),
            Method::GET,
            "the refused write never reached the server"
        );
        list.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_written_once_the_term_is_over() {
        let gate = Gate::default();
        let (api, _server) = gated(&gate);
        gate.open(term(10, 15));
        tokio::time::advance(Duration::from_secs(11)).await;
        let error = api
            .delete("demo", &DeleteParams::default())
            .await
            .unwrap_err();
        assert!(says_not_leading(&error), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_on_its_way_is_given_up_before_another_can_lead() {
        let gate = Gate::default();
        let (api, mut server) = gated(&gate);
        gate.open(term(10, 15));
        let started = Instant::now();
        let write = tokio::spawn(async move { api.delete("demo", &DeleteParams::default()).await });
        let _unanswered = server.next_request().await.unwrap();
        let error = write.await.unwrap().unwrap_err();
        assert!(says_not_leading(&error), "{error}");
        assert_eq!(started.elapsed().as_secs(), 15);
    }
}

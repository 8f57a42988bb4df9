//! A small API server in memory, and the controller upon it: for tests of whole passes, without a cluster.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http::{Method, Request, Response, StatusCode};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Client;
use kube::client::Body;
use kube::core::DynamicObject;
use kube::runtime::watcher::Event;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tower::service_fn;

use super::apply::Applier;
use super::dereference::Dereferencer;
use super::index::{Index, Scopes};
use super::pass::{Passes, Step};
use super::queue::Queue;
use super::references::References;
use super::resources::Resources;
use super::verifier::Verifier;
use crate::api::{IceLocatorStatus, ReferenceKind};
use crate::events::Events;
use crate::kinds::{Kind, ResourceKey};
use crate::metrics::Metrics;
use crate::verify::Route;

/// Plural and name; the namespace is always the same one.
type Key = (String, String);

#[derive(Default)]
struct State {
    objects: BTreeMap<Key, Value>,
    version: u64,
    writes: Vec<String>,
    changed: Vec<(String, Event<DynamicObject>)>,
    /// What an admission webhook does to whatever is applied.
    webhook: Option<fn(&str, &mut Value)>,
    /// Kinds, by their plural, that are answered with this status.
    refused: BTreeMap<String, u16>,
    /// What servers answer to a handshake; they do not answer where this is not set.
    server_version: Option<String>,
}

/// The API server.
#[derive(Clone, Default)]
pub struct Server(Arc<Mutex<State>>);

impl Server {
    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    fn client(&self) -> Client {
        let server = self.clone();
        let service = service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move { Ok::<_, Infallible>(server.answer(request).await) }
        });
        Client::new(service, "default")
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let path: Vec<&str> = parts
            .uri
            .path()
            .split('/')
            .skip_while(|part| *part != "namespaces")
            .skip(2)
            .collect();
        let (status, answer) = self.with(|state| match path.as_slice() {
            ["services", _, "proxy", "mcp"] => state.shake_hands(&body),
            ["events"] => {
                state
                    .writes
                    .push(format!("event {}", body["reason"].as_str().unwrap()));
                (200, body)
            }
            [plural, _, ..] if state.refused.contains_key(*plural) => {
                (state.refused[*plural], Value::Null)
            }
            [plural, name] => state.act(&parts.method, plural, name, body),
            [plural, name, "status"] => state.put_status(plural, name, &body),
            _ => panic!("{} {}", parts.method, parts.uri),
        });
        let answer = match (status, answer) {
            (400.., Value::Null) => json!({
                "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status,
                "message": "refused by the test", "reason": if status == 404 { "NotFound" } else { "Test" },
            }),
            (_, answer) => answer,
        };
        let body = Body::from(answer.to_string().into_bytes());
        Response::builder()
            .status(StatusCode::from_u16(status).unwrap())
            .body(body)
            .unwrap()
    }
}

impl State {
    fn act(&mut self, method: &Method, plural: &str, name: &str, body: Value) -> (u16, Value) {
        let key = (plural.to_owned(), name.to_owned());
        match *method {
            Method::GET => self
                .objects
                .get(&key)
                .map_or((404, Value::Null), |object| (200, object.clone())),
            Method::PATCH => {
                self.writes.push(format!("apply {plural}/{name}"));
                let mut object = self.objects.get(&key).cloned().unwrap_or_default();
                merge(&mut object, body);
                if let Some(webhook) = self.webhook {
                    webhook(plural, &mut object);
                }
                (200, self.store(key, object))
            }
            Method::DELETE => {
                self.writes.push(format!("delete {plural}/{name}"));
                (
                    if self.delete(plural, name) { 200 } else { 404 },
                    json!({"kind": "Status", "status": "Success"}),
                )
            }
            _ => panic!("{method} {plural}/{name}"),
        }
    }

    fn store(&mut self, key: Key, mut object: Value) -> Value {
        self.version += 1;
        let before = self.objects.get(&key);
        let generation = before.map_or(0, |before| {
            before["metadata"]["generation"].as_i64().unwrap_or(0)
        });
        let changed = before.is_none_or(|before| before["spec"] != object["spec"]);
        let metadata = &mut object["metadata"];
        metadata["resourceVersion"] = self.version.to_string().into();
        metadata["namespace"] = "default".into();
        metadata["generation"] = (generation + i64::from(changed)).into();
        if metadata["uid"].is_null() {
            metadata["uid"] = format!("uid-{}", self.version).into();
        }
        self.objects.insert(key.clone(), object.clone());
        let event = Event::Apply(serde_json::from_value(object.clone()).unwrap());
        self.changed.push((key.0, event));
        object
    }

    fn put_status(&mut self, plural: &str, name: &str, body: &Value) -> (u16, Value) {
        self.writes.push("status".to_owned());
        let key = (plural.to_owned(), name.to_owned());
        let mut object = self.objects[&key].clone();
        assert_eq!(object["metadata"]["uid"], body["metadata"]["uid"]);
        object["status"] = body["status"].clone();
        (200, self.store(key, object))
    }

    fn delete(&mut self, plural: &str, name: &str) -> bool {
        let key = (plural.to_owned(), name.to_owned());
        let gone = self.objects.remove(&key);
        let gone = gone.map(|object| serde_json::from_value(object).unwrap());
        let found = gone.is_some();
        self.changed
            .extend(gone.map(|object| (key.0, Event::Delete(object))));
        found
    }

    fn shake_hands(&self, message: &Value) -> (u16, Value) {
        let Some(version) = &self.server_version else {
            return (502, Value::Null);
        };
        let result = match message["method"].as_str().unwrap() {
            "initialize" => {
                json!({"protocolVersion": "2025-11-25", "serverInfo": {"version": version}})
            }
            "tools/list" => json!({"tools": [{"name": "search_detainee_by_name"}]}),
            "server/discover" => json!({"supportedVersions": ["2025-11-25", "2026-07-28"]}),
            "notifications/initialized" => return (202, Value::Null),
            other => panic!("{other}"),
        };
        (
            200,
            json!({"jsonrpc": "2.0", "id": message["id"], "result": result}),
        )
    }
}

fn merge(object: &mut Value, patch: Value) {
    match (object, patch) {
        (Value::Object(object), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(object.entry(key).or_insert(Value::Null), value);
            }
        }
        (object, patch) => *object = patch,
    }
}

/// A controller upon a [`Server`], with one resource, `default/demo`.
pub struct World {
    pub server: Server,
    pub passes: Passes,
    pub key: ResourceKey,
}

impl World {
    /// A cluster that serves every API.
    pub fn new() -> Self {
        Self::upon(Server::default(), &Kind::ALL)
    }

    /// A new operator in an old cluster: one that was restarted.
    pub fn upon(server: Server, apis: &[Kind]) -> Self {
        let client = server.client();
        let resources = Arc::new(Resources::new(Scopes::All));
        let index = Arc::new(Index::new(Scopes::All));
        let references = Arc::new(References::new(Scopes::All));
        let metrics = Metrics::new(&opentelemetry::global::meter("test"));
        let passes = Passes {
            client: client.clone(),
            resources: Arc::clone(&resources),
            index: Arc::clone(&index),
            references: Arc::clone(&references),
            queue: Arc::new(Queue::default()),
            dereferencer: Dereferencer {
                client: client.clone(),
                index: Arc::clone(&index),
                references: Arc::clone(&references),
                default_image: "registry.example/icelocator-server:1.0.0".to_owned(),
            },
            applier: Applier::new(
                client.clone(),
                Arc::clone(&index),
                metrics,
                Arc::new(Notify::new()),
            ),
            verifier: Arc::new(Verifier::new(Route::Proxy(client.clone()))),
            events: Events::new(client, "test".to_owned()),
            settling: Mutex::default(),
        };
        let world = Self {
            server,
            passes,
            key: ResourceKey::new("default", "demo"),
        };
        world.list_resources();
        for kind in apis {
            world.serve(*kind);
        }
        for kind in [ReferenceKind::Secret, ReferenceKind::ConfigMap] {
            references.event(kind, 0, Event::Init);
            references.event(kind, 0, Event::InitDone);
        }
        world.server.with(|state| state.changed.clear());
        world
    }

    fn listed(&self, plural: &str) -> Vec<Event<DynamicObject>> {
        let found = self.server.with(|state| {
            let of_plural = state.objects.iter().filter(|((of, _), _)| of == plural);
            of_plural
                .map(|(_, object)| object.clone())
                .collect::<Vec<_>>()
        });
        let managed = |object: &Value| {
            plural == "icelocators"
                || object["metadata"]["labels"]["app.kubernetes.io/managed-by"]
                    == "icelocator-operator"
        };
        let found = found.into_iter().filter(managed);
        let found = found.map(|object| Event::InitApply(serde_json::from_value(object).unwrap()));
        [Event::Init]
            .into_iter()
            .chain(found)
            .chain([Event::InitDone])
            .collect()
    }

    fn list_resources(&self) {
        for event in self.listed("icelocators") {
            self.passes.resources.event(0, event);
        }
    }

    /// The API of `kind` is there, and its watch has listed everything.
    pub fn serve(&self, kind: Kind) {
        self.passes.index.start(kind);
        for event in self.listed(&kind.api_resource().plural) {
            self.passes.index.event(kind, 0, event);
        }
    }

    /// The watches report what has changed.
    pub fn deliver(&self) {
        let changed = self.server.with(|state| std::mem::take(&mut state.changed));
        for (plural, event) in changed {
            if plural == "icelocators" {
                self.passes.resources.event(0, event);
            } else if let Some(kind) = Kind::ALL
                .into_iter()
                .find(|kind| kind.api_resource().plural == plural)
            {
                self.passes.index.event(kind, 0, event);
            }
        }
    }

    /// Someone writes an object, status and all, and the watches report it.
    pub fn write(&self, plural: &str, object: Value) {
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        self.server
            .with(|state| state.store((plural.to_owned(), name), object));
        self.deliver();
    }

    /// Someone changes an object by hand, and the watches report it.
    pub fn change(&self, plural: &str, name: &str, change: impl FnOnce(&mut Value)) {
        let mut object = self.object(plural, name).unwrap();
        change(&mut object);
        self.write(plural, object);
    }

    /// Someone deletes an object, and the watches report it.
    pub fn delete(&self, plural: &str, name: &str) {
        assert!(self.server.with(|state| state.delete(plural, name)));
        self.deliver();
    }

    pub fn object(&self, plural: &str, name: &str) -> Option<Value> {
        self.server.with(|state| {
            state
                .objects
                .get(&(plural.to_owned(), name.to_owned()))
                .cloned()
        })
    }

    /// The resource `demo` with this spec.
    pub fn apply_demo(&self, spec: Value) {
        let mut object = self
            .object("icelocators", "demo")
            .unwrap_or_else(|| json!({"metadata": {"name": "demo"}}));
        object["apiVersion"] = "icelocator.dev/v1alpha1".into();
        object["kind"] = "IceLocator".into();
        object["spec"] = spec;
        self.write("icelocators", object);
    }

    /// The Deployment's controller reports on its pods.
    pub fn pods(&self, ready: i32) {
        self.change("deployments", "demo", |deployment| {
            let wanted = deployment["spec"]["replicas"].as_i64().unwrap();
            let available = i64::from(ready) >= wanted;
            deployment["status"] = json!({
                "observedGeneration": deployment["metadata"]["generation"],
                "replicas": wanted, "updatedReplicas": wanted, "readyReplicas": ready, "availableReplicas": ready,
                "conditions": [{"type": "Available", "status": if available { "True" } else { "False" }}],
            });
        });
    }

    /// Servers answer handshakes, or no longer do.
    pub fn answer(&self, version: Option<&str>) {
        self.server
            .with(|state| state.server_version = version.map(str::to_owned));
    }

    pub fn webhook(&self, webhook: fn(&str, &mut Value)) {
        self.server.with(|state| state.webhook = Some(webhook));
    }

    /// Writes and looks at objects of this kind are answered with this status; `None` ends that.
    pub fn refuse(&self, plural: &str, status: Option<u16>) {
        self.server.with(|state| match status {
            Some(status) => state.refused.insert(plural.to_owned(), status),
            None => state.refused.remove(plural),
        });
    }

    /// A Secret of the user's appears, with these keys.
    pub fn user_secret(&self, name: &str, keys: &[&str]) {
        let data: BTreeMap<_, _> = keys.iter().map(|key| (*key, "eA==")).collect();
        self.write(
            "secrets",
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}),
        );
        let stored = self.object("secrets", name).unwrap();
        let metadata: ObjectMeta = serde_json::from_value(stored["metadata"].clone()).unwrap();
        self.passes
            .references
            .event(ReferenceKind::Secret, 0, Event::Apply(metadata));
    }

    pub async fn pass(&self) -> Step {
        self.passes.pass(&self.key).await
    }

    /// Passes, with what the watches report in between, until one would wait for more than a moment.
    pub async fn settle(&self) {
        for _ in 0..15 {
            self.pass().await;
            self.deliver();
            // Handshakes run beside the passes.
            for _ in 0..30 {
                tokio::task::yield_now().await;
            }
            tokio::time::advance(std::time::Duration::from_secs(1)).await;
        }
    }

    /// The writes since the last look.
    pub fn writes(&self) -> Vec<String> {
        self.server.with(|state| std::mem::take(&mut state.writes))
    }

    pub fn status(&self) -> IceLocatorStatus {
        serde_json::from_value(self.object("icelocators", "demo").unwrap()["status"].clone())
            .unwrap_or_default()
    }

    /// Status and reason of a condition.
    pub fn condition(&self, type_: &str) -> (String, String, String) {
        let conditions = self.status().conditions;
        let found = conditions
            .into_iter()
            .find(|condition| condition.type_ == type_)
            .unwrap();
        (found.status, found.reason, found.message)
    }
}

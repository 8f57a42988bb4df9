//! The controller upon a small API server in memory: for tests of whole passes, without a cluster.

mod server;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::DynamicObject;
use kube::runtime::watcher::Event;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::announcer::Announcer;
use super::apply::Applier;
use super::dereference::Dereferencer;
use super::grants::Grants;
use super::index::Index;
use super::pass::{Passes, Step};
use super::queue::Queue;
use super::references::References;
use super::resources::Resources;
use super::scopes::Scopes;
use super::verifier::Verifier;
use crate::api::{IceLocatorStatus, ReferenceKind};
use crate::events::Events;
use crate::kinds::{Kind, ResourceKey};
use crate::metrics::Metrics;
use crate::verify::Route;
pub use server::Server;

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
        icelocator_telemetry::install_tls();
        let client = server.client();
        let resources = Arc::new(Resources::new(Scopes::All));
        let index = Arc::new(Index::new(Scopes::All));
        let references = Arc::new(References::new(Scopes::All));
        let metrics = Metrics::new(&opentelemetry::global::meter("test"));
        let grants = Arc::new(Grants::new(
            client.clone(),
            Arc::clone(&resources),
            Arc::clone(&index),
            Some("token-review".to_owned()),
        ));
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
                grants: Arc::clone(&grants),
                default_image: "registry.example/icelocator-server:1.0.0".to_owned(),
                operator_namespace: None,
            },
            grants,
            applier: Applier::new(
                client.clone(),
                Arc::clone(&index),
                metrics,
                Arc::new(Notify::new()),
            ),
            verifier: Arc::new(Verifier::new(Route::Proxy(client.clone()))),
            announcer: Arc::new(Announcer::new(client.clone()).unwrap()),
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
        let found = found
            .into_iter()
            .map(|object| serde_json::from_value::<DynamicObject>(object).unwrap());
        let found = found.filter(|object| plural == "icelocators" || is_watched(object));
        let found = found.map(Event::InitApply);
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
                let event = match event {
                    // To a watch with a selector, what lost its labels is gone.
                    Event::Apply(object) if !is_watched(&object) => Event::Delete(object),
                    event => event,
                };
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
        self.pods_of("demo", ready);
        if self.object("deployments", "demo-simulator").is_some() {
            self.pods_of("demo-simulator", 1);
        }
    }

    fn pods_of(&self, name: &str, ready: i32) {
        self.change("deployments", name, |deployment| {
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
        self.user_secret_with(
            name,
            &keys.iter().map(|key| (*key, "x")).collect::<Vec<_>>(),
        );
    }

    /// A Secret of the user's appears, or changes.
    pub fn user_secret_with(&self, name: &str, data: &[(&str, &str)]) {
        let encoded = data
            .iter()
            .map(|(key, value)| (*key, STANDARD.encode(value)));
        let data: BTreeMap<_, _> = encoded.collect();
        self.write(
            "secrets",
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}),
        );
        self.refer(ReferenceKind::Secret, "secrets", name);
    }

    /// A ConfigMap of the user's appears, or changes.
    pub fn user_config_map(&self, name: &str, data: Value) {
        let mut map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
        map["data"] = data;
        self.write("configmaps", map);
        self.refer(ReferenceKind::ConfigMap, "configmaps", name);
    }

    /// A Secret of the user's goes.
    pub fn delete_user_secret(&self, name: &str) {
        let stored = self.object("secrets", name).unwrap();
        let metadata: ObjectMeta = serde_json::from_value(stored["metadata"].clone()).unwrap();
        self.delete("secrets", name);
        self.passes
            .references
            .event(ReferenceKind::Secret, 0, Event::Delete(metadata));
    }

    /// The watch of what resources may name reports an object.
    pub fn refer(&self, kind: ReferenceKind, plural: &str, name: &str) {
        let stored = self.object(plural, name).unwrap();
        let metadata: ObjectMeta = serde_json::from_value(stored["metadata"].clone()).unwrap();
        self.passes
            .references
            .event(kind, 0, Event::Apply(metadata));
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

/// Whether the watches of children select an object.
fn is_watched(object: &DynamicObject) -> bool {
    let labels = object.metadata.labels.as_ref();
    labels
        .and_then(|labels| labels.get("app.kubernetes.io/managed-by"))
        .map(String::as_str)
        == Some("icelocator-operator")
}

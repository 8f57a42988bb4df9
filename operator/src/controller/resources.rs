//! The resources themselves, as the watch reports them. One that cannot be read is kept by its name, with the reason.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kube::core::DynamicObject;
use kube::runtime::watcher::Event;
use serde_json::{Value, json};

use super::scopes::Scopes;
use crate::api::{IceLocator, IceLocatorStatus, Phase};
use crate::kinds::ResourceKey;
use crate::metrics::Shown;

/// A resource.
#[derive(Clone, Debug)]
pub struct Resource {
    pub key: ResourceKey,
    pub uid: String,
    pub generation: i64,
    pub deleting: bool,
    /// The resource without its status, or why it cannot be read.
    pub object: Result<IceLocator, String>,
    /// What the operator answered last.
    pub status: IceLocatorStatus,
    version: u64,
}

impl Resource {
    fn of(object: DynamicObject) -> Self {
        let DynamicObject {
            mut metadata,
            mut data,
            ..
        } = object;
        metadata.managed_fields = None;
        let status = data.get_mut("status").map(Value::take).unwrap_or_default();
        // A status that cannot be read is as good as none: it is written anew.
        let status = serde_json::from_value(status).unwrap_or_default();
        let read = json!({
            "apiVersion": "icelocator.dev/v1alpha1",
            "kind": "IceLocator",
            "metadata": metadata,
            "spec": data.get_mut("spec").map(Value::take).unwrap_or_default(),
        });
        let version = metadata
            .resource_version
            .as_ref()
            .and_then(|version| version.parse().ok());
        Self {
            key: ResourceKey::new(
                metadata.namespace.unwrap_or_default(),
                metadata.name.unwrap_or_default(),
            ),
            uid: metadata.uid.unwrap_or_default(),
            generation: metadata.generation.unwrap_or_default(),
            deleting: metadata.deletion_timestamp.is_some(),
            object: serde_json::from_value(read).map_err(|error| error.to_string()),
            status,
            version: version.unwrap_or(0),
        }
    }
}

#[derive(Debug)]
struct Stored {
    resource: Arc<Resource>,
    pass: u64,
}

#[derive(Debug, Default)]
struct State {
    stored: HashMap<ResourceKey, Stored>,
    passes: Vec<u64>,
    synced: Vec<bool>,
}

/// All resources.
#[derive(Debug)]
pub struct Resources {
    scopes: Scopes,
    state: Mutex<State>,
}

impl Resources {
    pub fn new(scopes: Scopes) -> Self {
        let count = scopes.each().len();
        let state = State {
            passes: vec![0; count],
            synced: vec![false; count],
            ..State::default()
        };
        Self {
            scopes,
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether every watch has listed everything.
    pub fn is_synced(&self) -> bool {
        self.state().synced.iter().all(|synced| *synced)
    }

    pub fn get(&self, key: &ResourceKey) -> Option<Arc<Resource>> {
        self.state()
            .stored
            .get(key)
            .map(|stored| Arc::clone(&stored.resource))
    }

    pub fn keys(&self) -> Vec<ResourceKey> {
        self.state().stored.keys().cloned().collect()
    }

    pub fn all(&self) -> Vec<Arc<Resource>> {
        let stored = self.state();
        let all = stored.stored.values();
        all.map(|stored| Arc::clone(&stored.resource)).collect()
    }

    /// Each resource as the gauges show it.
    pub fn shown(&self) -> Vec<Shown> {
        let shown = |stored: &Stored| Shown {
            namespace: stored.resource.key.namespace.clone(),
            name: stored.resource.key.name.clone(),
            phase: stored.resource.status.phase.unwrap_or(Phase::Progressing),
        };
        self.state().stored.values().map(shown).collect()
    }

    /// Takes in an event of the watch of a scope; returns the resources that it concerns.
    pub fn event(&self, scope: usize, event: Event<DynamicObject>) -> Vec<ResourceKey> {
        let mut state = self.state();
        match event {
            Event::Init => {
                state.passes[scope] += 1;
                Vec::new()
            }
            Event::InitApply(object) | Event::Apply(object) => {
                let pass = state.passes[scope];
                state.put(Resource::of(object), pass).into_iter().collect()
            }
            Event::Delete(object) => {
                let key = Resource::of(object).key;
                state.stored.remove(&key);
                vec![key]
            }
            Event::InitDone => {
                state.synced[scope] = true;
                let pass = state.passes[scope];
                let scopes = &self.scopes;
                let gone = |key: &ResourceKey, stored: &mut Stored| {
                    scopes.of(&key.namespace) == scope && stored.pass < pass
                };
                state.stored.extract_if(gone).map(|(key, _)| key).collect()
            }
        }
    }

    /// Takes in what the API server answered to a write of our own, ahead of the watch.
    pub fn wrote(&self, object: DynamicObject) {
        let mut state = self.state();
        let resource = Resource::of(object);
        let pass = state.passes[self.scopes.of(&resource.key.namespace)];
        state.put(resource, pass);
    }
}

impl State {
    fn put(&mut self, resource: Resource, pass: u64) -> Option<ResourceKey> {
        let key = resource.key.clone();
        if let Some(before) = self.stored.get_mut(&key) {
            let same = before.resource.uid == resource.uid;
            if same && resource.version != 0 && resource.version <= before.resource.version {
                before.pass = pass;
                return None;
            }
        }
        let resource = Arc::new(resource);
        self.stored.insert(key.clone(), Stored { resource, pass });
        Some(key)
    }
}

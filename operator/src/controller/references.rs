//! The Secrets and ConfigMaps that exist in the watched namespaces, by name and version only, and who names them.
//!
//! Their content is not watched. Which keys one of them has, and the digests of the values, are read when a resource names
//! a key, and again when its version changes; the values are dropped at once.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::runtime::watcher::Event;
use kube::{Api, Client};

use super::contents::{Contents, Keys, digest};
use super::scopes::Scopes;
use crate::api::{Reference, ReferenceKind};
use crate::kinds::ResourceKey;

type Key = (ReferenceKind, String, String);

/// A reference that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub reference: Reference,
    /// Whether the object is there and only the key is not.
    pub only_key: bool,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reference {
            field,
            kind,
            name,
            key,
        } = &self.reference;
        let kind = match kind {
            ReferenceKind::Secret => "Secret",
            ReferenceKind::ConfigMap => "ConfigMap",
        };
        match key {
            Some(key) if self.only_key => write!(f, "{kind} {name} has no key {key} ({field})"),
            _ => write!(f, "{kind} {name} is missing ({field})"),
        }
    }
}

#[derive(Debug)]
struct Seen {
    version: String,
    pass: u64,
    /// The keys within, once they were asked for.
    keys: Option<Keys>,
}

#[derive(Debug, Default)]
struct State {
    seen: HashMap<Key, Seen>,
    passes: HashMap<(ReferenceKind, usize), u64>,
    synced: BTreeSet<(ReferenceKind, usize)>,
    users: HashMap<Key, BTreeSet<ResourceKey>>,
    /// What each resource names, to take it back.
    named: HashMap<ResourceKey, BTreeSet<Key>>,
}

/// What became of the references of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Those that lead nowhere.
    pub missing: Vec<Missing>,
    /// What the others lead to.
    pub contents: Contents,
}

/// The Secrets and ConfigMaps that exist.
#[derive(Debug)]
pub struct References {
    scopes: Scopes,
    state: Mutex<State>,
}

impl References {
    pub fn new(scopes: Scopes) -> Self {
        Self {
            scopes,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_synced(&self) -> bool {
        self.state().synced.len() == 2 * self.scopes.each().len()
    }

    /// Takes in an event of a watch; returns the resources that name the object.
    pub fn event(
        &self,
        kind: ReferenceKind,
        scope: usize,
        event: Event<ObjectMeta>,
    ) -> Vec<ResourceKey> {
        let mut state = self.state();
        let pass = state.passes.entry((kind, scope)).or_default();
        match event {
            Event::Init => {
                *pass += 1;
                Vec::new()
            }
            Event::InitApply(metadata) | Event::Apply(metadata) => {
                let pass = *pass;
                let version = metadata.resource_version.unwrap_or_default();
                let key = (
                    kind,
                    metadata.namespace.unwrap_or_default(),
                    metadata.name.unwrap_or_default(),
                );
                if let Some(seen) = state
                    .seen
                    .get_mut(&key)
                    .filter(|seen| seen.version == version)
                {
                    seen.pass = pass;
                    return Vec::new();
                }
                let concerned = state.users(&key);
                state.seen.insert(
                    key,
                    Seen {
                        version,
                        pass,
                        keys: None,
                    },
                );
                concerned
            }
            Event::Delete(metadata) => {
                let key = (
                    kind,
                    metadata.namespace.unwrap_or_default(),
                    metadata.name.unwrap_or_default(),
                );
                state.seen.remove(&key);
                state.users(&key)
            }
            Event::InitDone => {
                let pass = *pass;
                state.synced.insert((kind, scope));
                let scopes = &self.scopes;
                let unseen = |key: &Key, seen: &mut Seen| {
                    key.0 == kind && scopes.of(&key.1) == scope && seen.pass < pass
                };
                let gone: Vec<Key> = state.seen.extract_if(unseen).map(|(key, _)| key).collect();
                gone.iter().flat_map(|key| state.users(key)).collect()
            }
        }
    }

    /// Notes what a resource names, so that it hears of changes; nothing once it is gone.
    pub fn note(&self, resource: &ResourceKey, references: &[Reference]) {
        let now: BTreeSet<Key> = references
            .iter()
            .map(|reference| key(resource, reference))
            .collect();
        let mut state = self.state();
        let before = state.named.remove(resource).unwrap_or_default();
        for key in before.difference(&now) {
            if let Some(users) = state.users.get_mut(key) {
                users.remove(resource);
                if users.is_empty() {
                    state.users.remove(key);
                }
            }
        }
        for key in now.difference(&before) {
            state
                .users
                .entry(key.clone())
                .or_default()
                .insert(resource.clone());
        }
        if !now.is_empty() {
            state.named.insert(resource.clone(), now);
        }
    }

    /// Follows references. Reads the objects whose keys are asked for and not known.
    pub async fn resolve(
        &self,
        client: &Client,
        resource: &ResourceKey,
        references: &[Reference],
    ) -> Result<Resolved, kube::Error> {
        let mut resolved = Resolved::default();
        for reference in references {
            let key = key(resource, reference);
            let Some((version, keys)) = self
                .state()
                .seen
                .get(&key)
                .map(|seen| (seen.version.clone(), seen.keys.clone()))
            else {
                resolved.missing.push(Missing {
                    reference: reference.clone(),
                    only_key: false,
                });
                continue;
            };
            if reference.key.is_none() {
                continue;
            }
            let keys = if let Some(keys) = keys {
                keys
            } else {
                let keys = read_keys(client, &key).await?;
                if let Some(seen) = self
                    .state()
                    .seen
                    .get_mut(&key)
                    .filter(|seen| seen.version == version)
                {
                    seen.keys = Some(keys.clone());
                }
                keys
            };
            let missing = |wanted: &String| !keys.contains_key(wanted);
            if reference.key.as_ref().is_some_and(missing) {
                resolved.missing.push(Missing {
                    reference: reference.clone(),
                    only_key: true,
                });
            }
            resolved.contents.put(reference.kind, &reference.name, keys);
        }
        Ok(resolved)
    }
}

impl State {
    fn users(&self, key: &Key) -> Vec<ResourceKey> {
        self.users.get(key).into_iter().flatten().cloned().collect()
    }
}

fn key(resource: &ResourceKey, reference: &Reference) -> Key {
    (
        reference.kind,
        resource.namespace.clone(),
        reference.name.clone(),
    )
}

/// The keys of an object; none when it is gone by now, which its watch will say.
async fn read_keys(client: &Client, (kind, namespace, name): &Key) -> Result<Keys, kube::Error> {
    Ok(match kind {
        ReferenceKind::Secret => {
            let secret = Api::<Secret>::namespaced(client.clone(), namespace)
                .get_opt(name)
                .await?;
            let data = secret.and_then(|secret| secret.data).unwrap_or_default();
            data.into_keys().map(|key| (key, None)).collect()
        }
        ReferenceKind::ConfigMap => {
            let map = Api::<ConfigMap>::namespaced(client.clone(), namespace)
                .get_opt(name)
                .await?
                .unwrap_or_default();
            let text = map.data.unwrap_or_default().into_iter();
            let text = text.map(|(key, value)| (key, Some(digest(value.as_bytes()))));
            let bytes = map.binary_data.unwrap_or_default().into_iter();
            text.chain(bytes.map(|(key, value)| (key, Some(digest(&value.0)))))
                .collect()
        }
    })
}

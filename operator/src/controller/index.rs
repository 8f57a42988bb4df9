//! The children that exist, as the watches report them.
//!
//! Pure: watch events go in, the resources that they concern come out, and questions are answered from memory. Far
//! smaller than a store of whole objects, see [`Record`].

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kube::core::DynamicObject;
use kube::runtime::watcher::Event;

use super::children::Child;
use super::compare::{compact, difference};
use super::record::{Owner, Record, Rollout};
use super::scopes::Scopes;
use super::validate::SessionKey;
use crate::kinds::{Kind, ResourceKey};

/// Whether a kind can be worked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// The cluster does not serve it.
    Missing,
    /// Its watch has not listed everything yet.
    Starting,
    /// Its watch fails.
    Unreadable,
    /// Known in full.
    Known,
}

/// How one child stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As desired.
    InOrder,
    /// Not there, as far as is known.
    Missing,
    /// Something else was applied before.
    Outdated,
    /// Someone changed it; the path of the first difference.
    Drifted(String),
    /// Not ours.
    Foreign,
    /// On its way out, or still that of an earlier resource of the same name: wait until it is gone.
    Leaving,
}

/// A child that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    pub kind: Kind,
    pub name: String,
    pub uid: String,
}

type Name = (String, String);

#[derive(Debug)]
struct Stored {
    record: Record,
    /// The pass of its watch that saw it last.
    pass: u64,
    /// What was applied and what came of it, where the two differ and it was left so.
    tolerated: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Watch {
    pass: u64,
    synced: bool,
    failing: bool,
}

#[derive(Debug, Default)]
struct OfKind {
    objects: HashMap<Name, Stored>,
    /// One a scope; empty while the kind is not served.
    watches: Vec<Watch>,
}

/// The children that exist.
#[derive(Debug)]
pub struct Index {
    scopes: Scopes,
    kinds: Mutex<HashMap<Kind, OfKind>>,
}

impl Index {
    pub fn new(scopes: Scopes) -> Self {
        Self {
            scopes,
            kinds: Mutex::default(),
        }
    }

    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    fn kinds(&self) -> MutexGuard<'_, HashMap<Kind, OfKind>> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The watches of `kind` begin.
    pub fn start(&self, kind: Kind) {
        let watches = vec![Watch::default(); self.scopes.each().len()];
        self.kinds().insert(
            kind,
            OfKind {
                watches,
                ..OfKind::default()
            },
        );
    }

    /// `kind` is no longer served: nothing of it exists.
    pub fn stop(&self, kind: Kind) {
        self.kinds().remove(&kind);
    }

    pub fn availability(&self, kind: Kind) -> Availability {
        let kinds = self.kinds();
        let watches = kinds.get(&kind).map_or(&[][..], |of_kind| &of_kind.watches);
        if watches.is_empty() {
            Availability::Missing
        } else if watches.iter().all(|watch| watch.synced) {
            Availability::Known
        } else if watches.iter().any(|watch| watch.failing) {
            Availability::Unreadable
        } else {
            Availability::Starting
        }
    }

    /// A watch of `kind` met an error.
    pub fn failed(&self, kind: Kind, scope: usize) {
        if let Some(watch) = self
            .kinds()
            .get_mut(&kind)
            .and_then(|of_kind| of_kind.watches.get_mut(scope))
        {
            watch.failing = true;
        }
    }

    /// Takes in an event of a watch of `kind`; returns the resources that it concerns.
    pub fn event(&self, kind: Kind, scope: usize, event: Event<DynamicObject>) -> Vec<ResourceKey> {
        let mut kinds = self.kinds();
        let Some(of_kind) = kinds.get_mut(&kind) else {
            return Vec::new();
        };
        let Some(watch) = of_kind.watches.get_mut(scope) else {
            return Vec::new();
        };
        watch.failing = false;
        match event {
            Event::Init => {
                watch.pass += 1;
                Vec::new()
            }
            Event::InitDone => {
                let first = !watch.synced;
                watch.synced = true;
                let pass = watch.pass;
                of_kind.forget_unseen(&self.scopes, scope, pass, first)
            }
            Event::InitApply(object) | Event::Apply(object) => {
                let pass = watch.pass;
                of_kind.put(kind, object, pass).into_iter().collect()
            }
            Event::Delete(object) => of_kind.delete(kind, object).into_iter().collect(),
        }
    }

    /// Takes in what the API server answered to a write of our own, ahead of the watch.
    pub fn wrote(&self, kind: Kind, object: DynamicObject) {
        let scope = self
            .scopes
            .of(object.metadata.namespace.as_deref().unwrap_or_default());
        if let Some(of_kind) = self.kinds().get_mut(&kind) {
            let pass = of_kind.watches.get(scope).map_or(0, |watch| watch.pass);
            of_kind.put(kind, object, pass);
        }
    }

    /// How the child `name` of the resource with `uid` stands against what is desired.
    pub fn verdict(&self, resource: &ResourceKey, uid: &str, child: &Child) -> Verdict {
        let mut kinds = self.kinds();
        let at = (resource.namespace.clone(), child.name.clone());
        let Some(stored) = kinds
            .get_mut(&child.kind)
            .and_then(|of_kind| of_kind.objects.get_mut(&at))
        else {
            return Verdict::Missing;
        };
        let record = &mut stored.record;
        match &record.owner {
            Some(owner) if owner.uid == uid && !record.deleting => {}
            Some(owner) if owner.uid == uid || owner.name == resource.name => {
                return Verdict::Leaving;
            }
            _ => return Verdict::Foreign,
        }
        if stored
            .tolerated
            .as_ref()
            .is_some_and(|(digest, seen)| *digest == child.digest && *seen == record.fingerprint)
        {
            return Verdict::InOrder;
        }
        if record.desired.as_ref() != Some(&child.digest) {
            return Verdict::Outdated;
        }
        let Some(body) = &record.body else {
            return Verdict::InOrder;
        };
        let live = serde_json::from_str(body).unwrap_or_default();
        if let Some(path) = difference(&compact(&child.manifest), &live) {
            Verdict::Drifted(path)
        } else {
            record.body = None;
            Verdict::InOrder
        }
    }

    /// Leaves a child as it is now although it differs from what was applied, until either changes.
    pub fn tolerate(&self, namespace: &str, child: &Child) {
        let at = (namespace.to_owned(), child.name.clone());
        if let Some(stored) = self
            .kinds()
            .get_mut(&child.kind)
            .and_then(|of_kind| of_kind.objects.get_mut(&at))
        {
            stored.tolerated = Some((child.digest.clone(), stored.record.fingerprint.clone()));
        }
    }

    /// A child of ours was deleted by us, ahead of the watch.
    pub fn deleted(&self, namespace: &str, child: &Existing) {
        let at = (namespace.to_owned(), child.name.clone());
        if let Some(of_kind) = self.kinds().get_mut(&child.kind)
            && of_kind
                .objects
                .get(&at)
                .is_some_and(|stored| stored.record.uid == child.uid)
        {
            of_kind.objects.remove(&at);
        }
    }

    /// Everything that belongs to the resource with `uid`.
    pub fn children(&self, namespace: &str, uid: &str) -> Vec<Existing> {
        let kinds = self.kinds();
        let mut children: Vec<Existing> = Kind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, kinds.get(&kind)?)))
            .flat_map(|(kind, of_kind)| {
                let ours = of_kind.objects.iter().filter(|((at, _), stored)| {
                    let record = &stored.record;
                    at == namespace
                        && !record.deleting
                        && record.owner.as_ref().is_some_and(|owner| owner.uid == uid)
                });
                ours.map(move |((_, name), stored)| Existing {
                    kind,
                    name: name.clone(),
                    uid: stored.record.uid.clone(),
                })
            })
            .collect();
        children.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        children
    }

    /// Whose child an object is.
    pub fn owner(&self, kind: Kind, namespace: &str, name: &str) -> Option<Owner> {
        self.read(kind, namespace, name, |record| record.owner.clone())
    }

    /// How the pods of the Deployment `name` stand.
    pub fn rollout(&self, namespace: &str, name: &str) -> Option<Rollout> {
        self.read(Kind::Deployment, namespace, name, |record| {
            record.rollout.clone()
        })
    }

    /// The key in the Secret `name`, if the Secret belongs to the resource with `uid`.
    pub fn session_key(&self, namespace: &str, name: &str, uid: &str) -> Option<SessionKey> {
        self.read(Kind::Secret, namespace, name, |record| {
            record.session_key_of(uid)
        })
    }

    fn read<T>(
        &self,
        kind: Kind,
        namespace: &str,
        name: &str,
        read: impl FnOnce(&Record) -> Option<T>,
    ) -> Option<T> {
        let at = (namespace.to_owned(), name.to_owned());
        self.kinds()
            .get(&kind)?
            .objects
            .get(&at)
            .and_then(|stored| read(&stored.record))
    }
}

impl OfKind {
    fn put(&mut self, kind: Kind, object: DynamicObject, pass: u64) -> Option<ResourceKey> {
        let at = name(&object);
        let mut record = Record::of(kind, object);
        let mut tolerated = None;
        if let Some(before) = self.objects.get_mut(&at)
            && before.record.uid == record.uid
        {
            if record.version != 0 && record.version < before.record.version {
                // Older than what our own write was answered with.
                before.pass = pass;
                return None;
            }
            if before.record.fingerprint == record.fingerprint && before.record.body.is_none() {
                record.body = None;
            }
            tolerated = before.tolerated.take();
        }
        let owner = record
            .owner
            .as_ref()
            .map(|owner| ResourceKey::new(&at.0, &owner.name));
        self.objects.insert(
            at,
            Stored {
                record,
                pass,
                tolerated,
            },
        );
        owner
    }

    fn delete(&mut self, kind: Kind, object: DynamicObject) -> Option<ResourceKey> {
        let at = name(&object);
        let gone = Record::of(kind, object);
        let stored = &self.objects.get(&at)?.record;
        if stored.uid != gone.uid {
            // Of an earlier object of the same name.
            return None;
        }
        let owner = self.objects.remove(&at)?.record.owner?;
        Some(ResourceKey::new(at.0, owner.name))
    }

    /// What the watch no longer lists is gone; returns the resources concerned, all that have a child when it listed for
    /// the first time.
    fn forget_unseen(
        &mut self,
        scopes: &Scopes,
        scope: usize,
        pass: u64,
        first: bool,
    ) -> Vec<ResourceKey> {
        let mut concerned = Vec::new();
        self.objects.retain(|(namespace, _), stored| {
            let here = scopes.of(namespace) == scope;
            let stays = !here || stored.pass >= pass;
            if here && (first || !stays) {
                let owner = stored.record.owner.as_ref();
                concerned.extend(owner.map(|owner| ResourceKey::new(namespace, &owner.name)));
            }
            stays
        });
        concerned
    }
}

fn name(object: &DynamicObject) -> Name {
    let metadata = &object.metadata;
    (
        metadata.namespace.clone().unwrap_or_default(),
        metadata.name.clone().unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests;

//! The watches: they keep the memory up to date and say which resources have their turn.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::{ApiResource, DynamicObject, PartialObjectMeta};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt as _, watcher as watch};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use crate::api::{IceLocator, ReferenceKind};
use crate::controller::index::{Availability, Index};
use crate::controller::queue::Queue;
use crate::controller::references::References;
use crate::controller::resources::Resources;
use crate::discovery::{self, LOOK_EVERY};
use crate::kinds::{Kind, MANAGED_BY};

/// Objects in one page of a list: bounds what is in memory at once, dashboards among it.
const PAGE: u32 = 50;

/// What the watches feed.
#[derive(Clone)]
pub struct Watches {
    pub client: Client,
    pub resources: Arc<Resources>,
    pub index: Arc<Index>,
    pub references: Arc<References>,
    pub queue: Arc<Queue>,
    /// Asks for another look at which APIs are served.
    pub look_again: Arc<Notify>,
    pub looked: Arc<AtomicBool>,
}

impl Watches {
    /// Starts every watch. They go on for as long as the process does.
    pub fn start(&self) {
        for scope in 0..self.scopes().len() {
            self.watch_resources(scope);
            self.watch_references::<Secret>(ReferenceKind::Secret, scope);
            self.watch_references::<ConfigMap>(ReferenceKind::ConfigMap, scope);
        }
        for kind in Kind::ALL {
            if kind.optional_api().is_none() {
                self.watch_kind(kind);
            }
        }
        tokio::spawn(self.clone().follow_apis());
    }

    /// What is not known in full yet; nothing once passes may begin.
    pub fn waiting_for(&self) -> Vec<&'static str> {
        let kinds = Kind::ALL
            .into_iter()
            .filter(|kind| kind.optional_api().is_none());
        let unknown = kinds.filter(|kind| self.index.availability(*kind) != Availability::Known);
        let mut waiting: Vec<&'static str> = unknown.map(Kind::as_str).collect();
        if !self.resources.is_synced() {
            waiting.push("IceLocator");
        }
        if !self.references.is_synced() {
            waiting.push("names of Secrets and ConfigMaps");
        }
        if !self.looked.load(Ordering::Acquire) {
            waiting.push("API discovery");
        }
        waiting
    }

    fn scopes(&self) -> Vec<Option<String>> {
        self.index
            .scopes()
            .each()
            .into_iter()
            .map(|scope| scope.map(str::to_owned))
            .collect()
    }

    fn dynamic(&self, scope: usize, resource: &ApiResource) -> Api<DynamicObject> {
        match self.scopes().get(scope) {
            Some(Some(namespace)) => Api::namespaced_with(self.client.clone(), namespace, resource),
            _ => Api::all_with(self.client.clone(), resource),
        }
    }

    fn watch_resources(&self, scope: usize) {
        let api = self.dynamic(scope, &ApiResource::erase::<IceLocator>(&()));
        let (resources, queue) = (Arc::clone(&self.resources), Arc::clone(&self.queue));
        let take = move |event| queue.add_all(&resources.event(scope, event));
        tokio::spawn(follow(api, config(), "IceLocator", take, || {}));
    }

    fn watch_references<K>(&self, kind: ReferenceKind, scope: usize)
    where
        K: Resource<DynamicType = (), Scope = kube::core::NamespaceResourceScope>
            + Clone
            + std::fmt::Debug
            + DeserializeOwned
            + Send
            + 'static,
    {
        let api: Api<PartialObjectMeta<K>> = match self.scopes().get(scope) {
            Some(Some(namespace)) => Api::namespaced(self.client.clone(), namespace),
            _ => Api::all(self.client.clone()),
        };
        let (references, queue) = (Arc::clone(&self.references), Arc::clone(&self.queue));
        let take = move |event| queue.add_all(&references.event(kind, scope, metadata(event)));
        let all = watcher::Config::default().page_size(500);
        tokio::spawn(follow(
            api,
            all,
            "names of Secrets and ConfigMaps",
            take,
            || {},
        ));
    }

    fn watch_kind(&self, kind: Kind) -> Vec<AbortHandle> {
        self.index.start(kind);
        let start = |scope| {
            let api = self.dynamic(scope, &kind.api_resource());
            let (index, queue) = (Arc::clone(&self.index), Arc::clone(&self.queue));
            let take = {
                let index = Arc::clone(&index);
                move |event| queue.add_all(&index.event(kind, scope, event))
            };
            let (optional, look_again) =
                (kind.optional_api().is_some(), Arc::clone(&self.look_again));
            let failed = move || {
                index.failed(kind, scope);
                if optional {
                    look_again.notify_one();
                }
            };
            let config = config().labels(MANAGED_BY);
            tokio::spawn(follow(api, config, kind.as_str(), take, failed)).abort_handle()
        };
        (0..self.scopes().len()).map(start).collect()
    }

    /// Starts the watches of optional kinds when they are served, and ends them when they no longer are.
    async fn follow_apis(self) {
        let mut watched: HashMap<Kind, Vec<AbortHandle>> = HashMap::new();
        loop {
            match discovery::served(&self.client).await {
                Ok(served) => {
                    self.adjust(&mut watched, &served);
                    self.looked.store(true, Ordering::Release);
                }
                Err(error) => {
                    tracing::warn!(error = %error, "the API server does not say which APIs it serves");
                }
            }
            // Asked for or not, not more than once a second.
            sleep(std::time::Duration::from_secs(1)).await;
            let _ = timeout(LOOK_EVERY, self.look_again.notified()).await;
        }
    }

    fn adjust(&self, watched: &mut HashMap<Kind, Vec<AbortHandle>>, served: &BTreeSet<Kind>) {
        let first = !self.looked.load(Ordering::Acquire);
        let appeared: Vec<Kind> = served
            .iter()
            .filter(|kind| !watched.contains_key(kind))
            .copied()
            .collect();
        for kind in &appeared {
            watched.insert(*kind, self.watch_kind(*kind));
            if !first {
                tracing::info!(icelocator.child.kind = kind.as_str(), "an API appeared");
            }
        }
        let gone: Vec<Kind> = watched
            .keys()
            .filter(|kind| !served.contains(kind))
            .copied()
            .collect();
        for kind in &gone {
            for watch in watched.remove(kind).unwrap_or_default() {
                watch.abort();
            }
            self.index.stop(*kind);
            tracing::warn!(
                icelocator.child.kind = kind.as_str(),
                "an API is no longer served"
            );
        }
        if !(appeared.is_empty() && gone.is_empty()) {
            self.queue.add_all(&self.resources.keys());
        }
    }
}

fn config() -> watcher::Config {
    watcher::Config::default().page_size(PAGE)
}

fn metadata<K>(event: Event<PartialObjectMeta<K>>) -> Event<ObjectMeta> {
    match event {
        Event::Init => Event::Init,
        Event::InitDone => Event::InitDone,
        Event::InitApply(object) => Event::InitApply(object.metadata),
        Event::Apply(object) => Event::Apply(object.metadata),
        Event::Delete(object) => Event::Delete(object.metadata),
    }
}

async fn follow<K>(
    api: Api<K>,
    config: watcher::Config,
    what: &'static str,
    take: impl Fn(Event<K>),
    failed: impl Fn(),
) where
    K: Resource + Clone + std::fmt::Debug + DeserializeOwned + Send + 'static,
{
    let mut events = watch(api, config).default_backoff().into_stream().boxed();
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => take(event),
            Err(error) => {
                tracing::warn!(icelocator.child.kind = what, error = %error, "a watch failed; it is tried again");
                failed();
            }
        }
    }
}

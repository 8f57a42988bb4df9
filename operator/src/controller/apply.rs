//! The fourth step: makes the cluster agree with what was built.
//!
//! Server-side apply with one field manager, and only where the index shows that something is missing, was applied
//! otherwise before, or was changed since. What someone else owns is never touched. What a resource no longer wants goes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use kube::api::{Api, DeleteParams, Patch, PatchParams, Preconditions};
use kube::core::DynamicObject;
use tokio::sync::Notify;

use super::children::Child;
use super::index::{Availability, Existing, Index, Verdict};
use super::record::owner;
use super::repairs::Repairs;
use crate::events::namespace_goes;
use crate::kinds::{FIELD_MANAGER, Kind, ResourceKey};
use crate::metrics::Metrics;

/// A child could not be written or looked at.
#[derive(Debug, thiserror::Error)]
#[error("{} {name}: {source}", kind.as_str())]
pub struct ApplyError {
    pub kind: Kind,
    pub name: String,
    pub source: Box<kube::Error>,
}

impl ApplyError {
    /// Whether the same request may succeed later, without anyone changing the resource.
    pub fn waiting_helps(&self) -> bool {
        waiting_helps(&self.source)
    }
}

/// Whether a request that failed so may succeed later. What the API server calls malformed or invalid stays so.
pub fn waiting_helps(error: &kube::Error) -> bool {
    match error {
        kube::Error::Api(status) => !matches!(status.code, 400 | 405 | 413 | 415 | 422),
        kube::Error::SerdeError(_) | kube::Error::BuildRequest(_) => false,
        _ => true,
    }
}

/// Whose children are applied.
#[derive(Clone, Copy, Debug)]
pub struct Parent<'a> {
    pub key: &'a ResourceKey,
    pub uid: &'a str,
    /// Whether its children were all there before, so that a missing one was deleted.
    pub established: bool,
}

/// What came of applying.
#[derive(Debug, Default)]
pub struct Report {
    /// How many writes were sent.
    pub writes: u32,
    /// Children whose names someone else's objects have.
    pub conflicts: Vec<String>,
    /// Kinds that the cluster does not serve.
    pub missing_apis: BTreeSet<Kind>,
    /// Kinds that may not be read.
    pub unreadable: BTreeSet<Kind>,
    /// Whether a kind is not known in full yet, or an old child has to go first.
    pub unsettled: bool,
    /// Whether nothing can be made any more, because the namespace is on its way out.
    pub namespace_goes: bool,
    /// What failed.
    pub failures: Vec<ApplyError>,
    /// When a child that is changed again and again is put back next.
    pub held_off: Option<Duration>,
}

/// Applies children.
pub struct Applier {
    client: Client,
    index: Arc<Index>,
    metrics: Metrics,
    repairs: Repairs,
    /// Asks for another look at which APIs are served.
    look_again: Arc<Notify>,
}

impl Applier {
    pub fn new(
        client: Client,
        index: Arc<Index>,
        metrics: Metrics,
        look_again: Arc<Notify>,
    ) -> Self {
        Self {
            client,
            index,
            metrics,
            repairs: Repairs::default(),
            look_again,
        }
    }

    /// Makes `children` exist as they are to be, and nothing else of this resource.
    pub async fn apply(&self, parent: Parent<'_>, children: &[Child]) -> Report {
        let mut report = Report::default();
        for child in children {
            match self.index.availability(child.kind) {
                Availability::Known => {}
                Availability::Starting => {
                    report.unsettled = true;
                    continue;
                }
                Availability::Missing => {
                    report.missing_apis.insert(child.kind);
                    continue;
                }
                Availability::Unreadable => {
                    report.unreadable.insert(child.kind);
                    continue;
                }
            }
            // Pods would come up with someone else's settings, or without their own, or unreachable.
            let incomplete = !report.conflicts.is_empty() || !report.failures.is_empty();
            if child.kind == Kind::Deployment && incomplete {
                continue;
            }
            if let Err(error) = self.apply_one(parent, child, &mut report).await {
                if namespace_goes(&error.source) {
                    report.namespace_goes = true;
                    return report;
                }
                self.failed(error, &mut report);
            }
        }
        let wanted = |existing: &Existing| {
            children
                .iter()
                .any(|child| child.kind == existing.kind && child.name == existing.name)
        };
        // Without its key no session would go on: it stays as long as the resource does.
        self.prune(
            parent,
            |existing| wanted(existing) || existing.kind == Kind::Secret,
            &mut report,
        )
        .await;
        report
    }

    /// Takes the pods of a resource away that is not accepted; everything else stays as it is.
    pub async fn retire(&self, parent: Parent<'_>) -> Report {
        let mut report = Report::default();
        self.prune(
            parent,
            |existing| existing.kind != Kind::Deployment,
            &mut report,
        )
        .await;
        report
    }

    async fn apply_one(
        &self,
        parent: Parent<'_>,
        child: &Child,
        report: &mut Report,
    ) -> Result<(), ApplyError> {
        let failed = |source| ApplyError {
            kind: child.kind,
            name: child.name.clone(),
            source: Box::new(source),
        };
        let namespace = &parent.key.namespace;
        let mut repair = false;
        let mut new = false;
        match self.index.verdict(parent.key, parent.uid, child) {
            Verdict::InOrder => return Ok(()),
            Verdict::Foreign => {
                report
                    .conflicts
                    .push(format!("{} {}", child.kind.as_str(), child.name));
                return Ok(());
            }
            Verdict::Leaving => {
                report.unsettled = true;
                return Ok(());
            }
            Verdict::Outdated => {}
            Verdict::Drifted(path) => {
                if let Err(pause) = self.repairs.ask(child.kind, namespace, &child.name) {
                    report.held_off = Some(report.held_off.map_or(pause, |other| other.min(pause)));
                    return Ok(());
                }
                tracing::info!(
                    k8s.namespace.name = namespace,
                    icelocator.child.kind = child.kind.as_str(),
                    icelocator.child.name = child.name,
                    icelocator.field = path,
                    "a child was changed; it is put back"
                );
                repair = true;
            }
            Verdict::Missing => {
                // The index knows what bears our label. Someone else's object of this name would not.
                match self
                    .api(child.kind, namespace)
                    .get_metadata_opt(&child.name)
                    .await
                    .map_err(failed)?
                {
                    None => {
                        new = true;
                        repair = parent.established;
                    }
                    Some(found) => match owner(&found.metadata) {
                        Some(owner)
                            if owner.uid == parent.uid
                                && found.metadata.deletion_timestamp.is_none() =>
                        {
                            repair = true;
                        }
                        Some(owner) if owner.uid == parent.uid || owner.name == parent.key.name => {
                            report.unsettled = true;
                            return Ok(());
                        }
                        _ => {
                            report.conflicts.push(format!(
                                "{} {}",
                                child.kind.as_str(),
                                child.name
                            ));
                            return Ok(());
                        }
                    },
                }
            }
        }
        report.writes += 1;
        let params = PatchParams {
            // What someone else made since we looked is a conflict, not ours.
            force: !new,
            ..PatchParams::apply(FIELD_MANAGER)
        };
        let patch = Patch::Apply(&child.manifest);
        let applied = self
            .api(child.kind, namespace)
            .patch(&child.name, &params, &patch)
            .await
            .map_err(failed)?;
        self.index.wrote(child.kind, applied);
        if repair {
            self.metrics.repaired(child.kind);
        }
        self.leave_what_does_not_take(parent, child);
        Ok(())
    }

    /// An object that comes back otherwise than applied would be applied for ever: it is left as it is.
    fn leave_what_does_not_take(&self, parent: Parent<'_>, child: &Child) {
        let path = match self.index.verdict(parent.key, parent.uid, child) {
            Verdict::Drifted(path) => path,
            Verdict::Outdated => "metadata.annotations".to_owned(),
            _ => return,
        };
        tracing::warn!(
            k8s.namespace.name = parent.key.namespace,
            icelocator.child.kind = child.kind.as_str(),
            icelocator.child.name = child.name,
            icelocator.field = path,
            "the API server keeps another value than the one applied; it is left so"
        );
        self.metrics.drift_tolerated(child.kind);
        self.index.tolerate(&parent.key.namespace, child);
    }

    async fn prune(
        &self,
        parent: Parent<'_>,
        stays: impl Fn(&Existing) -> bool,
        report: &mut Report,
    ) {
        let namespace = &parent.key.namespace;
        for existing in self.index.children(namespace, parent.uid) {
            if stays(&existing) {
                continue;
            }
            report.writes += 1;
            let only_this = Preconditions {
                uid: Some(existing.uid.clone()),
                ..Preconditions::default()
            };
            let params = DeleteParams::background().preconditions(only_this);
            match self
                .api(existing.kind, namespace)
                .delete(&existing.name, &params)
                .await
            {
                Ok(answer) => match answer.left() {
                    Some(leaving) if leaving.metadata.deletion_timestamp.is_some() => {
                        self.index.wrote(existing.kind, leaving);
                    }
                    _ => self.index.deleted(namespace, &existing),
                },
                // Gone already, or another object by now.
                Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => {
                    self.index.deleted(namespace, &existing);
                }
                Err(source) => {
                    let error = ApplyError {
                        kind: existing.kind,
                        name: existing.name,
                        source: Box::new(source),
                    };
                    self.failed(error, report);
                }
            }
        }
    }

    fn failed(&self, error: ApplyError, report: &mut Report) {
        let gone = matches!(&*error.source, kube::Error::Api(status) if status.code == 404);
        if gone && error.kind.optional_api().is_some() {
            report.missing_apis.insert(error.kind);
            self.look_again.notify_one();
        } else {
            report.failures.push(error);
        }
    }

    fn api(&self, kind: Kind, namespace: &str) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), namespace, &kind.api_resource())
    }
}

//! One pass over one resource: the five steps in their order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use kube::Client;
use kube::api::{Api, Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject};
use serde_json::json;
use tokio::time::Instant;
use tracing::{Instrument as _, Span, info_span};

use super::announcer::{Announcement, Announcer};
use super::apply::{Applier, Parent, Report, waiting_helps};
use super::build::{Children, build};
use super::children::{self, Child};
use super::compare::digest;
use super::dereference::Dereferencer;
use super::grants::{GrantError, Grants};
use super::index::Index;
use super::queue::{Next, Queue};
use super::record::Rollout;
use super::references::{Missing, References};
use super::resources::{Resource, Resources};
use super::status::{self, Accepted};
use super::validate::{ValidatedLocator, validate};
use super::verifier::{Verification, Verifier};
use crate::api::{IceLocator, IceLocatorStatus, condition};
use crate::events::{Events, told};
use crate::kinds::{FIELD_MANAGER, ResourceKey};
use crate::metrics::Ended;
use crate::resources::simulator;
use crate::sentry::Deploy;
use crate::verify::Callers;

/// How long a changed status may wait for what is about to change it again: children just written, pods being counted,
/// a server being asked.
const SETTLE: Duration = Duration::from_secs(10);
/// The pause before another look at what has not settled.
const LOOK_SOON: Duration = Duration::from_secs(1);
/// The pause where an event mostly comes first, such as that of an old child's end.
const LOOK_LATER: Duration = Duration::from_secs(15);

/// How a pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The resource is gone.
    Gone,
    Done {
        ended: Ended,
        next: Next,
    },
}

/// What passes work with.
pub struct Passes {
    pub client: Client,
    pub resources: Arc<Resources>,
    pub index: Arc<Index>,
    pub references: Arc<References>,
    pub queue: Arc<Queue>,
    pub dereferencer: Dereferencer,
    pub grants: Arc<Grants>,
    pub applier: Applier,
    pub verifier: Arc<Verifier>,
    pub announcer: Arc<Announcer>,
    pub events: Events,
    /// Since when a changed status waits to be written.
    pub settling: Mutex<HashMap<ResourceKey, Instant>>,
}

/// Why a resource is not in effect.
struct Rejection {
    reason: &'static str,
    message: String,
}

/// What is to exist.
struct Plan {
    locator: ValidatedLocator,
    children: Children,
    list: Vec<Child>,
    missing: Vec<Missing>,
}

impl Passes {
    /// Makes the cluster agree with the resource, and the status with the cluster.
    pub async fn pass(&self, key: &ResourceKey) -> Step {
        let Some(resource) = self.resources.get(key) else {
            self.references.note(key, &[]);
            self.verifier.forget(key);
            self.announcer.forget(key);
            self.settled(key);
            return match self.grant(false).await {
                Ok(()) => Step::Gone,
                Err(_) => Step::failed(),
            };
        };
        Span::current().record("icelocator.generation", resource.generation);
        if resource.deleting {
            // The children go with their owner.
            return Step::settled(Ended::Ok);
        }
        match self.plan(&resource).await {
            Ok(Ok(plan)) => self.carry_out(&resource, &plan).await,
            Ok(Err(rejection)) => self.reject(&resource, &rejection).await,
            Err(error) => {
                tracing::warn!(error = %error, "a resource could not be looked at");
                Step::Done {
                    ended: Ended::Error,
                    next: if waiting_helps(&error) {
                        Next::Retry
                    } else {
                        Next::After(super::LOOK_ANYWAY)
                    },
                }
            }
        }
    }

    /// The first three steps.
    async fn plan(&self, resource: &Resource) -> Result<Result<Box<Plan>, Rejection>, kube::Error> {
        let object: &IceLocator = match &resource.object {
            Ok(object) => object,
            Err(message) => {
                let message = format!("the resource cannot be read: {message}");
                return Ok(Err(Rejection {
                    reason: "Invalid",
                    message,
                }));
            }
        };
        let read = self
            .dereferencer
            .dereference(resource, object)
            .instrument(info_span!("icelocator.dereference"))
            .await;
        let read = read.map_err(|error| error.0)?;
        let validated = info_span!("icelocator.validate").in_scope(|| validate(object, read.facts));
        let locator = match validated {
            Ok(locator) => locator,
            Err(error) => {
                return Ok(Err(Rejection {
                    reason: error.reason(),
                    message: error.to_string(),
                }));
            }
        };
        let built = info_span!("icelocator.build").in_scope(|| {
            let children = build(&locator).map_err(|error| error.to_string())?;
            let list = children::list(&children).map_err(|error| error.to_string())?;
            Ok::<_, String>((children, list))
        });
        Ok(match built {
            Ok((children, list)) => Ok(Box::new(Plan {
                locator,
                children,
                list,
                missing: read.missing,
            })),
            Err(message) => Err(Rejection {
                reason: "Invalid",
                message,
            }),
        })
    }

    async fn carry_out(&self, resource: &Resource, plan: &Plan) -> Step {
        let parent = parent(resource);
        let report = self
            .applier
            .apply(parent, &plan.list)
            .instrument(info_span!("icelocator.apply"))
            .await;
        Span::current().record("icelocator.writes", report.writes);
        log_failures(&report);
        if report.namespace_goes {
            return Step::settled(Ended::Ok);
        }

        let reviews_tokens = plan.locator.server_config.auth.token_review.is_some();
        let granted = self.grant(reviews_tokens).await;
        let key = &resource.key;
        let rollout = self.index.rollout(&key.namespace, &plan.locator.name);
        let verification = match &rollout {
            Some(rollout) if rollout.is_available() && !plan.locator.suspended => {
                let running = rollout
                    .is_complete()
                    .then(|| rollout.generation.to_string());
                let callers = Callers::of(&plan.locator.server_config.auth);
                self.verifier
                    .look(key, callers, running.as_deref(), &self.queue)
            }
            _ => {
                self.verifier.forget(key);
                Verification::Unknown
            }
        };
        let announcement =
            self.announcement(resource, plan, &report, rollout.as_ref(), &verification);
        let seen = Accepted {
            locator: &plan.locator,
            children: &plan.children,
            report: &report,
            missing: &plan.missing,
            ungranted: granted.as_ref().err(),
            rollout: rollout.as_ref(),
            site_runs: self.site_runs(&plan.locator),
            verification: &verification,
            announcement: &announcement,
        };
        let status = status::accepted(&resource.status, &seen, Timestamp::now());
        let asking = status
            .conditions
            .iter()
            .any(|found| found.type_ == condition::VERIFIED && found.reason == "Asking");
        let unsettled = report.writes > 0
            || report.unsettled
            || rollout
                .as_ref()
                .is_some_and(|rollout| !rollout.is_observed());
        let unsettled = unsettled || asking || only_counts(&resource.status, &status);
        if status != resource.status && unsettled && self.waits(key) {
            return Step::Done {
                ended: ended(&report),
                next: if report.failures.is_empty() {
                    Next::After(LOOK_SOON)
                } else {
                    Next::Retry
                },
            };
        }
        self.settled(key);
        if let Some(step) = self.answer(resource, status).await {
            return step;
        }
        let retry = report
            .failures
            .iter()
            .any(super::apply::ApplyError::waiting_helps);
        // What has our child's name bears no label of ours: no event tells when it goes.
        let soon = (report.unsettled || !report.conflicts.is_empty()).then_some(LOOK_LATER);
        let next = match report.held_off.or(soon) {
            _ if retry || granted.is_err() => Next::Retry,
            Some(pause) => Next::After(pause),
            None => Next::After(super::LOOK_ANYWAY),
        };
        Step::Done {
            ended: ended(&report),
            next,
        }
    }

    /// Announces what runs, once it is all that runs and says which version it is.
    fn announcement(
        &self,
        resource: &Resource,
        plan: &Plan,
        report: &Report,
        rollout: Option<&Rollout>,
        verification: &Verification,
    ) -> Announcement {
        let Some(deploys) = &plan.locator.deploys else {
            self.announcer.forget(&resource.key);
            return Announcement::NotWanted;
        };
        let template = plan
            .children
            .deployment
            .spec
            .as_ref()
            .map(|spec| &spec.template);
        let template = digest(&json!(template));
        let told = resource.status.monitoring.as_ref();
        let told = told.and_then(|monitoring| monitoring.deploy.as_ref());
        if let Some(told) = told.filter(|told| told.template == template) {
            return Announcement::Told(told.clone());
        }
        let applied =
            report.failures.is_empty() && report.conflicts.is_empty() && !report.unsettled;
        let runs = rollout.is_some_and(|rollout| rollout.is_available() && rollout.is_complete());
        if !applied || !runs || *verification == Verification::Unknown {
            return Announcement::Waiting;
        }
        let said = match verification {
            Verification::Answered(server) => server.version.as_deref(),
            _ => None,
        };
        let deploy = Deploy {
            to: deploys.to.clone(),
            environment: deploys.environment.clone(),
            release: release(said, &plan.locator.image),
        };
        let key = &resource.key;
        self.announcer.look(key, &deploy, &template, &self.queue)
    }

    async fn grant(&self, asks: bool) -> Result<(), GrantError> {
        let granted = self.grants.level(asks).await;
        if let Err(error) = &granted {
            tracing::warn!(error = %error, "a right could not be given or taken back");
        }
        granted
    }

    fn site_runs(&self, locator: &ValidatedLocator) -> bool {
        let rollout = || {
            self.index
                .rollout(&locator.namespace, &simulator::name(locator))
        };
        locator.simulator.is_none() || rollout().is_some_and(|rollout| rollout.is_available())
    }

    async fn reject(&self, resource: &Resource, rejection: &Rejection) -> Step {
        let report = self
            .applier
            .retire(parent(resource))
            .instrument(info_span!("icelocator.apply"))
            .await;
        log_failures(&report);
        self.verifier.forget(&resource.key);
        self.settled(&resource.key);
        let Rejection { reason, message } = rejection;
        let status = status::rejected(
            &resource.status,
            resource.generation,
            reason,
            message,
            Timestamp::now(),
        );
        if let Some(step) = self.answer(resource, status).await {
            return step;
        }
        if report.failures.is_empty() {
            Step::settled(Ended::Invalid)
        } else {
            Step::failed()
        }
    }

    /// The last step: one write, none when nothing changed. Returns how the pass ends if that fails.
    async fn answer(&self, resource: &Resource, status: IceLocatorStatus) -> Option<Step> {
        if status == resource.status {
            return None;
        }
        let write = async {
            let kind = ApiResource::erase::<IceLocator>(&());
            let api: Api<DynamicObject> =
                Api::namespaced_with(self.client.clone(), &resource.key.namespace, &kind);
            let answer = json!({
                "apiVersion": kind.api_version,
                "kind": kind.kind,
                // The uid: a resource of the same name made meanwhile is another one.
                "metadata": {"name": resource.key.name, "uid": resource.uid},
                "status": status,
            });
            let params = PatchParams::apply(FIELD_MANAGER).force();
            let written = api
                .patch_status(&resource.key.name, &params, &Patch::Apply(&answer))
                .await;
            match written {
                Ok(written) => {
                    self.resources.wrote(written);
                    for told in told(&resource.status, &status) {
                        self.events.publish(resource, told).await;
                    }
                    None
                }
                // Gone, or another one by now: its own event brings it back.
                Err(kube::Error::Api(error)) if matches!(error.code, 404 | 409) => {
                    Some(Step::settled(Ended::Ok))
                }
                Err(error) => {
                    tracing::warn!(error = %error, "the status could not be written");
                    Some(Step::failed())
                }
            }
        };
        write.instrument(info_span!("icelocator.status")).await
    }

    /// Whether a changed status waits a little longer.
    fn waits(&self, key: &ResourceKey) -> bool {
        let mut settling = self.settling.lock().unwrap_or_else(PoisonError::into_inner);
        settling
            .entry(key.clone())
            .or_insert_with(Instant::now)
            .elapsed()
            < SETTLE
    }

    fn settled(&self, key: &ResourceKey) {
        self.settling
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }
}

/// As the server names it in what it sends: by the version that it says it has, or else that of its image.
fn release(said: Option<&str>, image: &str) -> String {
    let name = image.split('@').next().unwrap_or_default();
    let tag = name
        .rsplit('/')
        .next()
        .and_then(|name| name.split_once(':'));
    let version = said.or(tag.map(|(_, tag)| tag));
    format!(
        "icelocator-server@{}",
        version.unwrap_or(env!("CARGO_PKG_VERSION"))
    )
}

fn parent(resource: &Resource) -> Parent<'_> {
    Parent {
        key: &resource.key,
        uid: &resource.uid,
        established: resource.status.observed_generation == Some(resource.generation),
    }
}

/// Whether two statuses differ in nothing but numbers of pods.
fn only_counts(before: &IceLocatorStatus, after: &IceLocatorStatus) -> bool {
    let counted = IceLocatorStatus {
        replicas: after.replicas,
        ready_replicas: after.ready_replicas,
        ..before.clone()
    };
    counted == *after
}

fn ended(report: &Report) -> Ended {
    if report.failures.is_empty() {
        Ended::Ok
    } else {
        Ended::Error
    }
}

fn log_failures(report: &Report) {
    for failure in &report.failures {
        tracing::warn!(
            icelocator.child.kind = failure.kind.as_str(),
            icelocator.child.name = failure.name,
            error = %failure.source,
            "a child could not be applied"
        );
    }
}

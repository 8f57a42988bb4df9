//! The last step: from what was applied and observed to what the operator answers. Pure.
//!
//! Messages are constant while nothing changes: a status that reads differently each time would be written each time.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::announcer::Announcement;
use super::apply::Report;
use super::build::Children;
use super::grants::GrantError;
use super::record::Rollout;
use super::references::Missing;
use super::validate::{Component, ValidatedLocator};
use super::verifier::Verification;
use crate::api::{IceLocatorStatus, MAX_TEXT, MonitoringStatus, Phase, ServerStatus, condition};
use crate::kinds::Kind;
use crate::resources::service;

mod monitoring;
#[cfg(test)]
mod tests;

/// Type of the condition that says whether what the server knows outlives its pods.
pub const PERSISTENT: &str = "Persistent";

/// The longest message that the schema takes, and more than a person reads.
const LONGEST_MESSAGE: usize = MAX_TEXT as usize;

/// A resource that is in effect, and what was observed of it.
pub struct Accepted<'a> {
    pub locator: &'a ValidatedLocator,
    pub children: &'a Children,
    pub report: &'a Report,
    pub missing: &'a [Missing],
    /// Why the pods lack a right that they need.
    pub ungranted: Option<&'a GrantError>,
    pub rollout: Option<&'a Rollout>,
    /// False where the stand-in site is asked for and does not run.
    pub site_runs: bool,
    pub verification: &'a Verification,
    pub announcement: &'a Announcement,
}

/// The status of a resource that is in effect. `before` is what was answered last.
pub fn accepted(
    before: &IceLocatorStatus,
    seen: &Accepted<'_>,
    now: Timestamp,
) -> IceLocatorStatus {
    let Accepted {
        locator,
        rollout,
        report,
        ..
    } = *seen;
    let mut conditions = Conditions::new(before, locator.generation, now);
    conditions.yes(condition::ACCEPTED, "Valid", "");
    match seen.missing {
        [] => conditions.yes(condition::RESOLVED_REFS, "AllFound", ""),
        missing => conditions.no(condition::RESOLVED_REFS, "NotFound", &listed(missing)),
    }
    available(&mut conditions, seen);
    let server = verified(&mut conditions, before, seen);
    let monitoring = monitoring::monitoring(&mut conditions, before, seen);
    conditions.no(
        PERSISTENT,
        "NoStorage",
        "nothing is persisted: without storage, what the server knows ends with its pods",
    );
    if !report.conflicts.is_empty() {
        let taken = report.conflicts.join(", ");
        let message = format!(
            "{taken}: there already and someone else's, so left alone; give this resource another name, or remove what is there"
        );
        conditions.yes(condition::CONFLICT, "NameTaken", &message);
    }
    let phase = ready(&mut conditions, before, locator.suspended, rollout);
    IceLocatorStatus {
        observed_generation: Some(locator.generation),
        phase: Some(phase),
        replicas: Some(rollout.map_or(0, |rollout| rollout.replicas)),
        ready_replicas: Some(rollout.map_or(0, |rollout| rollout.ready_replicas)),
        selector: Some(selector(locator)),
        url: Some(service::url(&locator.namespace, &locator.name)),
        server,
        monitoring: Some(monitoring),
        conditions: conditions.list,
    }
}

/// The status of a resource that is not in effect: nothing runs.
pub fn rejected(
    before: &IceLocatorStatus,
    generation: i64,
    reason: &str,
    message: &str,
    now: Timestamp,
) -> IceLocatorStatus {
    let mut conditions = Conditions::new(before, generation, now);
    conditions.no(condition::ACCEPTED, reason, message);
    for type_ in [
        condition::RESOLVED_REFS,
        condition::VERIFIED,
        condition::MONITORING_READY,
    ] {
        conditions.unknown(type_, "NotAccepted", "the resource is not accepted");
    }
    conditions.no(
        condition::AVAILABLE,
        "NotAccepted",
        "no pods run for a resource that is not accepted",
    );
    conditions.no(condition::READY, reason, message);
    IceLocatorStatus {
        observed_generation: Some(generation),
        phase: Some(Phase::Invalid),
        replicas: Some(0),
        ready_replicas: Some(0),
        selector: before.selector.clone(),
        // What was announced once is not announced again.
        monitoring: monitoring::announced(before).map(|deploy| MonitoringStatus {
            deploy: Some(deploy),
            ..MonitoringStatus::default()
        }),
        conditions: conditions.list,
        ..IceLocatorStatus::default()
    }
}

fn listed(items: &[impl ToString]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.join("; ")
}

/// In the order in which a selector is usually written, and in which the labels' keys sort otherwise.
fn selector(locator: &ValidatedLocator) -> String {
    let labels = locator.selector(Component::Server);
    let keys = ["name", "instance", "component"].map(|key| format!("app.kubernetes.io/{key}"));
    let pairs = keys
        .iter()
        .filter_map(|key| Some(format!("{key}={}", labels.get(key)?)));
    pairs.collect::<Vec<_>>().join(",")
}

fn available(conditions: &mut Conditions<'_>, seen: &Accepted<'_>) {
    let Accepted {
        locator,
        report,
        rollout,
        site_runs,
        ungranted,
        missing,
        ..
    } = *seen;
    let needed = |kind: Kind| kind.optional_api().is_none();
    let failures: Vec<_> = report
        .failures
        .iter()
        .filter(|failure| needed(failure.kind))
        .collect();
    if !failures.is_empty() {
        return conditions.no(condition::AVAILABLE, "ApplyFailed", &listed(&failures));
    }
    if let Some(error) = ungranted {
        return conditions.no(condition::AVAILABLE, "ApplyFailed", &error.to_string());
    }
    match rollout {
        _ if locator.suspended => conditions.no(
            condition::AVAILABLE,
            "Suspended",
            "scaled to nothing, as asked",
        ),
        Some(rollout) if rollout.is_available() && !site_runs => conditions.no(
            condition::AVAILABLE,
            "SimulatorUnavailable",
            "the stand-in site is not ready",
        ),
        Some(rollout) if rollout.is_available() => {
            conditions.yes(condition::AVAILABLE, "MinimumReplicasAvailable", "");
        }
        Some(rollout) => {
            let mut message = format!(
                "{} of {} pods are ready",
                rollout.ready_replicas, locator.replicas
            );
            if let Some(why) = rollout.failure().or_else(|| rollout.is_stuck()) {
                message = format!("{message}: {why}");
            }
            let awaited: Vec<_> = missing
                .iter()
                .filter(|missing| locator.awaits(&missing.reference))
                .collect();
            if !awaited.is_empty() {
                message = format!(
                    "{message}: they wait for what is named: {}",
                    listed(&awaited)
                );
            }
            conditions.no(condition::AVAILABLE, "MinimumReplicasUnavailable", &message);
        }
        None => conditions.no(
            condition::AVAILABLE,
            "NoDeployment",
            "the Deployment is not there",
        ),
    }
}

/// Returns what the server says it is: what it said last while it is not asked anew.
fn verified(
    conditions: &mut Conditions<'_>,
    before: &IceLocatorStatus,
    seen: &Accepted<'_>,
) -> Option<ServerStatus> {
    let is_available = conditions.is(condition::AVAILABLE, "True");
    match seen.verification {
        _ if !is_available => {
            conditions.unknown(
                condition::VERIFIED,
                "NotAvailable",
                "asked once the pods are ready",
            );
        }
        Verification::Answered(server) => {
            conditions.yes(condition::VERIFIED, "HandshakeSucceeded", "");
            return Some(server.clone());
        }
        Verification::AsksForToken => {
            conditions.yes(
                condition::VERIFIED,
                "AsksForToken",
                "the server lets nobody in without a token, as asked; what it says it is, it says to callers",
            );
            return None;
        }
        Verification::Failed(error) => {
            conditions.no(condition::VERIFIED, "HandshakeFailed", &error.to_string());
        }
        Verification::Unknown => {
            let known = before
                .conditions
                .iter()
                .find(|condition| condition.type_ == condition::VERIFIED);
            match known.filter(|condition| condition.status != "Unknown") {
                Some(known) => conditions.put(
                    condition::VERIFIED,
                    &known.status,
                    &known.reason,
                    &known.message,
                ),
                None => {
                    conditions.unknown(condition::VERIFIED, "Asking", "the server is being asked");
                }
            }
        }
    }
    before.server.clone()
}

/// Whether an MCP client gets an answer, and the word for people.
fn ready(
    conditions: &mut Conditions<'_>,
    before: &IceLocatorStatus,
    suspended: bool,
    rollout: Option<&Rollout>,
) -> Phase {
    if suspended {
        conditions.no(condition::READY, "Suspended", "scaled to nothing, as asked");
        return Phase::Suspended;
    }
    let found = |type_: &str, wrong: &dyn Fn(&str) -> bool| {
        let condition = conditions
            .list
            .iter()
            .find(|condition| condition.type_ == type_)?;
        wrong(&condition.status).then(|| condition.clone())
    };
    let obstacle = found(condition::CONFLICT, &|status| status == "True")
        .or_else(|| found(condition::AVAILABLE, &|status| status != "True"))
        .or_else(|| found(condition::VERIFIED, &|status| status != "True"));
    let Some(obstacle) = obstacle else {
        conditions.yes(condition::READY, "Ready", "");
        return Phase::Ready;
    };
    conditions.no(condition::READY, &obstacle.reason, &obstacle.message);
    let was_ready = matches!(before.phase, Some(Phase::Ready | Phase::Degraded));
    let is_stuck = rollout.is_some_and(|rollout| rollout.is_stuck().is_some());
    let is_final = matches!(
        obstacle.reason.as_str(),
        "NameTaken" | "ApplyFailed" | "HandshakeFailed"
    );
    if was_ready || is_stuck || is_final {
        Phase::Degraded
    } else {
        Phase::Progressing
    }
}

/// Conditions on their way into a status.
struct Conditions<'a> {
    before: &'a [Condition],
    generation: i64,
    now: Timestamp,
    list: Vec<Condition>,
}

impl<'a> Conditions<'a> {
    fn new(before: &'a IceLocatorStatus, generation: i64, now: Timestamp) -> Self {
        // As it is stored: to the second.
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self {
            before: &before.conditions,
            generation,
            now,
            list: Vec::new(),
        }
    }

    fn yes(&mut self, type_: &str, reason: &str, message: &str) {
        self.put(type_, "True", reason, message);
    }

    fn no(&mut self, type_: &str, reason: &str, message: &str) {
        self.put(type_, "False", reason, message);
    }

    fn unknown(&mut self, type_: &str, reason: &str, message: &str) {
        self.put(type_, "Unknown", reason, message);
    }

    fn is(&self, type_: &str, status: &str) -> bool {
        self.list
            .iter()
            .any(|condition| condition.type_ == type_ && condition.status == status)
    }

    /// The time of the last transition stays while the status does.
    fn put(&mut self, type_: &str, status: &str, reason: &str, message: &str) {
        let before = self
            .before
            .iter()
            .find(|condition| condition.type_ == type_ && condition.status == status);
        self.list.push(Condition {
            type_: type_.to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            message: shortened(message),
            observed_generation: Some(self.generation),
            last_transition_time: before
                .map_or(Time(self.now), |before| before.last_transition_time.clone()),
        });
    }
}

fn shortened(message: &str) -> String {
    if message.len() <= LONGEST_MESSAGE {
        return message.to_owned();
    }
    let end = (0..LONGEST_MESSAGE - 3)
        .rev()
        .find(|&at| message.is_char_boundary(at))
        .unwrap_or(0);
    format!("{}…", &message[..end])
}

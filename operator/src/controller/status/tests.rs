use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::super::build::build;
use super::super::record::RolloutCondition;
use super::*;
use crate::api::{DeployStatus, Reference, ReferenceKind};
use crate::controller::validate::{Mount, Which};
use crate::resources::fixtures::{demo, legal_aid};
use crate::sentry::AnnounceError;
use crate::verify::HandshakeError;

static NOON: LazyLock<Timestamp> = LazyLock::new(|| "2026-11-23T12:00:00Z".parse().unwrap());
static LATER: LazyLock<Timestamp> = LazyLock::new(|| "2026-11-23T12:05:00Z".parse().unwrap());

fn rollout(ready: i32) -> Rollout {
    Rollout {
        wanted: 1,
        replicas: 1,
        ready_replicas: ready,
        conditions: vec![RolloutCondition {
            type_: "Available".to_owned(),
            status: if ready > 0 { "True" } else { "False" }.to_owned(),
            ..RolloutCondition::default()
        }],
        ..Rollout::default()
    }
}

struct Given {
    locator: ValidatedLocator,
    children: Children,
    report: Report,
    missing: Vec<Missing>,
    rollout: Rollout,
    site_runs: bool,
    verification: Verification,
    announcement: Announcement,
}

/// Everything as it should be.
fn given(locator: ValidatedLocator) -> Given {
    Given {
        children: build(&locator).unwrap(),
        locator,
        report: Report::default(),
        missing: Vec::new(),
        rollout: rollout(1),
        site_runs: true,
        verification: Verification::Answered(ServerStatus::default()),
        announcement: Announcement::NotWanted,
    }
}

impl Given {
    fn status(&self, before: &IceLocatorStatus, now: Timestamp) -> IceLocatorStatus {
        let seen = Accepted {
            locator: &self.locator,
            children: &self.children,
            report: &self.report,
            missing: &self.missing,
            ungranted: None,
            rollout: Some(&self.rollout),
            site_runs: self.site_runs,
            verification: &self.verification,
            announcement: &self.announcement,
        };
        accepted(before, &seen, now)
    }
}

fn find<'a>(status: &'a IceLocatorStatus, type_: &str) -> &'a Condition {
    status
        .conditions
        .iter()
        .find(|condition| condition.type_ == type_)
        .unwrap()
}

#[test]
fn all_is_well() {
    let status = given(demo()).status(&IceLocatorStatus::default(), *NOON);
    assert_eq!(status.phase, Some(Phase::Ready));
    assert_eq!(
        status.selector.as_deref(),
        Some(
            "app.kubernetes.io/name=icelocator-server,app.kubernetes.io/instance=demo,app.kubernetes.io/component=server"
        )
    );
    assert_eq!(
        status.url.as_deref(),
        Some("http://demo.default.svc:8080/mcp")
    );
    let told: Vec<_> = status
        .conditions
        .iter()
        .map(|found| {
            (
                found.type_.as_str(),
                found.status.as_str(),
                found.reason.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("Accepted", "True", "Valid"),
            ("ResolvedRefs", "True", "AllFound"),
            ("Available", "True", "MinimumReplicasAvailable"),
            ("Verified", "True", "HandshakeSucceeded"),
            ("MonitoringReady", "True", "DeliveredAsConfigMaps"),
            ("Persistent", "False", "NoStorage"),
            ("Ready", "True", "Ready"),
        ]
    );
}

#[test]
fn without_its_stand_in_site_a_server_is_not_available() {
    let mut given = given(demo());
    given.site_runs = false;
    let status = given.status(&IceLocatorStatus::default(), *NOON);
    let available = find(&status, "Available");
    assert_eq!(
        (available.status.as_str(), available.reason.as_str()),
        ("False", "SimulatorUnavailable")
    );
    assert_eq!(find(&status, "Ready").status, "False");
}

#[test]
fn what_is_delivered_is_counted() {
    let given = given(legal_aid());
    let status = given
        .status(&IceLocatorStatus::default(), *NOON)
        .monitoring
        .unwrap();
    assert_eq!(status.service_monitor.as_deref(), Some("legal-aid"));
    assert_eq!(status.dashboards, Some(1));
    assert_eq!(status.routes, Some(3));
    let rules = &given.children.prometheus_rule.as_ref().unwrap().spec.groups[0].rules;
    assert_eq!(status.rules, i32::try_from(rules.len()).ok());
}

#[test]
fn nothing_changes_while_nothing_changes() {
    let given = given(demo());
    let first = given.status(&IceLocatorStatus::default(), *NOON);
    let second = given.status(&first, *LATER);
    assert_eq!(first, second);
}

#[test]
fn a_transition_is_timed_when_the_status_changes_and_only_then() {
    let mut given = given(demo());
    let first = given.status(&IceLocatorStatus::default(), *NOON);
    given.rollout = rollout(0);
    let second = given.status(&first, *LATER);
    assert_eq!(
        find(&second, condition::AVAILABLE).last_transition_time,
        Time(*LATER)
    );
    assert_eq!(
        find(&second, condition::ACCEPTED).last_transition_time,
        Time(*NOON)
    );
    // Another reason for the same status is no transition.
    given.rollout.conditions.push(RolloutCondition {
        type_: "Progressing".to_owned(),
        status: "False".to_owned(),
        reason: "ProgressDeadlineExceeded".to_owned(),
        message: "the ReplicaSet has timed out".to_owned(),
    });
    let third = given.status(&second, "2026-11-23T12:30:00Z".parse().unwrap());
    let available = find(&third, condition::AVAILABLE);
    assert_eq!(available.last_transition_time, Time(*LATER));
    assert_eq!(
        available.message,
        "0 of 1 pods are ready: the ReplicaSet has timed out"
    );
}

#[test]
fn times_are_as_the_api_server_stores_them() {
    let status = given(demo()).status(
        &IceLocatorStatus::default(),
        "2026-11-23T12:00:00.123456Z".parse().unwrap(),
    );
    assert_eq!(
        find(&status, condition::READY).last_transition_time,
        Time(*NOON)
    );
}

#[test]
fn one_that_comes_up_is_progressing_and_one_that_went_down_is_degraded() {
    let mut given = given(demo());
    let ready = given.status(&IceLocatorStatus::default(), *NOON);
    given.rollout = rollout(0);
    given.verification = Verification::Unknown;
    assert_eq!(
        given.status(&IceLocatorStatus::default(), *NOON).phase,
        Some(Phase::Progressing)
    );
    let down = given.status(&ready, *LATER);
    assert_eq!(down.phase, Some(Phase::Degraded));
    assert_eq!(
        given.status(&down, *LATER).phase,
        Some(Phase::Degraded),
        "and stays so"
    );
}

#[test]
fn what_a_server_said_is_remembered_until_it_is_asked_anew() {
    let mut given = given(demo());
    let ready = given.status(&IceLocatorStatus::default(), *NOON);
    given.verification = Verification::Unknown;
    assert_eq!(
        given.status(&ready, *LATER),
        ready,
        "as after a restart of the operator"
    );
    given.verification = Verification::Failed(HandshakeError::NoTools);
    let status = given.status(&ready, *LATER);
    assert_eq!(
        find(&status, condition::VERIFIED).message,
        "tools/list: the server offers no tools"
    );
    assert_eq!(find(&status, condition::READY).status, "False");
}

#[test]
fn what_concerns_only_the_monitoring_does_not_keep_a_server_from_being_ready() {
    let mut given = given(legal_aid());
    given.report.missing_apis.insert(Kind::AlertmanagerConfig);
    given.locator.not_in_effect = vec!["spec.monitoring.analytics".to_owned()];
    given.missing = vec![Missing {
        reference: Reference {
            field: "spec.monitoring.alerting.channels[1].slack.webhookSecretRef".to_owned(),
            kind: ReferenceKind::Secret,
            name: "slack".to_owned(),
            key: Some("url".to_owned()),
        },
        only_key: false,
    }];
    let status = given.status(&IceLocatorStatus::default(), *NOON);
    assert_eq!(status.phase, Some(Phase::Ready));
    let monitoring = find(&status, condition::MONITORING_READY);
    assert_eq!(
        (monitoring.status.as_str(), monitoring.reason.as_str()),
        ("False", "APIMissing")
    );
    for part in [
        "AlertmanagerConfig",
        "Secret slack is missing",
        "spec.monitoring.analytics",
    ] {
        assert!(
            monitoring.message.contains(part),
            "{part}: {}",
            monitoring.message
        );
    }
    assert_eq!(status.monitoring.as_ref().unwrap().routes, None);
    assert_eq!(find(&status, condition::RESOLVED_REFS).status, "False");
}

#[test]
fn a_rejected_resource_says_nothing_about_a_server_that_is_not_there() {
    let ready = given(demo()).status(&IceLocatorStatus::default(), *NOON);
    let status = rejected(
        &ready,
        2,
        "NotInEffect",
        "this version cannot honour spec.storage",
        *LATER,
    );
    assert_eq!(status.phase, Some(Phase::Invalid));
    assert_eq!(status.observed_generation, Some(2));
    assert_eq!(
        (status.url, status.server, status.monitoring),
        (None, None, None)
    );
    assert_eq!(status.replicas, Some(0));
    assert!(status.conditions.iter().all(|found| found.status != "True"));
    assert!(
        status
            .conditions
            .iter()
            .all(|found| found.observed_generation == Some(2))
    );
}

#[test]
fn what_pods_wait_for_is_named_where_people_look_first() {
    let mut locator = demo();
    locator.mounts = [("pseudonyms", false), ("sentry", true)]
        .map(|(name, optional)| Mount {
            kind: ReferenceKind::Secret,
            name: name.to_owned(),
            which: Which::All,
            optional,
            read_at_start: BTreeMap::new(),
        })
        .into();
    let mut given = given(locator);
    given.rollout = rollout(0);
    given.missing = ["pseudonyms", "sentry"]
        .map(|name| Missing {
            reference: Reference {
                field: format!("spec.{name}"),
                kind: ReferenceKind::Secret,
                name: name.to_owned(),
                key: None,
            },
            only_key: false,
        })
        .into();
    let status = given.status(&IceLocatorStatus::default(), *NOON);
    let ready = find(&status, condition::READY);
    assert!(
        ready.message.ends_with(
            "they wait for what is named: Secret pseudonyms is missing (spec.pseudonyms)"
        ),
        "{ready:?}"
    );
}

#[test]
fn a_deploy_that_sentry_was_told_of_is_remembered_until_another_is() {
    let deploy = |template: &str| DeployStatus {
        release: "icelocator-server@1.0.0".to_owned(),
        template: template.to_owned(),
    };
    let told = |status: &IceLocatorStatus| status.monitoring.clone().unwrap().deploy;
    let mut given = given(demo());
    given.announcement = Announcement::Told(deploy("a"));
    let first = given.status(&IceLocatorStatus::default(), *NOON);
    assert_eq!(told(&first), Some(deploy("a")));
    assert_eq!(
        told(&rejected(&first, 2, "Invalid", "", *NOON)),
        Some(deploy("a"))
    );

    given.announcement = Announcement::Waiting;
    assert_eq!(given.status(&first, *LATER), first);

    given.announcement = Announcement::Failed {
        release: "icelocator-server@2.0.0".to_owned(),
        error: AnnounceError::Status(403),
    };
    let failed = given.status(&first, *LATER);
    assert_eq!(told(&failed), Some(deploy("a")));
    assert_eq!(find(&failed, condition::READY).status, "True");
    let monitoring = find(&failed, condition::MONITORING_READY);
    assert_eq!(monitoring.reason, "DeployNotAnnounced");
    assert!(
        monitoring
            .message
            .contains("icelocator-server@2.0.0: answered HTTP 403"),
        "{monitoring:?}"
    );

    given.announcement = Announcement::NotWanted;
    assert_eq!(told(&given.status(&first, *LATER)), None);
}

#[test]
fn a_message_without_end_is_cut() {
    let status = rejected(
        &IceLocatorStatus::default(),
        1,
        "Invalid",
        &"é".repeat(5000),
        *NOON,
    );
    let message = &find(&status, condition::ACCEPTED).message;
    assert!(message.len() <= LONGEST_MESSAGE && message.ends_with('…'));
}

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::*;

fn status(conditions: &[(&str, &str, &str, &str)]) -> IceLocatorStatus {
    let condition = |(type_, status, reason, message): &(&str, &str, &str, &str)| Condition {
        type_: (*type_).to_owned(),
        status: (*status).to_owned(),
        reason: (*reason).to_owned(),
        message: (*message).to_owned(),
        observed_generation: None,
        last_transition_time: Time("2026-11-23T12:00:00Z".parse().unwrap()),
    };
    IceLocatorStatus {
        url: Some("http://demo.default.svc:8080/mcp".to_owned()),
        conditions: conditions.iter().map(condition).collect(),
        ..IceLocatorStatus::default()
    }
}

fn reasons(before: &IceLocatorStatus, after: &IceLocatorStatus) -> Vec<String> {
    told(before, after)
        .into_iter()
        .map(|told| told.reason)
        .collect()
}

const STARTING: (&str, &str, &str, &str) = (
    "Ready",
    "False",
    "MinimumReplicasUnavailable",
    "0 of 1 pods are ready",
);
const READY: (&str, &str, &str, &str) = ("Ready", "True", "Ready", "");

#[test]
fn a_beginning_is_nothing_to_tell() {
    assert_eq!(told(&IceLocatorStatus::default(), &status(&[STARTING])), []);
}

#[test]
fn becoming_ready_is_told_once_and_with_the_address() {
    let (before, after) = (status(&[STARTING]), status(&[READY]));
    let told = told(&before, &after);
    assert_eq!(
        told[0].note,
        "MCP clients get answers at http://demo.default.svc:8080/mcp"
    );
    assert!(!told[0].warning);
    assert_eq!(reasons(&after, &after), [""; 0]);
}

#[test]
fn going_down_is_told_with_the_reason() {
    let told = told(&status(&[READY]), &status(&[STARTING]));
    assert_eq!(
        (
            told[0].warning,
            told[0].reason.as_str(),
            told[0].note.as_str()
        ),
        (true, "NotReady", STARTING.3)
    );
}

#[test]
fn what_was_asked_for_is_no_warning() {
    let suspended = status(&[("Ready", "False", "Suspended", "scaled to nothing, as asked")]);
    let told = told(&status(&[READY]), &suspended);
    assert_eq!(
        (told[0].warning, told[0].reason.as_str()),
        (false, "Suspended")
    );
}

#[test]
fn a_mistake_is_told_once_and_again_when_it_is_another() {
    let invalid = |message| {
        status(&[
            ("Accepted", "False", "Invalid", message),
            ("Ready", "False", "Invalid", message),
        ])
    };
    assert_eq!(
        reasons(&status(&[READY]), &invalid("spec.replicas: too many")),
        ["Invalid"]
    );
    assert_eq!(
        reasons(
            &invalid("spec.replicas: too many"),
            &invalid("spec.replicas: too many")
        ),
        [""; 0]
    );
    assert_eq!(
        reasons(
            &invalid("spec.replicas: too many"),
            &invalid("spec.auth: missing")
        ),
        ["Invalid"]
    );
}

#[test]
fn what_is_not_in_effect_yet_is_in_the_status_only() {
    let monitoring = |reason| status(&[("MonitoringReady", "False", reason, "x")]);
    assert_eq!(
        reasons(&IceLocatorStatus::default(), &monitoring("NotInEffect")),
        [""; 0]
    );
    assert_eq!(
        reasons(&IceLocatorStatus::default(), &monitoring("APIMissing")),
        ["APIMissing"]
    );
}

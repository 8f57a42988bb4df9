//! What this version understands but cannot do yet. Fail closed: whatever protects people, or decides where their data
//! goes, is refused while it cannot be honoured. Monitoring extras are left out and named.

use icelocator_config::Recording;

use crate::api::{DashboardDelivery, IceLocatorSpec};

/// Paths of the fields without which nothing may run.
pub(super) fn refused(spec: &IceLocatorSpec) -> Vec<String> {
    let exposure = spec.exposure.clone().unwrap_or_default();
    let monitoring = spec.monitoring.clone().unwrap_or_default();
    let recording = monitoring
        .sessions
        .map_or(Recording::None, |sessions| sessions.recording);
    written([
        (spec.guard.is_some(), "guard"),
        (exposure.ingress.is_some(), "exposure.ingress"),
        (exposure.http_route.is_some(), "exposure.httpRoute"),
        (spec.storage.is_some(), "storage"),
        (spec.autoscaling.is_some(), "autoscaling"),
        (
            spec.rollout
                .as_ref()
                .is_some_and(|rollout| rollout.auto_rollback),
            "rollout.autoRollback",
        ),
        (
            recording != Recording::None,
            "monitoring.sessions.recording",
        ),
        (
            monitoring.compliance.is_some_and(|c| c.report.is_some()),
            "monitoring.compliance.report",
        ),
    ])
}

/// Paths of the monitoring extras that are left out.
pub(super) fn left_out(spec: &IceLocatorSpec) -> Vec<String> {
    let pod = spec.pod.clone().unwrap_or_default();
    let monitoring = spec.monitoring.clone().unwrap_or_default();
    let alerting = monitoring.alerting;
    let dashboards = monitoring.dashboards;
    written([
        (spec.rollout.is_some(), "rollout"),
        (pod.http_proxy.is_some(), "pod.httpProxy"),
        (pod.ca_bundle.is_some(), "pod.caBundle"),
        (monitoring.os.is_some_and(|os| os.enabled), "monitoring.os"),
        (
            dashboards.enabled && dashboards.delivery == DashboardDelivery::GrafanaOperator,
            "monitoring.dashboards.delivery",
        ),
        (
            dashboards.enabled && dashboards.instance_selector.is_some(),
            "monitoring.dashboards.instanceSelector",
        ),
        (
            alerting.enabled && alerting.anomaly_detection.is_some_and(|a| a.enabled),
            "monitoring.alerting.anomalyDetection",
        ),
        (
            alerting.enabled && !alerting.escalation.is_empty(),
            "monitoring.alerting.escalation",
        ),
        (
            monitoring.compliance.is_some_and(|c| c.enabled),
            "monitoring.compliance",
        ),
        (
            monitoring.tuning.is_some_and(|t| t.enabled),
            "monitoring.tuning",
        ),
    ])
}

fn written<const N: usize>(fields: [(bool, &str); N]) -> Vec<String> {
    fields
        .into_iter()
        .filter(|(written, _)| *written)
        .map(|(_, field)| format!("spec.{field}"))
        .collect()
}

//! What watches the server: what of it is delivered, and why not all.

use std::collections::BTreeSet;

use super::{Accepted, Conditions, listed};
use crate::api::{DeployStatus, IceLocatorStatus, MonitoringStatus, condition};
use crate::controller::announcer::Announcement;
use crate::kinds::Kind;

/// The deploy that Sentry was told of last.
pub(super) fn announced(before: &IceLocatorStatus) -> Option<DeployStatus> {
    before.monitoring.as_ref()?.deploy.clone()
}

/// Says whether everything is delivered; returns what is.
pub(super) fn monitoring(
    conditions: &mut Conditions<'_>,
    before: &IceLocatorStatus,
    seen: &Accepted<'_>,
) -> MonitoringStatus {
    let Accepted {
        locator,
        announcement,
        children,
        report,
        missing,
        ..
    } = *seen;
    let optional: Vec<_> = report
        .failures
        .iter()
        .filter(|failure| failure.kind.optional_api().is_some())
        .collect();
    let named_for_monitoring: Vec<_> = missing
        .iter()
        .filter(|missing| missing.reference.field.starts_with("spec.monitoring."))
        .collect();
    let kinds = |kinds: &BTreeSet<Kind>| {
        let named: Vec<String> = kinds
            .iter()
            .map(|kind| {
                format!(
                    "{} ({})",
                    kind.as_str(),
                    kind.optional_api().unwrap_or_default()
                )
            })
            .collect();
        named.join(", ")
    };
    // The first of several reasons, and all that is to be said.
    let mut reasons = Vec::new();
    if !report.missing_apis.is_empty() {
        let who: BTreeSet<_> = report
            .missing_apis
            .iter()
            .map(|kind| kind.brought_by())
            .collect();
        let message = format!(
            "the cluster does not serve {}: install {}, or switch this off; it is picked up when it appears",
            kinds(&report.missing_apis),
            who.into_iter().collect::<Vec<_>>().join(" and "),
        );
        reasons.push(("APIMissing", message));
    }
    if !report.unreadable.is_empty() {
        let message = format!(
            "{} cannot be read: does the operator's role allow it?",
            kinds(&report.unreadable)
        );
        reasons.push(("Unreadable", message));
    }
    if !optional.is_empty() {
        reasons.push(("ApplyFailed", listed(&optional)));
    }
    if !named_for_monitoring.is_empty() {
        reasons.push(("ReferencesMissing", listed(&named_for_monitoring)));
    }
    if let Announcement::Failed { release, error } = announcement {
        let message = format!(
            "Sentry has not been told of the deploy of {release}: {error}; it is tried again"
        );
        reasons.push(("DeployNotAnnounced", message));
    }
    if !locator.not_in_effect.is_empty() {
        let message = format!(
            "not in effect in this version: {}",
            locator.not_in_effect.join(", ")
        );
        reasons.push(("NotInEffect", message));
    }
    let messages: Vec<&str> = reasons
        .iter()
        .map(|(_, message)| message.as_str())
        .collect();
    match reasons.first() {
        Some((reason, _)) => {
            conditions.no(condition::MONITORING_READY, reason, &messages.join("; "));
        }
        None if children.dashboards.is_empty() => {
            conditions.yes(condition::MONITORING_READY, "Delivered", "");
        }
        None => conditions.yes(condition::MONITORING_READY, "DeliveredAsConfigMaps", ""),
    }
    delivered(before, seen)
}

/// What is delivered.
fn delivered(before: &IceLocatorStatus, seen: &Accepted<'_>) -> MonitoringStatus {
    let Accepted {
        announcement,
        children,
        report,
        ..
    } = *seen;
    let is_delivered = |kind: Kind| {
        !report.missing_apis.contains(&kind)
            && !report.unreadable.contains(&kind)
            && report.failures.iter().all(|failure| failure.kind != kind)
    };
    let count = |count: usize| i32::try_from(count).ok();
    let rule = children
        .prometheus_rule
        .as_ref()
        .filter(|_| is_delivered(Kind::PrometheusRule));
    let config = children
        .alertmanager_config
        .as_ref()
        .filter(|_| is_delivered(Kind::AlertmanagerConfig));
    let monitor = children
        .service_monitor
        .as_ref()
        .filter(|_| is_delivered(Kind::ServiceMonitor));
    MonitoringStatus {
        service_monitor: monitor.and_then(|monitor| monitor.metadata.name.clone()),
        rules: rule
            .and_then(|rule| count(rule.spec.groups.iter().map(|group| group.rules.len()).sum())),
        dashboards: count(children.dashboards.len()),
        routes: config.and_then(|config| count(config.spec.route.routes.len())),
        deploy: match announcement {
            Announcement::NotWanted => None,
            Announcement::Told(deploy) => Some(deploy.clone()),
            Announcement::Waiting | Announcement::Failed { .. } => announced(before),
        },
    }
}

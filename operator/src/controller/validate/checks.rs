//! What must hold of a resource, said once more in full: a resource may have been stored under an older schema, and some
//! of this CEL cannot say within its budget.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use icelocator_config::{Check, FieldError, FieldPath, Ratio};
use k8s_openapi::api::core::v1::ResourceRequirements;

use super::quantity::compare;
use crate::api::{
    self, Alerting, Autoscaling, Channel, IceLocator, IceLocatorSpec, MAX_NAME_LENGTH,
    MAX_REPLICAS, Objectives, Severity, alerting, is_reserved, monitoring, scaling,
};

/// Every error of a resource, in the order of its fields.
pub(super) fn check(resource: &IceLocator) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let name = resource.metadata.name.as_deref().unwrap_or_default();
    if !is_name(name) {
        errors.push(FieldPath::root().field("metadata").field("name").error(format!(
            "must be at most {MAX_NAME_LENGTH} lower-case letters, digits and dashes, and begin with a letter"
        )));
    }
    let at = FieldPath::root().field("spec");
    let spec = &resource.spec;
    scale(spec, &at, &mut errors);
    pod(spec, &at.field("pod"), &mut errors);
    spec.locator.check(&at.field("locator"), &mut errors);
    spec.auth
        .clone()
        .unwrap_or_default()
        .check(&at.field("auth"), &mut errors);
    spec.http.check(&at.field("http"), &mut errors);
    spec.limits.check(&at.field("limits"), &mut errors);
    exposure(spec, &at.field("exposure"), &mut errors);
    if let Some(storage) = &spec.storage {
        storage_is_one(storage, &at.field("storage"), &mut errors);
    }
    if let Some(monitoring) = &spec.monitoring {
        watching(monitoring, &at.field("monitoring"), &mut errors);
    }
    named(spec, &mut errors);
    errors
}

/// What is named becomes a folder in pods, and its keys files in it.
fn named(spec: &IceLocatorSpec, errors: &mut Vec<FieldError>) {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    for reference in api::references(spec) {
        let at = FieldPath::root().field(&reference.field);
        let at_name = if reference.field.ends_with("Name") {
            at.clone()
        } else {
            at.field("name")
        };
        let name = reference.name.as_bytes();
        let ends = [name.first(), name.last()].into_iter().flatten();
        let well_formed = (1..=253).contains(&name.len())
            && name.iter().all(|b| plain(*b) && !b.is_ascii_uppercase())
            && ends.into_iter().all(u8::is_ascii_alphanumeric);
        if !well_formed {
            errors.push(at_name.error(
                "not a name: write lower-case letters, digits, dashes and dots, the first and last a letter or digit",
            ));
        }
        let is_key = |key: &String| {
            (1..=253).contains(&key.len())
                && key.bytes().all(|b| plain(b) || b == b'_')
                && !key.starts_with("..")
                && key != "."
        };
        if !reference.key.as_ref().is_none_or(is_key) {
            errors.push(at.field("key").error(
                "not a key: write letters, digits, dashes, underscores and dots, no two dots first",
            ));
        }
    }
}

/// Whether a Service and a label can bear this name, and children can add to it.
fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    name.len() <= MAX_NAME_LENGTH
        && name.bytes().all(plain)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
}

fn scale(spec: &IceLocatorSpec, at: &FieldPath, errors: &mut Vec<FieldError>) {
    let replicas = at.field("replicas");
    if let Some(count) = spec.replicas {
        if !(1..=MAX_REPLICAS).contains(&count) {
            errors.push(replicas.error(format!(
                "must lie between 1 and {MAX_REPLICAS}; to scale to nothing write suspend: true"
            )));
        }
        if spec.autoscaling.is_some() {
            errors.push(
                replicas.error("replicas and autoscaling exclude each other: write one of them"),
            );
        }
    }
    let sqlite = spec
        .storage
        .as_ref()
        .is_some_and(|storage| storage.sqlite.is_some());
    if sqlite && spec.replicas.is_some_and(|count| count > 1) {
        errors.push(replicas.error(
            "storage.sqlite is one pod's own disk: write replicas: 1, or use storage.postgres",
        ));
    }
    if let Some(autoscaling) = &spec.autoscaling {
        let at = at.field("autoscaling");
        if sqlite {
            errors.push(at.error("storage.sqlite is one pod's own disk: leave autoscaling out, or use storage.postgres"));
        }
        follows_load(autoscaling, &at, errors);
    }
    if let Some(rollout) = &spec.rollout {
        scaling::ROLLOUT_WINDOW.check(rollout.window, &at.field("rollout").field("window"), errors);
    }
}

fn follows_load(autoscaling: &Autoscaling, at: &FieldPath, errors: &mut Vec<FieldError>) {
    let Autoscaling {
        min_replicas,
        max_replicas,
        cpu_utilization,
        in_flight_requests,
    } = *autoscaling;
    if min_replicas < 1 || min_replicas > max_replicas {
        errors.push(
            at.field("minReplicas")
                .error("must be at least 1 and not exceed maxReplicas"),
        );
    }
    if max_replicas > MAX_REPLICAS {
        errors.push(
            at.field("maxReplicas")
                .error(format!("must not exceed {MAX_REPLICAS}")),
        );
    }
    if cpu_utilization.is_none() && in_flight_requests.is_none() {
        errors.push(at.error("name what to follow: cpuUtilization, inFlightRequests or both"));
    }
    if cpu_utilization.is_some_and(|percent| !(1..=100).contains(&percent)) {
        errors.push(
            at.field("cpuUtilization")
                .error("must lie between 1 and 100 percent"),
        );
    }
    if in_flight_requests.is_some_and(|calls| calls < 1) {
        errors.push(at.field("inFlightRequests").error("must be at least 1"));
    }
}

fn pod(spec: &IceLocatorSpec, at: &FieldPath, errors: &mut Vec<FieldError>) {
    if let Some(pod) = &spec.pod {
        labels(&pod.labels, &at.field("labels"), errors);
        keys(&pod.annotations, &at.field("annotations"), errors);
    }
}

/// No request may exceed its limit: the API server would refuse the pods.
pub(super) fn requests_within_limits(
    resources: &ResourceRequirements,
    at: &FieldPath,
    errors: &mut Vec<FieldError>,
) {
    for (name, request) in resources.requests.iter().flatten() {
        let limit = resources
            .limits
            .as_ref()
            .and_then(|limits| limits.get(name));
        // What is no quantity is named elsewhere.
        if limit.is_some_and(|limit| compare(&request.0, &limit.0) == Ok(Ordering::Greater)) {
            let at = at.field("requests").field(name);
            errors.push(at.error("exceeds the limit: lower it, or raise the limit"));
        }
    }
}

fn exposure(spec: &IceLocatorSpec, at: &FieldPath, errors: &mut Vec<FieldError>) {
    let Some(exposure) = &spec.exposure else {
        return;
    };
    keys(
        &exposure.service.annotations,
        &at.field("service").field("annotations"),
        errors,
    );
    if exposure.ingress.is_some() && exposure.http_route.is_some() {
        let message = "ingress and httpRoute exclude each other: write one of them";
        errors.push(at.field("ingress").error(message));
    }
}

fn storage_is_one(storage: &api::Storage, at: &FieldPath, errors: &mut Vec<FieldError>) {
    if storage.sqlite.is_some() == storage.postgres.is_some() {
        errors.push(at.error("write exactly one of sqlite and postgres"));
    }
    if let Some(sqlite) = &storage.sqlite
        && compare(&sqlite.size, "0") != Ok(Ordering::Greater)
    {
        let at = at.field("sqlite").field("size");
        errors.push(at.error("must be more than nothing, such as 1Gi"));
    }
}

fn watching(spec: &api::Monitoring, at: &FieldPath, errors: &mut Vec<FieldError>) {
    spec.analytics.check(&at.field("analytics"), errors);
    spec.telemetry.check(&at.field("telemetry"), errors);
    spec.os.check(&at.field("os"), errors);
    spec.sessions.check(&at.field("sessions"), errors);
    spec.privacy.check(&at.field("privacy"), errors);
    spec.compliance.check(&at.field("compliance"), errors);
    spec.tuning.check(&at.field("tuning"), errors);
    let monitor = &spec.metrics.service_monitor;
    let monitor_at = at.field("metrics").field("serviceMonitor");
    monitoring::SCRAPE_INTERVAL.check(monitor.interval, &monitor_at.field("interval"), errors);
    labels(&monitor.labels, &monitor_at.field("labels"), errors);
    labels(
        &spec.dashboards.labels,
        &at.field("dashboards").field("labels"),
        errors,
    );
    if spec.dashboards.folder.contains(['/', '\\']) || spec.dashboards.folder.starts_with('.') {
        let at = at.field("dashboards").field("folder");
        errors.push(at.error("must be one name, not a path"));
    }
    alerts(&spec.alerting, &at.field("alerting"), errors);
}

fn alerts(spec: &Alerting, at: &FieldPath, errors: &mut Vec<FieldError>) {
    labels(&spec.labels, &at.field("labels"), errors);
    objectives(&spec.objectives, &at.field("objectives"), errors);
    let mut names = BTreeSet::new();
    for (index, channel) in spec.channels.iter().enumerate() {
        let at = at.field("channels").index(index);
        is_one_kind(channel, &at, errors);
        has_port(channel, &at, errors);
        is_no_template(channel, &at, errors);
        if !names.insert(channel.name.as_str()) {
            errors.push(at.field("name").error("another channel has this name"));
        }
    }
    let known = |to: &[String], at: &FieldPath, errors: &mut Vec<FieldError>| {
        for name in to.iter().filter(|name| !names.contains(name.as_str())) {
            errors.push(at.error(format!("{} ({name})", alerting::UNKNOWN_CHANNEL)));
        }
    };
    if let Some(routes) = &spec.routes {
        for severity in Severity::ALL {
            known(
                routes.of(severity),
                &at.field("routes").field(severity.as_str()),
                errors,
            );
        }
    }
    let mut before = None;
    for (index, step) in spec.escalation.iter().enumerate() {
        let at = at.field("escalation").index(index);
        alerting::ESCALATION.check(step.after, &at.field("after"), errors);
        if before.is_some_and(|before| step.after <= before) {
            errors.push(
                at.field("after")
                    .error("must be later than the step before"),
            );
        }
        before = Some(step.after);
        known(&step.to, &at.field("to"), errors);
    }
}

fn is_one_kind(channel: &Channel, at: &FieldPath, errors: &mut Vec<FieldError>) {
    let kinds = [
        channel.pagerduty.is_some(),
        channel.slack.is_some(),
        channel.email.is_some(),
        channel.webhook.is_some(),
    ];
    if kinds.into_iter().filter(|present| *present).count() != 1 {
        errors.push(at.error("a channel is exactly one of pagerduty, slack, email and webhook"));
    }
}

/// The mail server is host:port.
fn has_port(channel: &Channel, at: &FieldPath, errors: &mut Vec<FieldError>) {
    let Some(email) = &channel.email else {
        return;
    };
    let port = email
        .smarthost
        .rsplit_once(':')
        .map(|(_, port)| port.parse::<u16>());
    if !matches!(port, Some(Ok(1..))) {
        let at = at.field("email").field("smarthost");
        errors.push(at.error("write host and port, such as smtp.example:587"));
    }
}

/// Alertmanager reads these texts as templates.
fn is_no_template(channel: &Channel, at: &FieldPath, errors: &mut Vec<FieldError>) {
    let slack = channel
        .slack
        .iter()
        .filter_map(|slack| slack.channel.as_ref());
    let email = channel.email.iter();
    let texts = slack
        .map(|text| (text, at.field("slack").field("channel")))
        .chain(
            email
                .clone()
                .map(|email| (&email.from, at.field("email").field("from"))),
        )
        .chain(email.flat_map(|email| {
            email
                .to
                .iter()
                .map(|to| (to, at.field("email").field("to")))
        }));
    for (text, at) in texts {
        if text.contains(['{', '}']) {
            errors.push(at.error("must not hold braces"));
        }
    }
}

fn objectives(spec: &Objectives, at: &FieldPath, errors: &mut Vec<FieldError>) {
    let latency = at.field("latency");
    for (target, at) in [
        (spec.availability, at.field("availability")),
        (spec.latency.target, latency.field("target")),
    ] {
        if target <= Ratio::per_mille(0) || target >= Ratio::ONE {
            errors.push(at.error(alerting::NO_BUDGET));
        }
    }
    if !alerting::is_histogram_bound(spec.latency.threshold) {
        errors.push(latency.field("threshold").error(alerting::not_a_bound()));
    }
    alerting::WINDOW.check(spec.window, &at.field("window"), errors);
}

/// Labels that go to children beside the operator's own.
fn labels(labels: &BTreeMap<String, String>, at: &FieldPath, errors: &mut Vec<FieldError>) {
    keys(labels, at, errors);
    let inner = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    for (key, value) in labels {
        let ends = [value.bytes().next(), value.bytes().last()];
        let well_formed = value.len() <= 63
            && value.bytes().all(inner)
            && ends
                .into_iter()
                .flatten()
                .all(|b| b.is_ascii_alphanumeric());
        if !well_formed {
            errors.push(at.key(key).error(
                "not a label's value: at most 63 letters, digits, dashes, underscores and dots, the first and last a letter or digit",
            ));
        }
    }
}

/// Keys of labels and annotations that go to children beside the operator's own.
fn keys(map: &BTreeMap<String, String>, at: &FieldPath, errors: &mut Vec<FieldError>) {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    for key in map.keys() {
        let (prefix, name) = key.split_once('/').unwrap_or(("", key));
        let ends = [name.bytes().next(), name.bytes().last()];
        let well_formed = prefix.len() <= 253
            && (1..=63).contains(&name.len())
            && prefix.bytes().chain(name.bytes()).all(inner)
            && ends
                .into_iter()
                .flatten()
                .all(|b| b.is_ascii_alphanumeric());
        if is_reserved(key) {
            errors.push(at.key(key).error(api::RESERVED));
        } else if !well_formed {
            errors.push(at.key(key).error(
                "not a key: at most 63 letters, digits, dashes, underscores and dots, perhaps a domain and a slash before them",
            ));
        }
    }
}

//! What is printed when a scenario fails: the resources and their conditions, the pods and the ends of
//! their logs, the events, of the scenario's namespace and the operator's; what the monitoring stack knows of
//! the namespace, and how its own pods are.

use std::{collections::BTreeMap, fmt::Write as _};

use anyhow::Result;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::{
    Api, ResourceExt,
    api::{ListParams, LogParams},
};

use crate::{
    World,
    world::{MONITORING, SYSTEM},
};

/// So many lines of a log are shown.
const LINES: i64 = 25;
/// So many of the latest events are shown.
const EVENTS: usize = 30;

/// So much of a line is shown: a spec or a status in full, or nearly.
const WIDTH: usize = 600;

/// Everything about `namespace` and the operator that helps to understand a failure.
pub async fn report(world: &World, namespace: &str) -> String {
    let mut text = String::new();
    resources(world, namespace, &mut text).await;
    for namespace in [namespace, SYSTEM] {
        let _ = writeln!(text, "── pods in {namespace}");
        pods(world, namespace, &mut text).await;
        let _ = writeln!(text, "── events in {namespace}");
        events(world, namespace, &mut text).await;
    }
    let _ = writeln!(text, "── monitoring of {namespace}");
    if let Err(error) = monitoring(world, namespace, &mut text).await {
        let _ = writeln!(text, "{error:#}");
    }
    let _ = writeln!(text, "── pods in {MONITORING}");
    pods(world, MONITORING, &mut text).await;
    text.lines().map(shortened).collect::<Vec<_>>().join("\n")
}

fn shortened(line: &str) -> String {
    let mut short: String = line.chars().take(WIDTH).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

async fn resources(world: &World, namespace: &str, text: &mut String) {
    let Ok(api) = world
        .api("icelocator.dev/v1alpha1", "IceLocator", Some(namespace))
        .await
    else {
        let _ = writeln!(text, "── the kind IceLocator is not served");
        return;
    };
    let Ok(found) = api.list(&ListParams::default()).await else {
        return;
    };
    for resource in found {
        let _ = writeln!(text, "── IceLocator {namespace}/{}", resource.name_any());
        let _ = writeln!(text, "generation {:?}", resource.metadata.generation);
        let _ = writeln!(text, "spec {}", resource.data["spec"]);
        let mut status = resource.data["status"].clone();
        let conditions = status.get_mut("conditions").map(serde_json::Value::take);
        let _ = writeln!(text, "status {status}");
        for condition in conditions.iter().filter_map(|c| c.as_array()).flatten() {
            let _ = writeln!(text, "  {condition}");
        }
    }
}

async fn pods(world: &World, namespace: &str, text: &mut String) {
    let api: Api<Pod> = Api::namespaced(world.client.clone(), namespace);
    let Ok(found) = api.list(&ListParams::default()).await else {
        return;
    };
    for pod in found {
        let name = pod.name_any();
        let status = pod.status.unwrap_or_default();
        let _ = writeln!(text, "{name}: {}", status.phase.unwrap_or_default());
        for container in status.container_statuses.unwrap_or_default() {
            let state = serde_json::to_string(&container.state).unwrap_or_default();
            let restarts = container.restart_count;
            let _ = writeln!(
                text,
                "  ready {}, restarts {restarts}, {state}",
                container.ready
            );
            let parameters = LogParams {
                tail_lines: Some(LINES),
                ..LogParams::default()
            };
            let log = api
                .logs(&name, &parameters)
                .await
                .unwrap_or_else(|error| error.to_string());
            for line in log.lines() {
                let _ = writeln!(text, "  | {line}");
            }
        }
    }
}

async fn events(world: &World, namespace: &str, text: &mut String) {
    let api: Api<Event> = Api::namespaced(world.client.clone(), namespace);
    let Ok(mut found) = api.list(&ListParams::default()).await else {
        return;
    };
    found
        .items
        .sort_by_key(|event| event.metadata.creation_timestamp.clone());
    let skipped = found.items.len().saturating_sub(EVENTS);
    for event in found.items.into_iter().skip(skipped) {
        let object = event.involved_object;
        let _ = writeln!(
            text,
            "{} {} {}: {} {}",
            event.type_.unwrap_or_default(),
            object.kind.unwrap_or_default(),
            object.name.unwrap_or_default(),
            event.reason.unwrap_or_default(),
            event.message.unwrap_or_default()
        );
    }
}

/// From the pod's metrics to the people: what is scraped, what is alerted, what Alertmanager holds and sends.
async fn monitoring(world: &World, namespace: &str, text: &mut String) -> Result<()> {
    let is_ours = |labels: &BTreeMap<String, String>| {
        labels.get("namespace").is_some_and(|it| it == namespace)
    };
    let prometheus = world.prometheus().await?;
    for target in prometheus.targets().await? {
        if is_ours(&target.labels) {
            let (url, health, error) = (target.scrape_url, target.health, target.last_error);
            let _ = writeln!(text, "target {url}: {health} {error}");
        }
    }
    for alert in prometheus.alerts().await? {
        if is_ours(&alert.labels) {
            let name = alert.labels.get("alertname");
            let (state, since) = (alert.state, alert.active_at);
            let _ = writeln!(text, "Prometheus: {name:?} {state} since {since}");
        }
    }
    for alert in world.alertmanager().await?.alerts().await? {
        if alert["labels"]["namespace"] == namespace {
            let name = &alert["labels"]["alertname"];
            let (status, receivers) = (&alert["status"], &alert["receivers"]);
            let _ = writeln!(text, "Alertmanager: {name} {status} {receivers}");
        }
    }
    let failed = r#"{__name__=~"alertmanager_notifications(_failed)?_total|prometheus_notifications_(dropped|errors)_total"} > 0"#;
    for sample in prometheus.query(failed).await? {
        let _ = writeln!(text, "{:?} {}", sample.labels, sample.value());
    }
    Ok(())
}

//! What a resource asks for and cannot have yet: no pods where safety hangs on it, a word about it where
//! only watching does.

use std::time::Duration;

use anyhow::{Result, ensure};
use icelocator_tests::{
    Case, SOON, eventually,
    resource::{Resource, SIMULATED},
};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Event};
use kube::{Api, ResourceExt, api::ListParams};

use crate::rolling::SERVERS;

/// Field, and the lines of a spec that use it.
fn not_in_effect() -> Vec<(&'static str, String)> {
    let with = |lines: &str| format!("{SIMULATED}{lines}");
    vec![
        ("guard", with("  guard: {enumeration: slow}\n")),
        (
            "exposure.ingress",
            with("  exposure: {ingress: {host: icelocator.example}}\n"),
        ),
        (
            "storage",
            with("  replicas: 1\n  storage: {sqlite: {size: 1Gi}}\n"),
        ),
        (
            "autoscaling",
            with("  autoscaling: {minReplicas: 2, maxReplicas: 3, cpuUtilization: 70}\n"),
        ),
        (
            "rollout.autoRollback",
            with("  rollout: {autoRollback: true}\n"),
        ),
        (
            "monitoring.sessions",
            with("  monitoring: {sessions: {recording: metadata}}\n"),
        ),
        (
            "monitoring.compliance",
            with(
                "  monitoring: {compliance: {report: {schedule: \"0 6 * * 1\", formats: [json]}}}\n",
            ),
        ),
    ]
}

pub async fn what_cannot_be_honoured_gets_no_pods(case: Case) -> Result<()> {
    let mut wrong = Vec::new();
    for (number, (field, spec)) in not_in_effect().into_iter().enumerate() {
        if let Err(error) = refused(&case, &format!("closed-{number}"), field, &spec).await {
            wrong.push(format!("{field}: {error:#}"));
        }
    }
    let deployments: Api<Deployment> = case.typed();
    let there = deployments.list(&ListParams::default()).await?;
    let names: Vec<_> = there.iter().map(ResourceExt::name_any).collect();
    ensure!(names.is_empty(), "pods were asked for: {names:?}");
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    explained(&case, "closed-0").await
}

async fn refused(case: &Case, name: &str, field: &str, spec: &str) -> Result<()> {
    let resource = Resource::apply(case, name, spec).await?;
    let accepted = resource.until("Accepted", "False", SOON).await?;
    ensure!(accepted.reason == "NotInEffect", "{accepted:?}");
    ensure!(
        accepted.message.contains(field),
        "{} does not name {field}",
        accepted.message
    );
    let ready = resource.until("Ready", "False", SOON).await?;
    ensure!(!ready.message.is_empty(), "Ready says nothing: {ready:?}");
    Ok(())
}

/// A refusal is an event too, for those who `kubectl describe`.
async fn explained(case: &Case, name: &str) -> Result<()> {
    let events: Api<Event> = case.typed();
    eventually(SOON, "an event about the refusal", || async {
        let fields = format!("involvedObject.name={name},involvedObject.kind=IceLocator");
        let found = events.list(&ListParams::default().fields(&fields)).await?;
        let warned = found
            .iter()
            .any(|event| event.type_.as_deref() == Some("Warning"));
        ensure!(warned, "{} events, no warning", found.items.len());
        Ok(())
    })
    .await
}

/// Whoever asks for protection must not be served without, not even by pods that were there before.
pub async fn what_can_no_longer_be_honoured_loses_its_pods(case: Case) -> Result<()> {
    let resource = Resource::ready(&case, "later", 1).await?;
    resource
        .reapply(
            &case,
            &format!("  replicas: 1\n{SIMULATED}  guard: {{enumeration: slow}}\n"),
        )
        .await?;
    resource.until("Accepted", "False", SOON).await?;
    eventually(
        Duration::from_mins(1),
        "no pod serves without the guard",
        || async {
            let pods = case.world.pods(&case.namespace, SERVERS).await?;
            ensure!(pods.is_empty(), "{} pods still serve", pods.len());
            Ok(())
        },
    )
    .await?;
    resource
        .reapply(&case, &format!("  replicas: 1\n{SIMULATED}"))
        .await?;
    resource.until_ready().await?;
    Ok(())
}

pub async fn monitoring_extras_are_named_and_do_no_harm(case: Case) -> Result<()> {
    let spec = format!(
        "{SIMULATED}  monitoring:
    os: {{enabled: true}}
    tuning: {{enabled: true}}
    alerting: {{anomalyDetection: {{enabled: true}}}}
"
    );
    let resource = Resource::apply(&case, "extras", &spec).await?;
    resource.until_ready().await?;
    let monitoring = resource.condition("MonitoringReady").await?;
    for field in ["os", "tuning", "anomalyDetection"] {
        ensure!(
            monitoring.message.contains(field),
            "{field} is not named: {monitoring:?}"
        );
    }
    Ok(())
}

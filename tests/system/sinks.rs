//! What a resource sends elsewhere: its Secrets, its way out, what is made for those who collect. What arrives is tested where
//! it is received.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use icelocator_tests::{
    Case, SOON, eventually,
    mcp::{BY_NAME, Mcp},
    people,
    receivers::{Intake, Intakes},
    resource::{Resource, SIMULATED},
    world::MANAGER,
};
use k8s_openapi::{
    api::{core::v1::Pod, core::v1::Secret, networking::v1::NetworkPolicy},
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{
    Api,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::json;

use crate::rolling::{SERVERS, uids};

/// Until the kubelet has brought what changed to pods that run, and what waits for it is sent.
const TAKEN_UP_WITHIN: Duration = Duration::from_mins(4);

async fn secret(case: &Case, name: &str, key: &str, value: &str) -> Result<()> {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {key: value},
    });
    case.apply(&secret.to_string()).await
}

pub async fn secrets_of_sinks_are_taken_up_by_pods_that_run(case: Case) -> Result<()> {
    let intakes = Intakes::start(case.world.node_ip).await?;
    let address = intakes.address();
    // Nobody listens where Datadog and the collector would be: calls go on without them.
    let spec = format!(
        "{SIMULATED}  replicas: 1
  monitoring:
    analytics: {{projectIdSecretRef: {{name: mcpcat, key: project-id}}, endpoint: \"http://{address}\"}}
    telemetry:
      otlp: {{endpoint: \"http://nobody.invalid.svc:4317\", headersSecretRef: {{name: otlp}}}}
      datadog: {{apiKeySecretRef: {{name: datadog, key: api-key}}, site: datadog.invalid}}
      sentry: {{dsnSecretRef: {{name: sentry, key: dsn}}, tracesSampleRate: 1.0}}
"
    );
    let resource = Resource::apply(&case, "sinks", &spec).await?;
    // Nobody who searches waits for what only watches.
    resource.until_ready().await?;
    let said = resource.until("MonitoringReady", "False", SOON).await?;
    for name in ["mcpcat", "otlp", "datadog", "sentry"] {
        ensure!(
            said.message.contains(&format!("Secret {name} is missing")),
            "{name} is not named: {said:?}"
        );
    }
    let pods = uids(&case).await?;
    let dsn = |address| format!("http://public@{address}/1");
    for (name, key, value) in [
        ("mcpcat", "project-id", "proj_invented"),
        ("otlp", "x-invented", "header"),
        ("datadog", "api-key", "invented-key-1"),
        ("sentry", "dsn", &dsn(address)),
    ] {
        secret(&case, name, key, value).await?;
    }
    resource.until("MonitoringReady", "True", SOON).await?;
    resource.until("ResolvedRefs", "True", SOON).await?;

    let mcp = case.mcp("sinks").await?;
    eventually(TAKEN_UP_WITHIN, "events and envelopes arrive", || async {
        let answer = mcp
            .call(&Mcp::modern(), BY_NAME, people::invented())
            .await?;
        ensure!(answer.outcome() == "not_found", "{answer:?}");
        for intake in [Intake::AgentCat, Intake::Sentry] {
            ensure!(!intakes.arrived(intake).is_empty(), "none at {intake:?}");
        }
        Ok(())
    })
    .await?;
    let elsewhere = Intakes::start(case.world.node_ip).await?;
    secret(&case, "sentry", "dsn", &dsn(elsewhere.address())).await?;
    eventually(TAKEN_UP_WITHIN, "the new DSN is used", || async {
        mcp.call(&Mcp::modern(), BY_NAME, people::invented())
            .await?;
        let envelopes = elsewhere.arrived(Intake::Sentry);
        ensure!(!envelopes.is_empty(), "none at the other address");
        Ok(())
    })
    .await?;
    ensure!(uids(&case).await? == pods, "pods were replaced");
    Ok(())
}

pub async fn pods_wait_for_the_keys_of_pseudonyms(case: Case) -> Result<()> {
    let spec = format!(
        "{SIMULATED}  monitoring: {{privacy: {{pseudonymKeyringSecretRef: {{name: pseudonyms}}}}}}\n"
    );
    let resource = Resource::apply(&case, "keyless", &spec).await?;
    let ready = eventually(SOON, "what is waited for is named", || async {
        let ready = resource.condition("Ready").await?;
        ensure!(
            ready.message.contains("Secret pseudonyms is missing"),
            "{ready:?}"
        );
        Ok(ready)
    })
    .await?;
    ensure!(ready.status == "False", "{ready:?}");
    secret(&case, "pseudonyms", "2026-11", &"k".repeat(32)).await?;
    resource
        .until("Ready", "True", Duration::from_mins(3))
        .await?;
    Ok(())
}

/// The test cluster's network lets everything through: what is made is looked at, and that nothing is in its way.
pub async fn a_network_policy_is_made_and_taken_away(case: Case) -> Result<()> {
    let with = |policy: &str| format!("  replicas: 1\n{SIMULATED}{policy}");
    let resource = Resource::apply(
        &case,
        "confined",
        &with("  networkPolicy: {enabled: true}\n"),
    )
    .await?;
    resource.until_ready().await?;
    let policies: Api<NetworkPolicy> = case.typed();
    let policy = policies.get("confined").await?;
    let spec = policy.spec.context("a policy without spec")?;
    ensure!(
        spec.policy_types == Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
        "{spec:?}"
    );
    let chosen = spec.pod_selector.unwrap_or_default().match_labels;
    let labels = chosen.unwrap_or_default();
    let labels: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let pods: Api<Pod> = case.typed();
    let pods = pods
        .list(&ListParams::default().labels(&labels.join(",")))
        .await?;
    ensure!(!pods.items.is_empty(), "it selects no pod: {labels:?}");

    resource
        .reapply(&case, &with("  networkPolicy: {enabled: false}\n"))
        .await?;
    eventually(SOON, "the policy goes", || async {
        ensure!(policies.get_opt("confined").await?.is_none(), "still there");
        Ok(())
    })
    .await
}

pub async fn profiles_are_announced_on_pods_with_a_token_of_their_own(case: Case) -> Result<()> {
    let spec =
        format!("  replicas: 1\n{SIMULATED}  monitoring: {{profiling: {{enabled: true}}}}\n");
    let resource = Resource::apply(&case, "profiles", &spec).await?;
    resource.until_ready().await?;
    let pods = case.world.pods(&case.namespace, SERVERS).await?;
    let annotations = pods
        .first()
        .and_then(|pod| pod.metadata.annotations.clone());
    let annotations = annotations.context("a pod without annotations")?;
    ensure!(
        annotations
            .get("profiles.grafana.com/cpu.port")
            .map(String::as_str)
            == Some("9091"),
        "{annotations:?}"
    );
    let secrets: Api<Secret> = case.typed();
    let token = secrets
        .get("profiles-admin")
        .await?
        .data
        .unwrap_or_default();
    ensure!(
        token.get("token").is_some_and(|token| token.0.len() == 64),
        "no token"
    );
    Ok(())
}

/// Of the Datadog operator's kinds only that they are served: whether it takes what is made is for its own schema to say.
fn definition(kind: &str) -> Result<CustomResourceDefinition> {
    let plural = format!("{}s", kind.to_lowercase());
    Ok(serde_json::from_value(json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.datadoghq.com")},
        "spec": {
            "group": "datadoghq.com",
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.to_lowercase()},
            "versions": [{
                "name": "v1alpha1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {
                    "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                }},
            }],
        },
    }))?)
}

pub async fn datadogs_kinds_are_used_when_they_appear(case: Case) -> Result<()> {
    secret(&case, "datadog", "api-key", "invented").await?;
    let spec = format!(
        "  replicas: 1\n{SIMULATED}  monitoring: {{telemetry: {{datadog: {{apiKeySecretRef: {{name: datadog, key: api-key}}, site: datadog.invalid, resources: true}}}}}}\n"
    );
    let resource = Resource::apply(&case, "watched", &spec).await?;
    resource.until_ready().await?;
    let said = resource.until("MonitoringReady", "False", SOON).await?;
    ensure!(said.message.contains("DatadogDashboard"), "{said:?}");

    let crds: Api<CustomResourceDefinition> = Api::all(case.world.client.clone());
    let kinds = ["DatadogDashboard", "DatadogMonitor"];
    for kind in kinds {
        let definition = definition(kind)?;
        let name = definition.metadata.name.clone().unwrap_or_default();
        let parameters = PatchParams::apply(MANAGER).force();
        crds.patch(&name, &parameters, &Patch::Apply(&definition))
            .await?;
    }
    let made = async {
        resource
            .until("MonitoringReady", "True", Duration::from_mins(1))
            .await?;
        let api = case.api("datadoghq.com/v1alpha1", "DatadogMonitor").await?;
        let monitors = api.list(&ListParams::default()).await?;
        ensure!(
            monitors.items.len() == 5,
            "{} monitors",
            monitors.items.len()
        );
        let api = case
            .api("datadoghq.com/v1alpha1", "DatadogDashboard")
            .await?;
        api.get("watched").await?;
        Ok(())
    }
    .await;
    for kind in kinds {
        let name = definition(kind)?.metadata.name.unwrap_or_default();
        crds.delete(&name, &DeleteParams::default()).await?;
    }
    made?;
    resource
        .until("MonitoringReady", "False", Duration::from_mins(1))
        .await?;
    resource.until("Ready", "True", SOON).await?;
    Ok(())
}

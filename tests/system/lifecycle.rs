//! The release's life: upgraded, removed, installed for some namespaces only. What it serves goes on.

use std::{fs, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use icelocator_tests::{
    Case, World,
    caller::Callers,
    collector, consistently, eventually,
    helm::{self, command},
    mcp::Mcp,
    people,
    resource::{Resource, SIMULATED},
    world::SYSTEM,
};
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, ResourceExt,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::{
    operator::{self, OPERATOR},
    traces::ARRIVED_WITHIN,
};

const CRD: &str = "icelocators.icelocator.dev";

async fn pods_of(case: &Case, name: &str) -> Result<Vec<String>> {
    let labels = format!("app.kubernetes.io/instance={name}");
    let pods = case.world.pods(&case.namespace, &labels).await?;
    let mut uids: Vec<_> = pods.iter().filter_map(ResourceExt::uid).collect();
    uids.sort();
    Ok(uids)
}

/// An older CRD becomes the chart's own, values take effect, and nobody's pods are touched.
pub async fn helm_upgrade_brings_the_crd_along(case: Case) -> Result<()> {
    let world = &case.world;
    let resource = Resource::ready(&case, "upgraded", 1).await?;
    let before = pods_of(&case, "upgraded").await?;
    let older = older_chart(world).await?;
    helm::upgrade_to(world, &older, &[]).await?;
    ensure!(
        printer_columns(world).await? == 0,
        "the older chart's CRD is not there"
    );

    let callers = Callers::start(&case.service_url("upgraded", 8080).await?, 1).await?;
    let endpoint = "otlp.endpoint=http://otel-collector.monitoring:4317";
    let upgraded = helm::upgrade(world, &["--set", endpoint]).await;
    let reconciled = async {
        // The new operator is at work, and says so where the new values tell it to.
        resource
            .patch_spec(&json!({"monitoring": {"dashboards": {"folder": "Upgraded"}}}))
            .await?;
        resource.until_observed().await?;
        resource.until_ready().await?;
        a_repair_is_logged_and_traced(&case).await
    };
    let reconciled = reconciled.await;
    let account = callers.finish().await?;
    upgraded?;
    reconciled?;
    account.none_lost()?;
    ensure!(
        printer_columns(world).await? > 0,
        "the CRD was not upgraded"
    );
    ensure!(
        pods_of(&case, "upgraded").await? == before,
        "the upgrade replaced pods"
    );
    helm::upgrade(world, &["--reset-values"]).await
}

/// The log line of a repair names its trace, and the trace arrives with every step.
async fn a_repair_is_logged_and_traced(case: &Case) -> Result<()> {
    let settings: Api<ConfigMap> = case.typed();
    let damage = Patch::Merge(json!({"data": {"settings.yaml": "{}"}}));
    settings
        .patch("upgraded-settings", &PatchParams::default(), &damage)
        .await?;
    eventually(ARRIVED_WITHIN, "a repair's line and trace", || async {
        let trace = trace_of_repair(case).await?;
        let spans = collector::trace(&case.world, &trace).await?;
        let names: Vec<_> = spans
            .iter()
            .filter(|span| span.service == OPERATOR)
            .map(|span| span.name.as_str())
            .collect();
        for step in ["reconcile", "dereference", "validate", "build", "apply"] {
            let name = format!("icelocator.{step}");
            ensure!(
                names.contains(&name.as_str()),
                "no span {name} among {names:?}"
            );
        }
        Ok(())
    })
    .await
}

async fn trace_of_repair(case: &Case) -> Result<String> {
    for pod in operator::pods(&case.world).await? {
        let log = case.world.log(SYSTEM, &pod.name_any()).await?;
        for line in log.lines() {
            let line: Value = serde_json::from_str(line).context("a log line is JSON")?;
            if line["icelocator.child.name"] == "upgraded-settings"
                && line["k8s.namespace.name"] == case.namespace.as_str()
                && let Some(trace) = line["trace_id"].as_str()
            {
                return Ok(trace.to_owned());
            }
        }
    }
    bail!("no line of a repair with a trace id")
}

/// The chart as an earlier release of it: its CRD has no columns for `kubectl get`.
async fn older_chart(world: &World) -> Result<String> {
    let older = world.state.join("older-chart").display().to_string();
    command(world, "rm", &["-rf", &older]).await?;
    command(world, "cp", &["-r", &helm::chart(world), &older]).await?;
    let file = format!("{older}/files/crd.yaml");
    let mut crd: CustomResourceDefinition = serde_saphyr::from_str(&fs::read_to_string(&file)?)?;
    for version in &mut crd.spec.versions {
        version.additional_printer_columns = None;
    }
    fs::write(&file, serde_saphyr::to_string(&crd)?)?;
    Ok(older)
}

async fn printer_columns(world: &World) -> Result<usize> {
    let crds: Api<CustomResourceDefinition> = Api::all(world.client.clone());
    let versions = crds.get(CRD).await?.spec.versions;
    Ok(versions
        .into_iter()
        .flat_map(|version| version.additional_printer_columns.unwrap_or_default())
        .count())
}

pub async fn helm_uninstall_keeps_resources_and_their_pods(case: Case) -> Result<()> {
    let world = &case.world;
    let resource = Resource::ready(&case, "kept", 1).await?;
    let before = pods_of(&case, "kept").await?;
    let callers = Callers::start(&case.service_url("kept", 8080).await?, 1).await?;
    helm::uninstall(world).await?;
    let gone = consistently(
        Duration::from_secs(10),
        "resources and pods are kept",
        || async {
            resource.get().await.context("the resource has gone")?;
            ensure!(
                pods_of(&case, "kept").await? == before,
                "its pods have changed"
            );
            Ok(())
        },
    );
    let kept = gone.await;
    let operators = world
        .pods(SYSTEM, "app.kubernetes.io/name=icelocator-operator")
        .await?;
    helm::install(world, &[]).await?;
    let account = callers.finish().await?;
    kept?;
    ensure!(operators.is_empty(), "the operator outlived its release");
    account.none_lost()?;
    resource.until_ready().await?;
    ensure!(
        pods_of(&case, "kept").await? == before,
        "the new operator replaced the pods"
    );
    Ok(())
}

/// Installed for one namespace: no cluster-wide rights, works there, sees nothing elsewhere.
pub async fn a_namespaced_install_has_no_cluster_wide_rights(case: Case) -> Result<()> {
    let world = &case.world;
    let other = Case::open(world.clone(), "t-namespaced-elsewhere").await?;
    helm::uninstall(world).await?;
    let watched = format!("watchNamespaces={{{}}}", case.namespace);
    let result = async {
        helm::install(world, &["--set", &watched]).await?;
        let elsewhere = Resource::apply(&other, "unseen", SIMULATED).await?;
        Resource::ready(&case, "seen", 1).await?;
        let answer = people::search_known(&case.mcp("seen").await?, &Mcp::modern()).await?;
        ensure!(answer.outcome() == "found", "{answer:?}");
        let unseen = elsewhere.status().await?;
        ensure!(
            unseen.is_null(),
            "it works in a namespace that it was not given: {unseen}"
        );
        for (verb, what) in [
            ("list", "secrets"),
            ("create", "deployments.apps"),
            ("list", "icelocators.icelocator.dev"),
        ] {
            ensure!(
                may(world, verb, what, &case.namespace).await?,
                "{verb} {what} is not allowed where it should be"
            );
            ensure!(
                !may(world, verb, what, &other.namespace).await?,
                "{verb} {what} is allowed elsewhere"
            );
        }
        Ok(())
    };
    let result = result.await;
    helm::uninstall(world).await?;
    helm::install(world, &[]).await?;
    other.close().await?;
    result
}

/// Whether the operator may do `verb` to `what` in `namespace`.
async fn may(world: &World, verb: &str, what: &str, namespace: &str) -> Result<bool> {
    let account = format!("system:serviceaccount:{SYSTEM}:icelocator-operator");
    let arguments = [
        "auth",
        "can-i",
        verb,
        what,
        "--namespace",
        namespace,
        "--as",
        &account,
    ];
    // `can-i` answers no with an exit code, too.
    Ok(command(world, "kubectl", &arguments)
        .await
        .is_ok_and(|answer| answer.trim() == "yes"))
}

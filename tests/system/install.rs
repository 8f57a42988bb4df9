//! From an empty cluster to a Ready resource, as the README tells it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use icelocator_tests::{
    Case, eventually,
    helm::{self, RELEASE, command},
    mcp::Mcp,
    people,
    resource::{READY_WITHIN, Resource, SIMULATED},
    world::{SYSTEM, documents},
};
use kube::{ResourceExt, api::ListParams};

use crate::children;

pub async fn helm_install_then_apply_then_ready(case: Case) -> Result<()> {
    helm::uninstall(&case.world).await?;
    helm::install(&case.world, &[]).await?;
    command(
        &case.world,
        "helm",
        &["test", RELEASE, "--namespace", SYSTEM],
    )
    .await?;

    let begun = Instant::now();
    let resource = Resource::apply(&case, "first", SIMULATED).await?;
    resource.until("Ready", "True", READY_WITHIN).await?;
    println!(
        "        {:.1} s from apply to Ready",
        begun.elapsed().as_secs_f32()
    );

    let answer = people::search_known(&case.mcp("first").await?, &Mcp::modern()).await?;
    ensure!(answer.outcome() == "found", "{answer:?}");
    for child in children::of("first") {
        child.get(&case).await?;
    }
    status_tells_the_story(&case, &resource).await
}

async fn status_tells_the_story(case: &Case, resource: &Resource) -> Result<()> {
    let status = resource.status().await?;
    ensure!(status["phase"] == "Ready", "phase in {status}");
    let url = format!("http://first.{}.svc:8080/mcp", case.namespace);
    ensure!(status["url"] == url.as_str(), "url in {status}");
    ensure!(
        status["server"]["version"].is_string(),
        "server.version in {status}"
    );
    for kind in [
        "Accepted",
        "ResolvedRefs",
        "Available",
        "Verified",
        "MonitoringReady",
    ] {
        let condition = resource.condition(kind).await?;
        ensure!(
            condition.status == "True" && !condition.reason.is_empty(),
            "{kind}: {condition:?}"
        );
    }
    let table = command(
        &case.world,
        "kubectl",
        &["get", "icl", "-n", &case.namespace],
    )
    .await?;
    ensure!(
        table.contains("first") && table.contains("Ready"),
        "kubectl get says\n{table}"
    );
    Ok(())
}

pub async fn the_readmes_sample_becomes_ready(case: Case) -> Result<()> {
    let samples = case.world.root.join("manifests/samples");
    let sample = std::fs::read_to_string(samples.join("demo.yaml")).context("the sample")?;
    let readme = std::fs::read_to_string(case.world.root.join("README.md"))?;
    ensure!(
        readme.contains("manifests/samples/demo.yaml"),
        "the README names another sample"
    );
    let name = documents(&sample)?
        .first()
        .context("an empty sample")?
        .name_any();
    case.apply(&sample).await?;
    let api = case.api("icelocator.dev/v1alpha1", "IceLocator").await?;
    eventually(Duration::from_mins(2), "the sample is Ready", || async {
        let found = api.list(&ListParams::default()).await?;
        let ready = found
            .iter()
            .any(|r| r.name_any() == name && r.data["status"]["phase"] == "Ready");
        ensure!(ready, "{name} is not Ready");
        Ok(())
    })
    .await
}

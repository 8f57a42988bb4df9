//! From an empty cluster to a Ready resource, as the README tells it.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use icelocator_tests::{
    Case, SOON, eventually,
    helm::{self, RELEASE, command},
    mcp::Mcp,
    people,
    resource::{Resource, SIMULATED},
    world::SYSTEM,
};

use serde_json::json;

use crate::{
    children,
    site::{SHIPPED_PROFILE, config_map},
};

/// From apply to Ready on a cluster that has the images; stated to users, so it is held here.
const READY_WITHIN: Duration = Duration::from_mins(1);

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

    // The node may learn of the simulator's Service a moment after its pod is available.
    eventually(SOON, "somebody is found", || async {
        let answer = people::search_known(&case.mcp("first").await?, &Mcp::modern()).await?;
        ensure!(answer.outcome() == "found", "{answer:?}");
        Ok(())
    })
    .await?;
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

/// The smallest sample runs, and so does the one with callers once what it names is there; the full ones pass the schema, and
/// what they ask for too early is said.
pub async fn every_sample_is_accepted_and_the_readmes_runs(case: Case) -> Result<()> {
    let folder = case.world.root.join("manifests/samples");
    let readme = fs::read_to_string(case.world.root.join("README.md"))?;
    ensure!(
        readme.contains("manifests/samples/demo.yaml"),
        "the README names another sample"
    );
    let api = case.api("icelocator.dev/v1alpha1", "IceLocator").await?;
    let profile = fs::read_to_string(case.world.root.join(SHIPPED_PROFILE))?;
    config_map(&case, "site-profile", json!({"profile.yaml": profile})).await?;
    case.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: tokens}\nstringData: {ana: invented-token-of-ana-0001}\n")
        .await?;
    for (name, kind, status) in [
        ("demo", "Ready", "True"),
        ("clinic", "Ready", "True"),
        ("legal-aid", "Accepted", "False"),
        ("small-office", "Accepted", "False"),
    ] {
        let sample = fs::read_to_string(folder.join(format!("{name}.yaml"))).context(name)?;
        case.apply(&sample).await.context(name)?;
        let resource = Resource::named(&case, name, api.clone());
        let condition = resource.until(kind, status, SOON).await?;
        ensure!(
            status == "True" || condition.reason == "NotInEffect",
            "{name}: {condition:?}"
        );
    }
    Ok(())
}

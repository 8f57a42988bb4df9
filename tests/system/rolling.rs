//! Pods come and go while clients call.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use icelocator_tests::{
    Case,
    caller::Callers,
    eventually,
    mcp::{BY_NAME, Mcp},
    people,
    resource::Resource,
    simulator::Simulator,
    world::{is_ready, metric, pod_ip},
};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, ResourceExt, api::DeleteParams};
use serde_json::json;

use crate::alerting::fault;

pub const SERVERS: &str = "app.kubernetes.io/component=server";

/// Waits until there are `count` pods, all ready, and none of them is among `before`.
pub async fn replaced(case: &Case, before: &[String], count: usize) -> Result<()> {
    eventually(
        Duration::from_mins(2),
        "all pods are new and ready",
        || async {
            let pods: Api<Pod> = case.typed();
            // Those on their way out count too: the clients call until the last one is gone.
            let now = pods
                .list(&kube::api::ListParams::default().labels(SERVERS))
                .await?
                .items;
            let old = now
                .iter()
                .filter(|p| p.uid().is_some_and(|uid| before.contains(&uid)))
                .count();
            let ready = now.iter().filter(|pod| is_ready(pod)).count();
            ensure!(
                old == 0 && ready == count && now.len() == count,
                "{old} old, {ready} ready of {}",
                now.len()
            );
            Ok(())
        },
    )
    .await
}

pub async fn uids(case: &Case) -> Result<Vec<String>> {
    let pods = case.world.pods(&case.namespace, SERVERS).await?;
    Ok(pods.iter().filter_map(ResourceExt::uid).collect())
}

pub async fn a_new_spec_rolls_without_a_lost_call(case: Case) -> Result<()> {
    let resource = Resource::ready(&case, "rolled", 2).await?;
    let callers = Callers::start(&case.service_url("rolled", 8080).await?, 1).await?;
    let before = uids(&case).await?;
    // Settings and the pod's own form: the two ways in which content reaches a pod.
    resource
        .patch_spec(&json!({"locator": {"timeout": "17s"}}))
        .await?;
    let settings = replaced(&case, &before, 2).await;
    let between = uids(&case).await?;
    resource
        .patch_spec(&json!({"pod": {"annotations": {"example.org/round": "two"}}}))
        .await?;
    let form = replaced(&case, &between, 2).await;
    callers.until_answered(20).await?;
    let account = callers.finish().await?;
    settings.context("after a change of the settings")?;
    form.context("after a change of the pod's form")?;
    account.none_lost()
}

/// Answers take longer than it takes to tell the pod to go; each still arrives.
pub async fn a_draining_pod_answers_what_it_was_asked(case: Case) -> Result<()> {
    const CALLS: usize = 8;
    Resource::ready(&case, "drained", 1).await?;
    Simulator::of(&case, "drained")
        .await?
        .set(&fault("slow"))
        .await?;
    let pods = case.world.pods(&case.namespace, SERVERS).await?;
    let pod = pods.first().context("no pod")?;
    let ip = pod_ip(pod)?;
    let mcp = Mcp::without_keep_alive(&format!("http://{ip}:8080"))?;
    let calls = tokio::spawn(try_join_all((0..CALLS).map(move |_| {
        let mcp = mcp.clone();
        async move { mcp.call(&Mcp::modern(), BY_NAME, people::invented()).await }
    })));
    eventually(
        Duration::from_secs(20),
        "all calls are being worked on",
        || async {
            let page = case.world.page(ip, "metrics").await?;
            let working = metric(&page, "icelocator_calls_in_flight", &[])?;
            ensure!(working >= 8.0, "{working} in flight");
            Ok(())
        },
    )
    .await?;
    let api: Api<Pod> = case.typed();
    api.delete(&pod.name_any(), &DeleteParams::default())
        .await?;
    let answers = calls
        .await?
        .context("a call that was being worked on was lost")?;
    for answer in answers {
        ensure!(answer.outcome() == "not_found", "{answer:?}");
    }
    Ok(())
}

/// Without any grace the connections break; trying once more is all that a stateless client needs.
pub async fn a_killed_pod_costs_a_retry_at_most(case: Case) -> Result<()> {
    Resource::ready(&case, "killed", 2).await?;
    let callers = Callers::start(&case.service_url("killed", 8080).await?, 3).await?;
    let pods = case.world.pods(&case.namespace, SERVERS).await?;
    let victim = pods.first().context("no pod")?;
    let gone: Vec<_> = victim.uid().into_iter().collect();
    let api: Api<Pod> = case.typed();
    api.delete(&victim.name_any(), &DeleteParams::default().grace_period(0))
        .await?;
    callers.until_answered(50).await?;
    let replaced = replaced(&case, &gone, 2).await;
    let account = callers.finish().await?;
    replaced?;
    account.none_lost()
}

//! A kind that the cluster stops serving, and serves again: a condition, never a crash, and no restart.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use icelocator_tests::{
    Case, SOON, World, eventually,
    resource::Resource,
    world::{MANAGER, SYSTEM},
};
use k8s_openapi::{
    api::core::v1::Pod,
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams},
};

use crate::operator;

const CRD: &str = "prometheusrules.monitoring.coreos.com";

pub async fn an_api_that_appears_is_picked_up(case: Case) -> Result<()> {
    let resource = Resource::ready(&case, "apiless", 1).await?;
    let crds: Api<CustomResourceDefinition> = Api::all(case.world.client.clone());
    let crd = crds.get(CRD).await?;
    let rules = theirs(&case.world).await?;
    let restarts = restarts(&case.world).await?;
    crds.delete(CRD, &DeleteParams::default()).await?;
    let without = without(&resource).await;
    let restored = restore(&case.world, crd, rules).await;
    without?;
    restored?;

    resource
        .until("MonitoringReady", "True", Duration::from_mins(2))
        .await?;
    eventually(SOON, "the rules are back", || async {
        let api = case
            .api("monitoring.coreos.com/v1", "PrometheusRule")
            .await?;
        api.get("apiless").await?;
        Ok(())
    })
    .await?;
    ensure!(
        self::restarts(&case.world).await? == restarts,
        "the operator has restarted"
    );
    Ok(())
}

async fn without(resource: &Resource) -> Result<()> {
    let said = resource
        .until("MonitoringReady", "False", Duration::from_mins(2))
        .await?;
    ensure!(
        said.message.contains("PrometheusRule"),
        "the kind is not named: {said:?}"
    );
    resource.until("Available", "True", SOON).await?;
    // The operator goes on with its work.
    resource
        .patch_spec(&serde_json::json!({"locator": {"timeout": "23s"}}))
        .await?;
    resource.until_observed().await
}

/// The rules that the operator will not make again: the chart's, the stack's.
async fn theirs(world: &World) -> Result<Vec<DynamicObject>> {
    let api = world
        .api("monitoring.coreos.com/v1", "PrometheusRule", None)
        .await?;
    let mut rules = api.list(&ListParams::default()).await?.items;
    rules.retain(|rule| {
        rule.owner_references()
            .iter()
            .all(|owner| owner.kind != "IceLocator")
    });
    Ok(rules)
}

async fn restore(
    world: &World,
    mut crd: CustomResourceDefinition,
    rules: Vec<DynamicObject>,
) -> Result<()> {
    let crds: Api<CustomResourceDefinition> = Api::all(world.client.clone());
    crd.status = None;
    crd.metadata.uid = None;
    crd.metadata.resource_version = None;
    crd.metadata.creation_timestamp = None;
    crd.metadata.managed_fields = None;
    eventually(
        Duration::from_mins(1),
        "the kind is served again",
        || async {
            let parameters = PatchParams::apply(MANAGER).force();
            crds.patch(CRD, &parameters, &Patch::Apply(&crd)).await?;
            world
                .api("monitoring.coreos.com/v1", "PrometheusRule", None)
                .await?
                .list(&ListParams::default())
                .await?;
            Ok(())
        },
    )
    .await?;
    for mut rule in rules {
        rule.metadata.uid = None;
        rule.metadata.resource_version = None;
        rule.metadata.creation_timestamp = None;
        // Whoever applied it before must find itself the owner of its fields.
        let fields = rule.metadata.managed_fields.take().unwrap_or_default();
        let manager = fields
            .first()
            .and_then(|f| f.manager.clone())
            .unwrap_or_else(|| MANAGER.to_owned());
        rule.metadata.generation = None;
        let api = world.api_of(&rule).await?;
        let parameters = PatchParams::apply(&manager).force();
        api.patch(&rule.name_any(), &parameters, &Patch::Apply(&rule))
            .await
            .with_context(|| rule.name_any())?;
    }
    Ok(())
}

/// The operator's pods and how often each was restarted.
async fn restarts(world: &World) -> Result<Vec<(String, i32)>> {
    let count = |pod: &Pod| {
        let statuses = pod
            .status
            .as_ref()
            .and_then(|s| s.container_statuses.as_ref());
        statuses
            .into_iter()
            .flatten()
            .map(|status| status.restart_count)
            .sum()
    };
    let pods = operator::pods(world).await?;
    ensure!(!pods.is_empty(), "no operator in {SYSTEM}");
    Ok(pods
        .iter()
        .map(|pod| (pod.name_any(), count(pod)))
        .collect())
}

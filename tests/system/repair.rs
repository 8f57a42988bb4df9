//! What is deleted returns, what is changed is mended, what others add stays, what is switched off goes.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use icelocator_tests::{
    Case, SOON, consistently, eventually,
    helm::command,
    resource::{Resource, SIMULATED},
    world::{MANAGER, SYSTEM, is_ready},
};
use k8s_openapi::api::apps::v1::Deployment;
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::json;

use crate::children::{self, essence};
use crate::rolling::SERVERS;

fn as_a_person() -> PatchParams {
    PatchParams {
        field_manager: Some(MANAGER.to_owned()),
        ..PatchParams::default()
    }
}

/// A resource that has children of every kind, and those: what the cluster has and what the tests know are the same.
async fn with_all_children(case: &Case, name: &str) -> Result<(Resource, Vec<children::Child>)> {
    case.apply(children::CHANNELS_SECRET).await?;
    let spec = format!("{SIMULATED}{}", children::CHANNEL);
    let resource = Resource::apply(case, name, &spec).await?;
    resource.until_ready().await?;
    let expected = children::of_all_kinds(name);
    let mut owned = Vec::new();
    for (api_version, kind) in [
        ("v1", "ServiceAccount"),
        ("v1", "ConfigMap"),
        ("v1", "Secret"),
        ("v1", "Service"),
        ("apps/v1", "Deployment"),
        ("policy/v1", "PodDisruptionBudget"),
        ("monitoring.coreos.com/v1", "ServiceMonitor"),
        ("monitoring.coreos.com/v1", "PrometheusRule"),
        ("monitoring.coreos.com/v1alpha1", "AlertmanagerConfig"),
    ] {
        for object in case
            .api(api_version, kind)
            .await?
            .list(&ListParams::default())
            .await?
        {
            if object
                .owner_references()
                .iter()
                .any(|owner| owner.kind == "IceLocator" && owner.name == name)
            {
                owned.push(format!("{kind}/{}", object.name_any()));
            }
        }
    }
    let mut titles: Vec<_> = expected.iter().map(children::Child::title).collect();
    titles.sort();
    owned.sort();
    ensure!(
        owned == titles,
        "the children are {owned:?}, the tests know {titles:?}"
    );
    Ok((resource, expected))
}

pub async fn deleted_children_return(case: Case) -> Result<()> {
    let (resource, expected) = with_all_children(&case, "deleted").await?;
    for child in &expected {
        let before = child.get(&case).await?;
        child
            .api(&case)
            .await?
            .delete(&child.name, &DeleteParams::default())
            .await?;
        eventually(SOON, &format!("{} returns", child.title()), || async {
            let now = child.get(&case).await?;
            ensure!(now.uid() != before.uid(), "it has not gone yet");
            ensure!(now.metadata.deletion_timestamp.is_none(), "it is going");
            Ok(())
        })
        .await?;
    }
    resource.until_ready().await?;
    Ok(())
}

pub async fn changed_children_are_mended(case: Case) -> Result<()> {
    let (resource, expected) = with_all_children(&case, "changed").await?;
    let mut left = Vec::new();
    for child in &expected {
        let api = child.api(&case).await?;
        let before = child.get(&case).await?;
        let damaged = api
            .patch(&child.name, &as_a_person(), &Patch::Merge(&child.damage))
            .await?;
        ensure!(
            essence(&damaged) != essence(&before),
            "{}: the damage does none",
            child.title()
        );
        let what = format!("{} is mended", child.title());
        let result = eventually(SOON, &what, || async {
            let (is, was) = (essence(&child.get(&case).await?), essence(&before));
            ensure!(is == was, "is {is}\nwas {was}");
            Ok(())
        });
        if let Err(error) = result.await {
            left.push(format!("{error:#}"));
        }
    }
    ensure!(left.is_empty(), "{}", left.join("\n"));
    resource.until_ready().await?;
    Ok(())
}

pub async fn what_others_add_is_left_alone(case: Case) -> Result<()> {
    let (resource, expected) = with_all_children(&case, "marked").await?;
    let mark = json!({"metadata": {
        "labels": {"example.org/team": "legal"}, "annotations": {"example.org/note": "kept"}}});
    for child in &expected {
        child
            .api(&case)
            .await?
            .patch(&child.name, &as_a_person(), &Patch::Merge(&mark))
            .await?;
    }
    // The operator applies all children anew, and each of them differs from before.
    resource
        .patch_spec(
            &json!({"exposure": {"service": {"annotations": {"example.org/new": "yes"}}},
        "locator": {"timeout": "29s"}, "monitoring": {"dashboards": {"folder": "Elsewhere"}}}),
        )
        .await?;
    resource.until_observed().await?;
    resource.until_ready().await?;
    for child in &expected {
        let object = child.get(&case).await?;
        let kept = object
            .labels()
            .get("example.org/team")
            .is_some_and(|v| v == "legal")
            && object
                .annotations()
                .get("example.org/note")
                .is_some_and(|v| v == "kept");
        ensure!(kept, "{} lost what someone else had added", child.title());
    }
    Ok(())
}

pub async fn a_rollout_restart_is_not_undone(case: Case) -> Result<()> {
    let resource = Resource::ready(&case, "restarted", 1).await?;
    let deployments: Api<Deployment> = case.typed();
    let pods = async || case.world.pods(&case.namespace, SERVERS).await;
    let before: Vec<_> = pods().await?.iter().filter_map(ResourceExt::uid).collect();
    command(
        &case.world,
        "kubectl",
        &[
            "rollout",
            "restart",
            "deployment/restarted",
            "-n",
            &case.namespace,
        ],
    )
    .await?;
    eventually(Duration::from_mins(1), "new pods", || async {
        let now = pods().await?;
        let all_new = now
            .iter()
            .all(|p| p.uid().is_some_and(|uid| !before.contains(&uid)) && is_ready(p));
        ensure!(
            now.len() == 1 && all_new,
            "{} pods, all new: {all_new}",
            now.len()
        );
        Ok(())
    })
    .await?;
    // A change elsewhere makes the operator apply everything again.
    resource
        .patch_spec(&json!({"monitoring": {"dashboards": {"folder": "Elsewhere"}}}))
        .await?;
    resource.until_observed().await?;
    let template = |d: Deployment| d.spec.and_then(|s| s.template.metadata).unwrap_or_default();
    consistently(Duration::from_secs(5), "the restart stands", || async {
        let metadata = template(deployments.get("restarted").await?);
        let annotations = metadata.annotations.unwrap_or_default();
        ensure!(
            annotations.contains_key("kubectl.kubernetes.io/restartedAt"),
            "{annotations:?}"
        );
        Ok(())
    })
    .await
}

pub async fn the_scale_subresource_scales(case: Case) -> Result<()> {
    let resource = Resource::ready(&case, "scaled", 1).await?;
    for replicas in [2, 1] {
        let scale = json!({"spec": {"replicas": replicas}});
        resource
            .api
            .patch_scale("scaled", &as_a_person(), &Patch::Merge(&scale))
            .await?;
        eventually(
            Duration::from_mins(1),
            "as many ready replicas as asked for",
            || async {
                let scale = resource.api.get_scale("scaled").await?;
                let now = scale.status.as_ref().map(|status| status.replicas);
                ensure!(now == Some(replicas), "the scale's status says {now:?}");
                let selector = scale.status.and_then(|status| status.selector);
                let selector = selector.context("the scale has no selector")?;
                let pods = case.world.pods(&case.namespace, &selector).await?;
                let ready = pods.iter().filter(|pod| is_ready(pod)).count();
                ensure!(i32::try_from(ready)? == replicas, "{ready} pods are ready");
                Ok(())
            },
        )
        .await?;
        resource.until_ready().await?;
    }
    Ok(())
}

pub async fn what_is_switched_off_goes_and_returns(case: Case) -> Result<()> {
    let (resource, expected) = with_all_children(&case, "pruned").await?;
    let switches: BTreeMap<&str, serde_json::Value> = BTreeMap::from([
        (
            "ConfigMap/pruned-dashboard-overview",
            json!({"dashboards": {"enabled": false}}),
        ),
        (
            "PrometheusRule/pruned",
            json!({"alerting": {"enabled": false}}),
        ),
        (
            "ServiceMonitor/pruned",
            json!({"metrics": {"serviceMonitor": {"enabled": false}}}),
        ),
    ]);
    for (title, off) in switches {
        let child = expected
            .iter()
            .find(|child| child.title() == title)
            .context(title)?;
        resource.patch_spec(&json!({"monitoring": off})).await?;
        eventually(SOON, &format!("{title} goes"), || async {
            match child.api(&case).await?.get_opt(&child.name).await? {
                None => Ok(()),
                Some(_) => bail!("it is still there"),
            }
        })
        .await?;
        resource.until_ready().await?;
    }
    let all_on = json!({"dashboards": null, "metrics": null, "alerting": {"enabled": null}});
    resource.patch_spec(&json!({"monitoring": all_on})).await?;
    for child in &expected {
        eventually(SOON, "all is back", || child.get(&case)).await?;
    }
    Ok(())
}

pub async fn suspended_means_no_pods_and_all_else_kept(case: Case) -> Result<()> {
    let (resource, expected) = with_all_children(&case, "asleep").await?;
    resource.patch_spec(&json!({"suspend": true})).await?;
    eventually(Duration::from_mins(1), "no pods", || async {
        let pods = case.world.pods(&case.namespace, SERVERS).await?;
        ensure!(pods.is_empty(), "{} pods", pods.len());
        ensure!(
            resource.status().await?["phase"] == "Suspended",
            "{}",
            resource.status().await?
        );
        Ok(())
    })
    .await?;
    for child in &expected {
        child.get(&case).await?;
    }
    resource.patch_spec(&json!({"suspend": false})).await?;
    resource.until_ready().await?;
    ensure!(
        !case.world.pods(SYSTEM, "").await?.is_empty(),
        "the operator has no pod"
    );
    Ok(())
}

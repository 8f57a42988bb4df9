//! The operator itself: quiet when there is nothing to do, killed, doubled.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use icelocator_tests::{
    Case, World,
    audit::{Mark, Write, listed},
    consistently, eventually,
    resource::{Resource, SIMULATED},
    world::{SYSTEM, is_ready, metric, pod_ip},
};
use jiff::Timestamp;
use k8s_openapi::api::{
    apps::v1::Deployment,
    coordination::v1::Lease,
    core::v1::{Namespace, Pod},
};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::json;

use crate::children;

pub const OPERATOR: &str = "icelocator-operator";
const LABELS: &str = "app.kubernetes.io/name=icelocator-operator";
/// Writing has ended when nothing was written for this long.
const SETTLED: Duration = Duration::from_secs(8);
/// A leader that was killed is missed only when its lease has run out.
const TAKEOVER_WITHIN: Duration = Duration::from_secs(45);

/// The operator's pods that are ready.
pub async fn pods(world: &World) -> Result<Vec<Pod>> {
    let mut pods = world.pods(SYSTEM, LABELS).await?;
    pods.retain(is_ready);
    Ok(pods)
}

/// Waits until the operator has stopped writing, also of what ended scenarios left.
pub async fn settled(world: &World) -> Result<()> {
    let namespaces: Api<Namespace> = Api::all(world.client.clone());
    let ours = ListParams::default().labels("icelocator.dev/tests=true");
    eventually(
        Duration::from_mins(4),
        "namespaces of ended scenarios are gone",
        || async {
            let found = namespaces.list(&ours).await?.items;
            let going: Vec<_> = found
                .iter()
                .filter(|found| found.metadata.deletion_timestamp.is_some())
                .map(ResourceExt::name_any)
                .collect();
            ensure!(going.is_empty(), "still there: {going:?}");
            Ok(())
        },
    )
    .await?;
    eventually(
        Duration::from_mins(2),
        "the operator has nothing more to write",
        || async {
            let mark = world.audit.mark()?;
            consistently(SETTLED, "no write", || async { no_writes(world, mark) }).await
        },
    )
    .await
}

fn no_writes(world: &World, mark: Mark) -> Result<()> {
    let writes = world.audit.operators_since(mark)?;
    ensure!(
        writes.is_empty(),
        "{} writes:{}",
        writes.len(),
        listed(&writes)
    );
    Ok(())
}

/// Resources in every state in which one can wait; a minute without a write; a restart without a write.
pub async fn nothing_is_written_when_nothing_changed(case: Case) -> Result<()> {
    let world = &case.world;
    Resource::ready(&case, "calm", 1).await?;
    for (name, lines) in [
        (
            "pending",
            "  pod: {nodeSelector: {example.org/nowhere: \"true\"}}\n",
        ),
        (
            "unpulled",
            "  imagePullPolicy: Never\n  image: localhost/not-there:0\n",
        ),
        ("refused", "  guard: {speed: slow}\n"),
        ("asleep", "  suspend: true\n"),
        (
            "secretless",
            "  monitoring: {alerting: {channels: [{name: a, slack: {webhookSecretRef: {name: none, key: url}}}], routes: {critical: [a]}}}\n",
        ),
    ] {
        let resource = Resource::apply(&case, name, &format!("{SIMULATED}{lines}")).await?;
        resource.until_observed().await?;
    }
    settled(world).await?;
    let mark = world.audit.mark()?;
    consistently(Duration::from_mins(1), "nothing is written", || async {
        no_writes(world, mark)
    })
    .await?;
    let leases = world
        .audit
        .since(mark)?
        .into_iter()
        .filter(|w| w.is_operators() && w.is_lease())
        .count();
    ensure!(leases > 0, "not even the lease: is the audit log read?");

    let mark = world.audit.mark()?;
    restart(world).await?;
    reconciled_all(&case).await?;
    settled(world).await?;
    no_writes(world, mark).context("after a restart")
}

/// Ends the operator's pods as a rollout would, and waits for the next.
async fn restart(world: &World) -> Result<()> {
    let api: Api<Pod> = Api::namespaced(world.client.clone(), SYSTEM);
    let before: Vec<_> = pods(world)
        .await?
        .iter()
        .map(ResourceExt::name_any)
        .collect();
    for name in &before {
        api.delete(name, &DeleteParams::default()).await?;
    }
    eventually(
        Duration::from_mins(1),
        "a new operator is ready",
        || async {
            let now = pods(world).await?;
            let new = now
                .iter()
                .filter(|pod| !before.contains(&pod.name_any()))
                .count();
            ensure!(new == before.len(), "{new} new of {}", before.len());
            Ok(())
        },
    )
    .await
}

/// Waits until the operator has looked at every resource at least once since it started.
async fn reconciled_all(case: &Case) -> Result<()> {
    let resources = case
        .world
        .api("icelocator.dev/v1alpha1", "IceLocator", None)
        .await?;
    let count = resources.list(&ListParams::default()).await?.items.len();
    eventually(
        TAKEOVER_WITHIN,
        "every resource has been looked at",
        || async {
            let mut looked = 0.0;
            for pod in pods(&case.world).await? {
                let page = case
                    .world
                    .text(&format!("http://{}:8080/metrics", pod_ip(&pod)?))
                    .await?;
                looked += metric(&page, "icelocator_operator_reconciles_total", &[]).unwrap_or(0.0);
            }
            ensure!(
                looked >= f64::from(u32::try_from(count)?),
                "{looked} of {count}"
            );
            Ok(())
        },
    )
    .await
}

/// Killed again and again while it makes the children of many resources.
pub async fn killed_in_the_middle_it_completes_the_work(case: Case) -> Result<()> {
    // With more, Prometheus would be restarted for their rules, while others wait for what it says.
    const RESOURCES: usize = 12;
    let names: Vec<String> = (0..RESOURCES)
        .map(|number| format!("many-{number}"))
        .collect();
    for name in &names {
        // Asleep: what is tested is the operator's work, not the node's.
        Resource::apply(&case, name, &format!("  suspend: true\n{SIMULATED}")).await?;
    }
    let deployments: Api<Deployment> = case.typed();
    let operators: Api<Pod> = Api::namespaced(case.world.client.clone(), SYSTEM);
    for _ in 0..2 {
        let there = deployments.list(&ListParams::default()).await?.items.len();
        eventually(TAKEOVER_WITHIN, "some more are made", || async {
            let now = deployments.list(&ListParams::default()).await?.items.len();
            ensure!(now > there || now >= 2 * RESOURCES, "{now} Deployments");
            Ok(())
        })
        .await?;
        for pod in case.world.pods(SYSTEM, LABELS).await? {
            operators
                .delete(&pod.name_any(), &DeleteParams::default().grace_period(0))
                .await?;
        }
    }
    eventually(
        Duration::from_mins(2),
        "every resource has all its children",
        || async {
            for name in &names {
                for child in children::of(name) {
                    child.get(&case).await?;
                }
                let status = case
                    .api("icelocator.dev/v1alpha1", "IceLocator")
                    .await?
                    .get(name)
                    .await?;
                ensure!(
                    status.data["status"]["phase"] == "Suspended",
                    "{name}: {}",
                    status.data["status"]
                );
            }
            Ok(())
        },
    )
    .await
}

/// Two operators, of which the leader is first asked to go and then killed: at no time do both write.
pub async fn two_operators_never_both_write(case: Case) -> Result<()> {
    let world = &case.world;
    scale(world, 2).await?;
    let mark = world.audit.mark()?;
    let resource =
        Resource::apply(&case, "shared", &format!("  suspend: true\n{SIMULATED}")).await?;
    let api: Api<Pod> = Api::namespaced(world.client.clone(), SYSTEM);
    for (round, parameters, within) in [
        // One who goes on request hands over; no lease has to run out.
        ("asked", DeleteParams::default(), Duration::from_secs(15)),
        (
            "killed",
            DeleteParams::default().grace_period(0),
            TAKEOVER_WITHIN,
        ),
    ] {
        let leader = leader(world).await?;
        change(&resource, round).await?;
        resource
            .until_observed()
            .await
            .context("before the leader goes")?;
        api.delete(&leader, &parameters).await?;
        eventually(within, "another leads", || async {
            let now = self::leader(world).await?;
            ensure!(now != leader, "still {leader}");
            Ok(())
        })
        .await
        .with_context(|| format!("after the leader was {round}"))?;
        change(&resource, &format!("{round}-after")).await?;
        resource
            .until_observed()
            .await
            .context("after the leader went")?;
    }
    let writes = world.audit.operators_since(mark)?;
    never_both(&writes)?;
    let leading = leaders_by_metric(world).await?;
    ensure!(leading == 1, "{leading} pods say that they lead");
    scale(world, 1).await
}

/// Once another pod writes, the one before never does again.
fn never_both(writes: &[Write]) -> Result<()> {
    let mut writes: Vec<_> = writes.iter().filter(|write| write.code < 400).collect();
    writes.sort_by_key(|write| write.at);
    let mut turns: Vec<&str> = writes.iter().map(|write| write.pod.as_str()).collect();
    turns.dedup();
    let mut once = turns.clone();
    once.sort_unstable();
    once.dedup();
    ensure!(
        turns.len() == once.len() && turns.len() == 3,
        "writers in turn: {turns:?}"
    );
    Ok(())
}

async fn change(resource: &Resource, round: &str) -> Result<()> {
    resource
        .patch_spec(&json!({"pod": {"annotations": {"example.org/round": round}}}))
        .await
}

/// The image that the operator runs where a resource names none.
pub async fn server_image(case: &Case) -> Result<String> {
    let deployments: Api<Deployment> = Api::namespaced(case.world.client.clone(), SYSTEM);
    let operator = deployments.get(OPERATOR).await?;
    let pod = operator
        .spec
        .and_then(|spec| spec.template.spec)
        .context("no pod spec")?;
    let variables = pod
        .containers
        .into_iter()
        .flat_map(|c| c.env.unwrap_or_default());
    let image = variables
        .into_iter()
        .find(|variable| variable.name == "SERVER_IMAGE");
    image
        .and_then(|variable| variable.value)
        .context("the operator knows no image")
}

/// The pod that holds the lease and has not let it run out.
async fn leader(world: &World) -> Result<String> {
    let leases: Api<Lease> = Api::namespaced(world.client.clone(), SYSTEM);
    let spec = leases
        .get(OPERATOR)
        .await?
        .spec
        .context("a lease without spec")?;
    let holder = spec
        .holder_identity
        .filter(|holder| !holder.is_empty())
        .context("nobody leads")?;
    let renewed = spec.renew_time.context("never renewed")?.0;
    let duration = i64::from(spec.lease_duration_seconds.unwrap_or_default());
    let age = Timestamp::now().duration_since(renewed).as_secs();
    ensure!(age <= duration, "the lease of {holder} ran out {age} s ago");
    let pods = pods(world).await?;
    let names: Vec<_> = pods.iter().map(ResourceExt::name_any).collect();
    let pod = names.iter().find(|name| holder.contains(name.as_str()));
    pod.cloned()
        .with_context(|| format!("{holder} is none of {names:?}"))
}

async fn leaders_by_metric(world: &World) -> Result<usize> {
    let mut leading = 0;
    for pod in pods(world).await? {
        let page = world
            .text(&format!("http://{}:8080/metrics", pod_ip(&pod)?))
            .await?;
        if metric(&page, "icelocator_operator_leader", &[])? > 0.5 {
            leading += 1;
        }
    }
    Ok(leading)
}

/// Sets the number of operator pods, and waits until they are ready and one leads.
pub async fn scale(world: &World, replicas: usize) -> Result<()> {
    set_replicas(world, replicas).await?;
    eventually(TAKEOVER_WITHIN, "one leads", || leader(world)).await?;
    Ok(())
}

/// Sets the number of operator pods, and waits until they are ready and no others are left.
pub async fn set_replicas(world: &World, replicas: usize) -> Result<()> {
    let deployments: Api<Deployment> = Api::namespaced(world.client.clone(), SYSTEM);
    let scale = json!({"spec": {"replicas": replicas}});
    deployments
        .patch_scale(OPERATOR, &PatchParams::default(), &Patch::Merge(&scale))
        .await?;
    eventually(
        Duration::from_mins(1),
        "as many operators as asked for",
        || async {
            let now = world.pods(SYSTEM, LABELS).await?;
            let ready = now.iter().filter(|pod| is_ready(pod)).count();
            ensure!(
                now.len() == replicas && ready == replicas,
                "{ready} ready of {}",
                now.len()
            );
            Ok(())
        },
    )
    .await
}

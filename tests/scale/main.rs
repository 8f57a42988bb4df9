//! Three hundred resources on a node that takes no pods: how long until all children are there, how much is
//! written on the way, while nothing changes, and when the operator starts again.
//!
//! Run as the whole-system tests are, on a cluster that does nothing else:
//! `tests/cluster/cluster.sh exec -- cargo test --workspace --test scale -- [RESOURCES]`
//!
//! Times are printed for people; only the counts of writes are held to bounds.

use std::{
    collections::BTreeMap,
    env,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use icelocator_tests::{
    Case, World,
    audit::Write,
    consistently, eventually, helm,
    resource::{Resource, SIMULATED},
    world::{SYSTEM, is_ready, metric, pod_ip},
};
use k8s_openapi::api::core::v1::{Namespace, Node, Pod};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams},
};

const LABELS: &str = "app.kubernetes.io/name=icelocator-operator";
const NAMESPACE: &str = "t-many";
/// Children of the smallest resource: what one write each has to make.
const CHILDREN: usize = 11;
/// The aim of the issue: one write a child and three more.
const WRITES_EACH: usize = CHILDREN + 3;

#[tokio::main]
async fn main() -> ExitCode {
    let count = env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(300);
    match measured(count).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measured(count: usize) -> Result<()> {
    let world = Arc::new(World::connect().await?);
    let case = Case::open(world.clone(), NAMESPACE).await?;
    // Only the operator may start on the node, so that it can be restarted while all else is Pending.
    let tolerant =
        "tolerations[0].key=node.kubernetes.io/unschedulable,tolerations[0].operator=Exists";
    helm::upgrade(&world, &["--set", tolerant]).await?;
    cordon(&world, true).await?;
    let result = tokio::select! {
        result = figures(&case, count) => result,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    case.close().await?;
    eventually(Duration::from_mins(10), "the namespace is gone", || async {
        let namespaces: Api<Namespace> = Api::all(world.client.clone());
        ensure!(
            namespaces.get_opt(NAMESPACE).await?.is_none(),
            "it is still there"
        );
        Ok(())
    })
    .await?;
    cordon(&world, false).await?;
    helm::upgrade(&world, &[]).await?;
    result
}

async fn figures(case: &Case, count: usize) -> Result<()> {
    let world = &case.world;
    quiet(world, Duration::from_secs(8)).await?;
    let idle = resident(world).await?;
    let mark = world.audit.mark()?;
    let begun = Instant::now();
    stream::iter(0..count)
        .map(|number| async move {
            Resource::apply(case, &format!("many-{number}"), SIMULATED)
                .await
                .map(drop)
        })
        .buffer_unordered(8)
        .try_collect::<()>()
        .await?;
    let applied = begun.elapsed();
    let all = eventually(
        Duration::from_mins(10),
        "all children are there",
        || async {
            let made = made(&world.audit.operators_since(mark)?);
            ensure!(made >= count * CHILDREN, "{made} of {}", count * CHILDREN);
            Ok(begun.elapsed())
        },
    )
    .await?;
    quiet(world, Duration::from_secs(15)).await?;
    let writes = world.audit.operators_since(mark)?;
    let busy = resident(world).await?;

    let calm = world.audit.mark()?;
    let end = Instant::now() + Duration::from_mins(1);
    consistently(end - Instant::now(), "the API server answers", || async {
        world.client.apiserver_version().await?;
        Ok(())
    })
    .await?;
    let in_a_minute = world.audit.operators_since(calm)?.len();

    let restarted = restart(world).await?;
    println!("{count} resources of {CHILDREN} children, pods Pending");
    println!(
        "  applied by the client           {:8.1} s",
        applied.as_secs_f32()
    );
    println!(
        "  until all children are there    {:8.1} s",
        all.as_secs_f32()
    );
    println!("  writes until quiet              {:8}", writes.len());
    println!(
        "  writes a resource               {:8.2}",
        ratio(writes.len(), count)
    );
    for (what, number) in tally(&writes) {
        println!("    {what:<30}{:8.2}", ratio(number, count));
    }
    println!("  operator's memory, idle         {:8.1} MiB", mib(idle));
    println!("  operator's memory, all there    {:8.1} MiB", mib(busy));
    println!("  writes in a quiet minute        {in_a_minute:8}");
    println!("  writes at a restart             {restarted:8}");
    println!(
        "  operator's memory after it      {:8.1} MiB",
        mib(resident(world).await?)
    );

    ensure!(
        writes.len() <= count * (WRITES_EACH + 2),
        "too many writes a resource"
    );
    ensure!(
        in_a_minute == 0 && restarted == 0,
        "it writes when nothing has changed"
    );
    Ok(())
}

/// Children made, by what the API server saw.
fn made(writes: &[Write]) -> usize {
    let children = writes.iter().filter(|write| {
        write.namespace == NAMESPACE
            && write.code < 300
            && write.subresource.is_empty()
            && write.resource != "events"
            && write.resource != "icelocators"
    });
    let mut names: Vec<_> = children
        .map(|w| (w.resource.as_str(), w.name.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

/// Writes by kind and verb.
fn tally(writes: &[Write]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for Write {
        verb,
        resource,
        subresource,
        ..
    } in writes
    {
        let slash = if subresource.is_empty() { "" } else { "/" };
        *tally
            .entry(format!("{verb} {resource}{slash}{subresource}"))
            .or_default() += 1;
    }
    tally
}

/// Waits until the operator has not written for `period`.
async fn quiet(world: &World, period: Duration) -> Result<()> {
    eventually(Duration::from_mins(10), "the operator is quiet", || async {
        let mark = world.audit.mark()?;
        consistently(period, "no write", || async {
            let writes = world.audit.operators_since(mark)?.len();
            ensure!(writes == 0, "{writes} writes");
            Ok(())
        })
        .await
    })
    .await
}

/// Ends the operator, waits until the next one has looked at everything; its writes.
async fn restart(world: &World) -> Result<usize> {
    let pods: Api<Pod> = Api::namespaced(world.client.clone(), SYSTEM);
    let before = operator(world).await?.name_any();
    let mark = world.audit.mark()?;
    pods.delete(&before, &DeleteParams::default()).await?;
    let resources = world
        .api("icelocator.dev/v1alpha1", "IceLocator", None)
        .await?;
    let count = resources.list(&ListParams::default()).await?.items.len();
    eventually(
        Duration::from_mins(2),
        "the next operator has looked at everything",
        || async {
            let pod = operator(world).await?;
            ensure!(pod.name_any() != before, "still the one before");
            let page = world
                .text(&format!("http://{}:8080/metrics", pod_ip(&pod)?))
                .await?;
            let looked = metric(&page, "icelocator_operator_reconciles_total", &[])?;
            ensure!(
                looked >= f64::from(u32::try_from(count)?),
                "{looked} of {count}"
            );
            Ok(())
        },
    )
    .await?;
    quiet(world, Duration::from_secs(15)).await?;
    Ok(world.audit.operators_since(mark)?.len())
}

async fn operator(world: &World) -> Result<Pod> {
    let pods = world.pods(SYSTEM, LABELS).await?;
    pods.into_iter()
        .find(is_ready)
        .context("no operator is ready")
}

async fn resident(world: &World) -> Result<f64> {
    let pod = operator(world).await?;
    let page = world
        .text(&format!("http://{}:8080/metrics", pod_ip(&pod)?))
        .await?;
    metric(&page, "process_resident_memory_bytes", &[])
}

/// Lets the nodes take new pods, or not.
async fn cordon(world: &World, cordoned: bool) -> Result<()> {
    let nodes: Api<Node> = Api::all(world.client.clone());
    for node in nodes.list(&ListParams::default()).await? {
        let name = node.name_any();
        if cordoned {
            nodes.cordon(&name).await
        } else {
            nodes.uncordon(&name).await
        }?;
    }
    Ok(())
}

fn ratio(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap_or(u32::MAX))
        / f64::from(u32::try_from(whole).unwrap_or(1))
}

fn mib(bytes: f64) -> f64 {
    bytes / 1_048_576.0
}

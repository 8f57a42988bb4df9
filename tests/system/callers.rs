//! Who may call, and how much: tokens from a Secret and of ServiceAccounts, limits over all replicas.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures::{StreamExt, stream};
use icelocator_tests::{
    Case, SOON, eventually,
    helm::command,
    mcp::{BY_NAME, Mcp},
    people,
    resource::{Resource, SIMULATED},
    world::pod_ip,
};
use k8s_openapi::api::{core::v1::Secret, rbac::v1::ClusterRoleBinding};
use kube::{Api, api::DeleteParams};
use serde_json::json;

use crate::rolling::{SERVERS, uids};

/// From a change of a mounted object to its effect in a running pod: the kubelet's round, and the server's.
const TAKEN_WITHIN: Duration = Duration::from_mins(3);
/// What servers review tokens with, as the chart calls it.
const BINDING: &str = "icelocator-operator-token-review";

/// Waits until a caller is let in and answered.
async fn let_in(mcp: &Mcp) -> Result<()> {
    eventually(TAKEN_WITHIN, "the caller is let in", || async {
        let answer = people::search_known(mcp, &Mcp::modern()).await?;
        ensure!(answer.outcome() == "found", "{answer:?}");
        Ok(())
    })
    .await
}

/// Waits until a caller is turned away, and told how callers are known.
async fn kept_out(mcp: &Mcp) -> Result<()> {
    eventually(TAKEN_WITHIN, "the caller is kept out", || async {
        let answer = mcp
            .call_raw(&Mcp::modern(), BY_NAME, people::known())
            .await?;
        let status = answer.status();
        ensure!(status == 401, "HTTP {status}");
        let challenge = answer
            .headers()
            .get("www-authenticate")
            .context("no challenge")?;
        ensure!(
            challenge.to_str()?.starts_with("Bearer"),
            "challenged with {challenge:?}"
        );
        Ok(())
    })
    .await
}

/// A client of each replica, whatever the Service would choose.
async fn of_each_replica(case: &Case) -> Result<Vec<Mcp>> {
    let pods = case.world.pods(&case.namespace, SERVERS).await?;
    ensure!(pods.len() == 2, "{} replicas", pods.len());
    pods.iter()
        .map(|pod| Mcp::without_keep_alive(&format!("http://{}:8080", pod_ip(pod)?)))
        .collect()
}

fn tokens(entries: &str) -> String {
    format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: tokens}}\nstringData: {entries}\n")
}

pub async fn tokens_come_and_go_without_a_restart(case: Case) -> Result<()> {
    const FIRST: &str = "invented-token-of-ana-0001";
    const SECOND: &str = "invented-token-of-ana-0002";
    let spec = "  replicas: 2\n  locator: {simulator: {}}\n  auth: {bearer: {secretRef: {name: tokens}}}\n";
    let resource = Resource::apply(&case, "known", spec).await?;
    let missing = resource.until("ResolvedRefs", "False", SOON).await?;
    ensure!(
        missing.message.contains("Secret tokens is missing"),
        "{missing:?}"
    );
    // Without the Secret nobody is let in, the operator neither.
    resource.until_ready().await?;
    let verified = resource.condition("Verified").await?;
    ensure!(verified.reason == "AsksForToken", "{verified:?}");
    let mcp = case.mcp("known").await?;
    kept_out(&mcp).await?;
    kept_out(&mcp.with_token(FIRST)).await?;
    let before = uids(&case).await?;
    let replicas = of_each_replica(&case).await?;

    case.apply(&tokens(&format!("{{ana: {FIRST}}}"))).await?;
    resource.until("ResolvedRefs", "True", SOON).await?;
    for replica in &replicas {
        let_in(&replica.with_token(FIRST)).await?;
        kept_out(replica).await?;
    }
    let_in(&mcp.with_token(FIRST)).await?;

    case.apply(&tokens(&format!("{{ana: {SECOND}}}"))).await?;
    for replica in &replicas {
        let_in(&replica.with_token(SECOND)).await?;
        kept_out(&replica.with_token(FIRST)).await?;
    }

    let secrets: Api<Secret> = case.typed();
    secrets.delete("tokens", &DeleteParams::default()).await?;
    for replica in &replicas {
        kept_out(&replica.with_token(SECOND)).await?;
    }
    resource.until("ResolvedRefs", "False", SOON).await?;
    let after = uids(&case).await?;
    ensure!(
        same(&before, &after),
        "pods were replaced: {before:?}, {after:?}"
    );
    Ok(())
}

fn same(before: &[String], after: &[String]) -> bool {
    after.len() == before.len() && after.iter().all(|uid| before.contains(uid))
}

/// How many of so many calls are answered; each other one must be told when to come back.
async fn answered(mcp: &Mcp, calls: usize) -> Result<usize> {
    let answers = stream::iter(0..calls)
        .map(|_| async {
            let answer = mcp
                .call_raw(&Mcp::modern(), BY_NAME, people::known())
                .await?;
            match answer.status().as_u16() {
                200 => Ok(1),
                429 => {
                    let header = answer.headers().get("retry-after");
                    let wait: u64 = header.context("no Retry-After")?.to_str()?.parse()?;
                    ensure!((1..=3_600).contains(&wait), "come back in {wait} s");
                    Ok(0)
                }
                other => bail!("HTTP {other}: {}", answer.text().await?),
            }
        })
        .buffer_unordered(8)
        .collect::<Vec<Result<usize>>>()
        .await;
    answers.into_iter().sum()
}

pub async fn limits_hold_over_all_replicas_and_change_without_a_restart(case: Case) -> Result<()> {
    const BURST: usize = 9;
    const A_MINUTE: usize = 30;
    let limits = |a_minute: usize, burst: usize| json!({"limits": {"perCaller": {"requestsPerMinute": a_minute, "burst": burst}}});
    let resource = Resource::ready(&case, "limited", 2).await?;
    let mcp = case.mcp("limited").await?;
    let_in(&mcp).await?;
    let before = uids(&case).await?;

    resource.patch_spec(&limits(A_MINUTE, BURST)).await?;
    for one in of_each_replica(&case).await? {
        eventually(TAKEN_WITHIN, "each replica tells to wait", || async {
            let count = answered(&one, 20).await?;
            ensure!(count < 20, "all {count} calls were answered");
            Ok(())
        })
        .await?;
    }
    let begun = Instant::now();
    let count = answered(&mcp, 60).await?;
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    #[expect(clippy::cast_precision_loss, reason = "a few calls")]
    let most = BURST as f64 + A_MINUTE as f64 * minutes;
    #[expect(clippy::cast_precision_loss, reason = "a few calls")]
    let count = count as f64;
    ensure!(
        count <= most.ceil(),
        "{count} calls were answered in {minutes} minutes: more than {most}"
    );

    resource.patch_spec(&limits(60_000, 10_000)).await?;
    eventually(TAKEN_WITHIN, "all calls are answered again", || async {
        let count = answered(&mcp, 40).await?;
        ensure!(count == 40, "{count} of 40 calls were answered");
        Ok(())
    })
    .await?;
    let after = uids(&case).await?;
    ensure!(
        same(&before, &after),
        "pods were replaced: {before:?}, {after:?}"
    );
    Ok(())
}

/// The names of a namespace's ServiceAccounts that may ask about tokens.
async fn reviewers(case: &Case) -> Result<Vec<String>> {
    let bindings: Api<ClusterRoleBinding> = Api::all(case.world.client.clone());
    let subjects = bindings.get(BINDING).await?.subjects.unwrap_or_default();
    let ours = subjects
        .into_iter()
        .filter(|subject| subject.namespace.as_deref() == Some(case.namespace.as_str()));
    Ok(ours.map(|subject| subject.name).collect())
}

pub async fn tokens_of_service_accounts_are_reviewed(case: Case) -> Result<()> {
    let spec = "  locator: {simulator: {}}\n  auth: {tokenReview: {audience: icelocator}}\n";
    let resource = Resource::apply(&case, "reviewing", spec).await?;
    resource.until("Available", "True", SOON).await?;
    resource.until_ready().await?;
    ensure!(reviewers(&case).await? == ["reviewing"]);

    case.apply("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: assistant}\n")
        .await?;
    let token = async |audience: &str| {
        let token = command(
            &case.world,
            "kubectl",
            &[
                "create",
                "token",
                "assistant",
                "--audience",
                audience,
                "-n",
                &case.namespace,
            ],
        )
        .await?;
        anyhow::Ok(token.trim().to_owned())
    };
    let mcp = case.mcp("reviewing").await?;
    let_in(&mcp.with_token(&token("icelocator").await?)).await?;
    kept_out(&mcp).await?;
    // Good tokens, meant for others.
    kept_out(&mcp.with_token(&token("elsewhere").await?)).await?;

    // The right goes when it is no longer asked for, and with the resource.
    resource.reapply(&case, SIMULATED).await?;
    let gone = || async {
        let left = reviewers(&case).await?;
        ensure!(left.is_empty(), "{left:?} may still ask");
        Ok(())
    };
    eventually(SOON, "the right is taken back", gone).await?;
    resource.reapply(&case, spec).await?;
    eventually(SOON, "the right is given again", || async {
        ensure!(!reviewers(&case).await?.is_empty(), "not yet");
        Ok(())
    })
    .await?;
    resource
        .api
        .delete("reviewing", &DeleteParams::default())
        .await?;
    eventually(SOON, "the right goes with the resource", gone).await
}

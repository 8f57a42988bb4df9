//! The site that is searched, and what surrounds it: its profile, its pace, texts and people of one's own, and callers who
//! leave before the answer.

use std::{fs, time::Duration};

use anyhow::{Context, Result, ensure};
use icelocator_tests::{
    Case, SOON, consistently, eventually,
    mcp::{BY_NAME, Extras, Mcp},
    people,
    resource::{Resource, SIMULATED},
    simulator::Simulator,
    world::{metric, pod_ip},
};
use k8s_openapi::api::{apps::v1::ReplicaSet, core::v1::Pod};
use kube::{Api, api::ListParams};
use serde_json::{Value, json};

use crate::rolling::{SERVERS, replaced, uids};

/// From a change of a mounted object to its effect in a running pod: the kubelet's round, and the server's.
const TAKEN_WITHIN: Duration = Duration::from_mins(2);
/// What the server ships, as a start for one's own.
pub const SHIPPED_PROFILE: &str = "server/src/locator/profile/shipped.yaml";

/// Applies a ConfigMap of these files; nothing of an earlier one stays.
pub async fn config_map(case: &Case, name: &str, files: Value) -> Result<()> {
    let map =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": files});
    case.apply(&map.to_string()).await
}

/// How many `ReplicaSets` the server has had: one more for each roll.
async fn rolls(case: &Case) -> Result<usize> {
    let sets: Api<ReplicaSet> = case.typed();
    let sets = sets.list(&ListParams::default().labels(SERVERS)).await?;
    Ok(sets.items.len())
}

async fn found(mcp: &Mcp) -> Result<()> {
    let answer = people::search_known(mcp, &Mcp::modern()).await?;
    ensure!(answer.outcome() == "found", "{answer:?}");
    Ok(())
}

pub async fn a_changed_profile_rolls_once_and_a_broken_one_never_serves(case: Case) -> Result<()> {
    let shipped = fs::read_to_string(case.world.root.join(SHIPPED_PROFILE))?;
    let profile = async |text: &str, other: &str| {
        let files = json!({"profile.yaml": text, "other": other});
        config_map(&case, "site", files).await
    };
    let spec = "  locator: {simulator: {}, profile: {configMapRef: {name: site, key: profile.yaml}}}\n  auth: {anonymous: true}\n";
    let resource = Resource::apply(&case, "profiled", spec).await?;
    let missing = resource.until("ResolvedRefs", "False", SOON).await?;
    ensure!(
        missing.message.contains("ConfigMap site is missing"),
        "{missing:?}"
    );
    profile(&shipped, "").await?;
    resource.until("ResolvedRefs", "True", SOON).await?;
    resource.until_ready().await?;
    let mcp = case.mcp("profiled").await?;
    eventually(SOON, "an answer", || found(&mcp)).await?;

    // Pods wait for the map with the first set, and start with the second: from here on it counts.
    let (sets, before) = (rolls(&case).await?, uids(&case).await?);
    profile(&shipped, "is nothing to the pods").await?;
    consistently(Duration::from_secs(5), "the pods stay", || async {
        ensure!(rolls(&case).await? == sets, "they were rolled");
        Ok(())
    })
    .await?;
    profile(&format!("{shipped}# Read again.\n"), "").await?;
    replaced(&case, &before, 1).await?;
    ensure!(rolls(&case).await? == sets + 1, "rolled more than once");
    found(&mcp).await?;

    let serving = uids(&case).await?;
    profile("nonsense: [", "").await?;
    let said = eventually(SOON, "the new pod says why it ends", || async {
        crash(&case)
            .await?
            .context("no pod has ended with a message")
    })
    .await?;
    ensure!(said.contains("profile"), "it says {said:?}");
    found(&mcp).await.context("with the profile before it")?;
    let now = uids(&case).await?;
    ensure!(
        serving.iter().all(|uid| now.contains(uid)),
        "a pod that served was taken away"
    );
    profile(&shipped, "").await?;
    resource.until_ready().await?;
    found(&mcp).await
}

/// What a server's container said before it ended, as `kubectl describe pod` shows it.
async fn crash(case: &Case) -> Result<Option<String>> {
    let pods: Api<Pod> = case.typed();
    let pods = pods.list(&ListParams::default().labels(SERVERS)).await?;
    let states = pods
        .into_iter()
        .filter_map(|pod| pod.status?.container_statuses)
        .flatten()
        .flat_map(|status| [status.last_state, status.state]);
    let messages = states.filter_map(|state| state?.terminated?.message);
    Ok(messages.into_iter().next())
}

pub async fn a_site_at_an_address_is_asked_within_its_budget(case: Case) -> Result<()> {
    Resource::ready(&case, "site", 1).await?;
    let spec = "  locator:
    baseUrl: http://site-simulator:8080
    timeout: 5s
    access: {strategies: [paced], pacing: {minInterval: 100ms, jitter: 50ms}, requestsPerMinute: 6}
  auth: {anonymous: true}
";
    let resource = Resource::apply(&case, "asking", spec).await?;
    resource.until_ready().await?;
    let pods = of_resource(&case, "asking").await?;
    let ip = pod_ip(pods.first().context("no pod")?)?.to_owned();
    let mcp = case.mcp("asking").await?;
    let search = async || mcp.call(&Mcp::modern(), BY_NAME, people::invented()).await;

    // A share of the budget is soon spent. What is not asked is not known: it is never "nobody found".
    eventually(SOON, "the budget is spent", || async {
        let answer = search().await?;
        let refused = answer.is_error && !["found", "not_found"].contains(&answer.outcome());
        ensure!(refused, "{answer:?}");
        Ok(())
    })
    .await?;
    let asked = async || {
        let page = case.world.page(&ip, "metrics").await?;
        metric(
            &page,
            "icelocator_upstream_requests_total",
            &[("strategy", "paced")],
        )
    };
    ensure!(asked().await? <= 6.0, "more was asked than the budget has");

    resource
        .patch_spec(&json!({"locator": {"access": {"requestsPerMinute": 6000}}}))
        .await?;
    eventually(TAKEN_WITHIN, "there is more to spend", || async {
        for _ in 0..3 {
            let answer = search().await?;
            ensure!(answer.outcome() == "not_found", "{answer:?}");
        }
        Ok(())
    })
    .await?;
    let now = of_resource(&case, "asking").await?;
    ensure!(
        now.len() == 1 && pod_ip(&now[0])? == ip,
        "the pod was replaced"
    );
    Ok(())
}

async fn of_resource(case: &Case, name: &str) -> Result<Vec<Pod>> {
    let labels = format!("{SERVERS},app.kubernetes.io/instance={name}");
    case.world.pods(&case.namespace, &labels).await
}

pub async fn texts_of_ones_own_are_told_and_replaced(case: Case) -> Result<()> {
    const SUPPORT: &str = "ice://support/resources";
    let texts = async |title: &str| {
        let file = format!(
            "title: {{en: {title}, es: {title}}}\nintroduction: {{en: From our own desk., es: De nuestra oficina.}}\n"
        );
        config_map(&case, "texts", json!({"support.yaml": file})).await
    };
    texts("First").await?;
    let spec = format!("{SIMULATED}  texts: {{configMapRef: {{name: texts}}}}\n");
    let resource = Resource::apply(&case, "telling", &spec).await?;
    resource.until_ready().await?;
    let mcp = case.mcp("telling").await?;
    let told = async |title: &str| {
        let read = mcp
            .request(
                &Mcp::modern(),
                "resources/read",
                json!({"uri": SUPPORT}),
                &Extras::default(),
            )
            .await?;
        let text = read["contents"][0]["text"].as_str().unwrap_or_default();
        ensure!(text.contains(title), "no {title} in {text:?}");
        Ok(())
    };
    eventually(SOON, "one's own text", || told("First")).await?;
    let before = uids(&case).await?;
    texts("Second").await?;
    eventually(TAKEN_WITHIN, "the replaced text", || told("Second")).await?;
    ensure!(uids(&case).await? == before, "the pod was replaced");
    Ok(())
}

pub async fn people_from_a_file_are_there_and_change(case: Case) -> Result<()> {
    let people = async |line: &str| {
        let heading = "first_name,last_name,alien_number,country_of_birth,date_of_birth";
        let file = format!("{heading}\n{line}\n");
        config_map(&case, "people", json!({"people.csv": file})).await
    };
    let searched = async |mcp: &Mcp, last_name: &str| {
        let person = json!({
            "first_name": "Nadia", "last_name": last_name, "country_of_birth": "Guatemala", "fuzzy_search": false,
        });
        let answer = mcp.call(&Mcp::modern(), BY_NAME, person).await?;
        ensure!(answer.outcome() == "found", "{answer:?}");
        Ok(())
    };
    people("Nadia,Nirgendwer,900111222,Guatemala,1990-04-05").await?;
    let spec = "  locator: {simulator: {peopleFile: {configMapRef: {name: people, key: people.csv}}}, cache: {notFoundTtl: 0s}}\n  auth: {anonymous: true}\n";
    let resource = Resource::apply(&case, "listed", spec).await?;
    resource.until_ready().await?;
    let mcp = case.mcp("listed").await?;
    eventually(SOON, "who is in the file", || searched(&mcp, "Nirgendwer")).await?;
    people("Nadia,Niemand,900111223,Guatemala,1990-04-05").await?;
    eventually(TAKEN_WITHIN, "who is in the new file", || {
        searched(&mcp, "Niemand")
    })
    .await
}

/// A caller who hangs up is no longer searched for: neither the server nor the site goes on.
pub async fn a_call_whose_caller_left_is_given_up(case: Case) -> Result<()> {
    Resource::ready(&case, "left", 1).await?;
    let site = Simulator::of(&case, "left").await?;
    // Later than anything that is waited for here.
    site.set(&json!({"fault": "slow", "delay": "25s"})).await?;
    let pods = case.world.pods(&case.namespace, SERVERS).await?;
    let ip = pod_ip(pods.first().context("no pod")?)?;
    let in_flight = async || {
        let page = case.world.page(ip, "metrics").await?;
        metric(&page, "icelocator_calls_in_flight", &[])
    };
    let mcp = case.mcp("left").await?;
    let call =
        tokio::spawn(async move { mcp.call(&Mcp::modern(), BY_NAME, people::invented()).await });
    eventually(SOON, "the call is worked on", || async {
        let working = in_flight().await?;
        ensure!(working >= 1.0, "{working} in flight");
        Ok(())
    })
    .await?;
    call.abort();
    // Well before the site would have answered.
    eventually(Duration::from_secs(10), "the call is given up", || async {
        let working = in_flight().await?;
        ensure!(working < 1.0, "{working} in flight");
        Ok(())
    })
    .await
}

//! What a client gets: answers through the Service, from any replica, in both generations of the protocol.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use icelocator_tests::{
    Case, SOON, eventually,
    mcp::{BY_NAME, BY_NUMBER, Extras, LEGACY, Mcp, Session},
    people,
    resource::Resource,
    world::{is_ready, metric, pod_ip},
};
use serde_json::json;

pub async fn both_tools_answer_through_the_service(case: Case) -> Result<()> {
    Resource::ready(&case, "search", 1).await?;
    let mcp = case.mcp("search").await?;
    for session in [Mcp::modern(), mcp.initialize(LEGACY, "tests").await?] {
        let listed = mcp
            .request(&session, "tools/list", json!({}), &Extras::default())
            .await?;
        let tools = listed["tools"].as_array().context("no tools")?;
        let names: BTreeSet<&str> = tools
            .iter()
            .filter_map(|tool| tool["name"].as_str())
            .collect();
        ensure!(
            names.contains(BY_NAME) && names.contains(BY_NUMBER),
            "tools are {names:?}"
        );
        for tool in tools {
            ensure!(
                tool["outputSchema"].is_object(),
                "{} has no output schema",
                tool["name"]
            );
        }
        the_outcomes(&mcp, &session)
            .await
            .with_context(|| format!("speaking {}", session.version))?;
    }
    Ok(())
}

async fn the_outcomes(mcp: &Mcp, session: &Session) -> Result<()> {
    for (what, tool, arguments, outcome) in [
        ("a name that is there", BY_NAME, people::known(), "found"),
        (
            "a name that is not",
            BY_NAME,
            people::unknown(),
            "not_found",
        ),
        (
            "a number that is there",
            BY_NUMBER,
            people::known_number(),
            "found",
        ),
        (
            "a number that is not",
            BY_NUMBER,
            people::unknown_number(),
            "not_found",
        ),
    ] {
        let answer = mcp.call(session, tool, arguments).await.context(what)?;
        ensure!(
            answer.outcome() == outcome && !answer.is_error,
            "{what}: {answer:?}"
        );
        ensure!(
            !answer.text.is_empty(),
            "{what}: nothing for the model to read"
        );
    }
    let english = mcp.call(session, BY_NAME, people::unknown()).await?;
    let mut arguments = people::unknown();
    arguments["language"] = json!("es");
    let spanish = mcp.call(session, BY_NAME, arguments).await?;
    ensure!(spanish.outcome() == "not_found", "{spanish:?}");
    let reads_spanish = [" de ", " la ", " que "]
        .iter()
        .any(|word| spanish.text.contains(word));
    ensure!(
        reads_spanish && spanish.text != english.text,
        "not Spanish: {}",
        spanish.text
    );

    let wrong = mcp.call(
        session,
        BY_NUMBER,
        json!({"alien_number": "B-12", "country_of_birth": "Guatemala"}),
    );
    let wrong = wrong.await?;
    ensure!(
        wrong.outcome() == "invalid",
        "a malformed number: {wrong:?}"
    );
    ensure!(
        !wrong.text.contains("B-12"),
        "the refusal repeats what was typed: {}",
        wrong.text
    );
    Ok(())
}

/// No session is bound to a pod, and no pod is left idle by affinity.
pub async fn any_replica_answers_any_request(case: Case) -> Result<()> {
    Resource::ready(&case, "replicas", 2).await?;
    let labels = "app.kubernetes.io/instance=replicas,app.kubernetes.io/component=server";
    let mut pods = case.world.pods(&case.namespace, labels).await?;
    pods.retain(is_ready);
    ensure!(pods.len() == 2, "{} ready pods", pods.len());
    let clients: Vec<Mcp> = pods
        .iter()
        .map(|pod| Mcp::new(&format!("http://{}:8080", pod_ip(pod)?)))
        .collect::<Result<_>>()?;
    let session = clients[0].initialize(LEGACY, "tests").await?;
    ensure!(session.id.is_some(), "initialize gave no session id");
    for client in clients.iter().chain(clients.iter().rev()) {
        let answer = people::search_known(client, &session).await?;
        ensure!(answer.outcome() == "found", "{answer:?}");
    }

    let through_service = Mcp::without_keep_alive(&case.service_url("replicas", 8080).await?)?;
    let calls = async || -> Result<Vec<f64>> {
        let mut calls = Vec::new();
        for pod in &pods {
            let page = case.world.page(pod_ip(pod)?, "metrics").await?;
            calls.push(metric(&page, "icelocator_searches_total", &[])?);
        }
        Ok(calls)
    };
    // The Service may know of one pod before it knows of the other.
    eventually(SOON, "both pods are called", || async {
        let before = calls().await?;
        for _ in 0..40 {
            people::search_known(&through_service, &session).await?;
        }
        for (before, after) in before.iter().zip(calls().await?) {
            ensure!(after - before >= 8.0, "{} of 40 calls", after - before);
        }
        Ok(())
    })
    .await
}

/// Clients that vanish without DELETE leave nothing behind in the server.
pub async fn sessions_without_goodbye_cost_nothing(case: Case) -> Result<()> {
    const SESSIONS: usize = 2_000;
    Resource::ready(&case, "goodbye", 1).await?;
    let labels = "app.kubernetes.io/instance=goodbye,app.kubernetes.io/component=server";
    let pods = case.world.pods(&case.namespace, labels).await?;
    let base = pod_ip(pods.first().context("no pod")?)?;
    let mcp = Mcp::new(&format!("http://{base}:8080"))?;
    let resident = async || {
        let page = case.world.page(base, "metrics").await?;
        metric(&page, "process_resident_memory_bytes", &[])
    };
    let open = async |count: usize| {
        let sessions = stream::iter(0..count).map(|_| mcp.initialize(LEGACY, "tests"));
        sessions
            .buffer_unordered(8)
            .try_for_each(|_| async { Ok(()) })
            .await
    };
    // The first ones warm the allocator and the connections up.
    open(200).await?;
    let before = resident().await?;
    open(SESSIONS).await?;
    eventually(SOON, "memory is as before", || async {
        let a_session = (resident().await? - before) / 2_000.0;
        ensure!(a_session < 2_048.0, "{a_session:.0} bytes a session stay");
        Ok(())
    })
    .await
}

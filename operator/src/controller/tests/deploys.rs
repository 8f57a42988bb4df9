//! Sentry hears once of each rollout, and its silence holds up nobody. With a real clock: a real Sentry is asked.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::super::testing::World;
use super::{demo, running};
use crate::api::{DeployStatus, ReferenceKind};
use crate::kinds::Kind;
use crate::sentry::tests::Stand;

fn with_deploys(url: &str) -> Value {
    let mut spec = demo();
    spec["monitoring"]["telemetry"]["sentry"] = json!({
        "dsnSecretRef": {"name": "sentry", "key": "dsn"},
        "environment": "staging",
        "deploys": {
            "url": url, "org": "acme", "project": "icelocator",
            "tokenSecretRef": {"name": "sentry", "key": "token"},
        },
    });
    spec
}

/// A world that runs, in which time goes by itself, with a Secret for Sentry.
async fn watched(url: &str) -> World {
    let world = running().await;
    tokio::time::resume();
    world.user_secret_with("sentry", &[("dsn", "a"), ("token", "invented\n")]);
    world.apply_demo(with_deploys(url));
    world
}

/// Passes until `wanted` is so.
async fn until(world: &World, what: &str, wanted: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !wanted() {
        assert!(Instant::now() < deadline, "{what}: {:?}", world.status());
        world.pass().await;
        world.deliver();
        sleep(Duration::from_millis(10)).await;
    }
}

/// What is waited for by the clock alone is over.
async fn later() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_mins(11)).await;
    tokio::time::resume();
}

fn deploy(world: &World) -> Option<DeployStatus> {
    world
        .status()
        .monitoring
        .and_then(|monitoring| monitoring.deploy)
}

#[tokio::test(start_paused = true)]
async fn a_rollout_is_announced_when_it_is_complete_and_once() {
    let sentry = Stand::start().await;
    let world = watched(&sentry.url).await;
    world.pass().await;
    world.deliver();
    for _ in 0..20 {
        world.pass().await;
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(sentry.asked(), [], "new pods are on their way");

    world.pods(1);
    until(&world, "announced", || deploy(&world).is_some()).await;
    let asked = sentry.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert_eq!(asked[0].body["version"], "icelocator-server@1.0.0");
    assert_eq!(asked[1].body, json!({"environment": "staging"}));
    assert!(asked.iter().all(|asked| asked.token == "Bearer invented"));

    let restarted = World::upon(world.server.clone(), &Kind::ALL);
    restarted.refer(ReferenceKind::Secret, "secrets", "sentry");
    for world in [&world, &restarted] {
        for _ in 0..20 {
            world.pass().await;
            sleep(Duration::from_millis(10)).await;
        }
    }
    assert_eq!(sentry.asked(), [], "nor by an operator that was restarted");

    let mut spec = with_deploys(&sentry.url);
    spec["image"] = "registry.example/icelocator-server:2.0.0".into();
    world.apply_demo(spec);
    world.answer(Some("2.0.0"));
    world.pass().await;
    world.pods(1);
    until(&world, "announced anew", || {
        deploy(&world).is_some_and(|deploy| deploy.release == "icelocator-server@2.0.0")
    })
    .await;
    assert_eq!(sentry.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_sentry_that_refuses_is_a_condition_and_is_asked_again() {
    let sentry = Stand::start().await;
    sentry.answer(StatusCode::FORBIDDEN);
    let world = watched(&sentry.url).await;
    world.pass().await;
    world.pods(1);
    until(&world, "asked", || sentry.asked().len() == 1).await;
    later().await;
    until(&world, "a condition", || {
        world.status().conditions.iter().any(|found| {
            found.reason == "DeployNotAnnounced" && found.message.contains("answered HTTP 403")
        })
    })
    .await;
    assert_eq!(world.condition("Ready").0, "True");
    sentry.answer(StatusCode::CREATED);
    later().await;
    until(&world, "announced", || deploy(&world).is_some()).await;
    assert_eq!(world.condition("MonitoringReady").0, "True");
}

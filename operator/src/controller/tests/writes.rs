//! How little is written.

use std::time::Duration;

use super::super::testing::World;
use super::{demo, running};
use crate::api::Phase;
use crate::kinds::Kind;

#[tokio::test(start_paused = true)]
async fn a_new_resource_costs_one_write_a_child_and_one_for_the_status_while_its_pods_wait() {
    let world = World::new();
    world.apply_demo(demo());
    world.pass().await;
    assert_eq!(
        world.writes(),
        [
            "apply serviceaccounts/demo",
            "apply secrets/demo-session",
            "apply configmaps/demo-settings",
            "apply services/demo",
            "apply services/demo-simulator",
            "apply poddisruptionbudgets/demo",
            "apply deployments/demo-simulator",
            "apply deployments/demo",
            "apply servicemonitors/demo",
            "apply prometheusrules/demo",
            "apply configmaps/demo-dashboard-overview",
        ]
    );
    world.pods(0);
    world.settle().await;
    assert_eq!(world.writes(), ["status"]);
    assert_eq!(world.status().phase, Some(Phase::Progressing));
    world.settle().await;
    assert_eq!(
        world.writes(),
        [""; 0],
        "nothing is written while pods are pending"
    );
}

#[tokio::test(start_paused = true)]
async fn pods_that_are_ready_at_once_cost_one_status_and_one_event() {
    let world = World::new();
    world.apply_demo(demo());
    world.pass().await;
    world.writes();
    world.answer(Some("1.0.0"));
    world.pods(1);
    world.settle().await;
    assert_eq!(world.writes(), ["status", "event Ready"]);
    let status = world.status();
    assert_eq!(status.phase, Some(Phase::Ready));
    let server = status.server.unwrap();
    assert_eq!(server.version.as_deref(), Some("1.0.0"));
    assert_eq!(server.protocol_versions, ["2026-07-28", "2025-11-25"]);
}

#[tokio::test(start_paused = true)]
async fn a_restarted_operator_writes_nothing() {
    let world = running().await;
    let status = world.status();
    let restarted = World::upon(world.server.clone(), &Kind::ALL);
    restarted.settle().await;
    assert_eq!(restarted.writes(), [""; 0]);
    assert_eq!(restarted.status(), status);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_child_comes_back_and_a_changed_one_is_mended() {
    let world = running().await;
    world.delete("services", "demo");
    world.change("configmaps", "demo-settings", |map| {
        map["data"]["settings.yaml"] = "mine".into();
    });
    world.pass().await;
    assert_eq!(
        world.writes(),
        ["apply configmaps/demo-settings", "apply services/demo"]
    );
    world.deliver();
    world.pass().await;
    assert_eq!(world.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_stale_report_of_the_watch_does_not_undo_what_was_just_written() {
    let world = running().await;
    let before = world.object("services", "demo").unwrap();
    let mut spec = demo();
    spec["exposure"]["service"]["annotations"]["example.org/note"] = "new".into();
    world.apply_demo(spec);
    world.pass().await;
    assert_eq!(world.writes(), ["apply services/demo"]);
    let stale = serde_json::from_value(before).unwrap();
    world.passes.index.event(
        Kind::Service,
        0,
        kube::runtime::watcher::Event::Apply(stale),
    );
    world.pass().await;
    assert!(!world.writes().contains(&"apply services/demo".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn what_the_api_server_writes_otherwise_is_not_applied_for_ever() {
    let world = World::new();
    world.webhook(|plural, object| {
        if plural == "deployments" {
            object["spec"]["template"]["spec"]["enableServiceLinks"] = true.into();
        }
    });
    world.apply_demo(demo());
    world.settle().await;
    world.writes();
    world.settle().await;
    assert_eq!(world.writes(), [""; 0]);
    // What someone changes beside is still mended.
    world.change("deployments", "demo", |deployment| {
        deployment["spec"]["replicas"] = 9.into();
    });
    world.pass().await;
    assert_eq!(world.writes(), ["apply deployments/demo"]);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_changed_again_and_again_is_mended_less_and_less_often() {
    let world = running().await;
    let mut mended = 0;
    for _ in 0..60 {
        world.change("services", "demo", |service| {
            service["spec"]["ports"][0]["port"] = 1.into();
        });
        world.pass().await;
        mended += world
            .writes()
            .iter()
            .filter(|write| *write == "apply services/demo")
            .count();
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert!((4..=6).contains(&mended), "{mended} times in a minute");
}

#[tokio::test(start_paused = true)]
async fn numbers_of_pods_are_not_told_one_by_one_during_a_rollout() {
    let world = running().await;
    for step in 0..3 {
        world.change("deployments", "demo", |deployment| {
            deployment["status"]["replicas"] = (2 - step % 2).into();
            deployment["status"]["unavailableReplicas"] = 1.into();
        });
        world.pass().await;
        tokio::time::advance(Duration::from_secs(2)).await;
    }
    assert_eq!(world.writes(), [""; 0]);
}

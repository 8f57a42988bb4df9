//! Whose an object is, and what is left alone.

use serde_json::json;

use super::super::pass::Step;
use super::super::testing::World;
use super::{demo, running};
use crate::api::Phase;
use crate::kinds::Kind;

#[tokio::test(start_paused = true)]
async fn what_others_add_stays() {
    let world = running().await;
    world.change("deployments", "demo", |deployment| {
        deployment["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] = "now".into();
        deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2".into();
    });
    world.pods(1);
    world.settle().await;
    assert_eq!(world.writes(), [""; 0]);
    // Nor is it lost when something else changes.
    let mut spec = demo();
    spec["replicas"] = 2.into();
    world.apply_demo(spec);
    world.pass().await;
    let deployment = world.object("deployments", "demo").unwrap();
    assert_eq!(deployment["spec"]["replicas"], 2);
    assert_eq!(
        deployment["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"],
        "now"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_switched_off_goes_and_only_that() {
    let world = running().await;
    let mut spec = demo();
    spec["monitoring"] = json!({"alerting": {"enabled": false}, "dashboards": {"enabled": false}});
    world.apply_demo(spec);
    world.pass().await;
    assert_eq!(
        world.writes(),
        [
            "delete configmaps/demo-dashboard-overview",
            "delete prometheusrules/demo"
        ]
    );
    world.pass().await;
    assert!(
        !world
            .writes()
            .iter()
            .any(|write| write.starts_with("delete")),
        "not deleted twice"
    );
}

#[tokio::test(start_paused = true)]
async fn the_key_of_the_sessions_survives_everything_but_its_own_deletion() {
    let world = running().await;
    let key =
        |world: &World| world.object("secrets", "demo-session").unwrap()["data"]["key"].clone();
    let before = key(&world);
    let mut spec = demo();
    spec["replicas"] = 3.into();
    world.apply_demo(spec);
    world.settle().await;
    let restarted = World::upon(world.server.clone(), &Kind::ALL);
    restarted.settle().await;
    assert_eq!(key(&restarted), before);
    restarted.change("secrets", "demo-session", |secret| {
        secret["metadata"]["labels"] = json!({});
    });
    restarted.settle().await;
    assert_eq!(key(&restarted), before);
    restarted.delete("secrets", "demo-session");
    restarted.pass().await;
    assert_ne!(key(&restarted), before);
    let writes = restarted.writes();
    assert!(
        writes.contains(&"apply deployments/demo".to_owned()),
        "pods take the new key: {writes:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_someone_else_owns_is_never_taken_over() {
    let world = World::new();
    world.write("services", json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "demo"}, "spec": {"selector": {"app": "mine"}}}));
    world.apply_demo(demo());
    world.settle().await;
    assert_eq!(
        world.object("services", "demo").unwrap()["spec"]["selector"],
        json!({"app": "mine"})
    );
    assert_eq!(
        world.object("deployments", "demo"),
        None,
        "no pods that cannot be reached"
    );
    let (status, reason, message) = world.condition("Conflict");
    assert_eq!((status.as_str(), reason.as_str()), ("True", "NameTaken"));
    assert!(message.contains("Service demo"), "{message}");
    assert_eq!(world.status().phase, Some(Phase::Degraded));
    assert!(world.writes().contains(&"event NameTaken".to_owned()));

    world.delete("services", "demo");
    world.settle().await;
    assert!(world.object("deployments", "demo").is_some());
    assert!(
        world
            .status()
            .conditions
            .iter()
            .all(|condition| condition.type_ != "Conflict")
    );
}

#[tokio::test(start_paused = true)]
async fn a_child_that_lost_its_owner_is_someone_elses() {
    let world = running().await;
    world.change("configmaps", "demo-settings", |map| {
        map["metadata"]["ownerReferences"] = json!([]);
    });
    world.settle().await;
    assert!(
        world
            .condition("Conflict")
            .2
            .contains("ConfigMap demo-settings")
    );
}

#[tokio::test(start_paused = true)]
async fn a_child_that_lost_its_label_gets_it_back() {
    let world = running().await;
    // The watch, which selects by the label, reports the child as gone.
    world.change("services", "demo", |service| {
        service["metadata"]["labels"] = json!({});
    });
    let unlabelled = serde_json::from_value(world.object("services", "demo").unwrap()).unwrap();
    world.passes.index.event(
        Kind::Service,
        0,
        kube::runtime::watcher::Event::Delete(unlabelled),
    );
    world.pass().await;
    assert_eq!(world.writes(), ["apply services/demo"]);
}

#[tokio::test(start_paused = true)]
async fn a_resource_made_anew_waits_until_the_children_of_the_old_one_are_gone() {
    let world = running().await;
    world.delete("icelocators", "demo");
    assert_eq!(world.pass().await, Step::Gone);
    world.apply_demo(demo());
    world.pass().await;
    assert_eq!(
        world.writes(),
        [""; 0],
        "neither taken over nor called a conflict"
    );
    for (plural, name) in [("services", "demo"), ("deployments", "demo")] {
        world.delete(plural, name);
    }
    world.pass().await;
    assert_eq!(
        world.writes(),
        ["apply services/demo", "apply deployments/demo"]
    );
    assert!(
        world
            .status()
            .conditions
            .iter()
            .all(|condition| condition.type_ != "Conflict")
    );
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_is_being_deleted_is_left_to_the_garbage_collector() {
    let world = running().await;
    world.change("icelocators", "demo", |resource| {
        resource["metadata"]["deletionTimestamp"] = "2026-11-23T00:00:00Z".into();
    });
    world.delete("services", "demo");
    world.settle().await;
    assert_eq!(world.writes(), [""; 0]);
}

//! The right to ask about tokens: given to those who ask, taken back, and refused where it cannot be given.

use serde_json::{Value, json};

use super::super::pass::Step;
use super::super::testing::World;
use super::demo;

const BINDING: &str = "token-review";

fn reviewing() -> Value {
    let mut spec = demo();
    spec["auth"] = json!({"tokenReview": {"audience": "icelocator"}});
    spec
}

/// A cluster in which the chart has made the binding.
fn with_binding() -> World {
    let world = World::new();
    world.write(
        "clusterrolebindings",
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": BINDING},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": BINDING},
        }),
    );
    world.writes();
    world
}

fn subjects(world: &World) -> Value {
    world.object("clusterrolebindings", BINDING).unwrap()["subjects"].clone()
}

#[tokio::test(start_paused = true)]
async fn without_a_binding_nobody_is_given_the_right_and_nothing_runs() {
    let world = World::new();
    world.apply_demo(reviewing());
    world.settle().await;
    let (status, reason, message) = world.condition("Accepted");
    assert_eq!((status.as_str(), reason.as_str()), ("False", "NotGranted"));
    assert!(message.contains("spec.auth.tokenReview"), "{message}");
    assert_eq!(world.object("deployments", "demo"), None);
}

#[tokio::test(start_paused = true)]
async fn who_asks_is_given_the_right_and_who_no_longer_does_loses_it() {
    let world = with_binding();
    world.apply_demo(reviewing());
    world.settle().await;
    let given = json!([{"kind": "ServiceAccount", "name": "demo", "namespace": "default"}]);
    assert_eq!(subjects(&world), given);
    assert!(
        world
            .writes()
            .contains(&"apply clusterrolebindings/token-review".to_owned())
    );
    let deployment = world.object("deployments", "demo").unwrap();
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(pod["automountServiceAccountToken"], false);
    let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
    let token = mounts.iter().find(|mount| mount["name"] == "api-token");
    assert_eq!(
        token.unwrap()["mountPath"],
        "/var/run/secrets/kubernetes.io/serviceaccount"
    );
    world.settle().await;
    assert_eq!(world.writes(), [""; 0]);

    world.apply_demo(demo());
    world.settle().await;
    assert_eq!(subjects(&world), json!([]));
    let deployment = world.object("deployments", "demo").unwrap();
    assert!(!deployment.to_string().contains("serviceAccountToken"));
}

#[tokio::test(start_paused = true)]
async fn the_right_goes_with_the_resource() {
    let world = with_binding();
    world.apply_demo(reviewing());
    world.settle().await;
    world.delete("icelocators", "demo");
    assert_eq!(world.pass().await, Step::Gone);
    assert_eq!(subjects(&world), json!([]));
}

#[tokio::test(start_paused = true)]
async fn what_others_write_into_the_binding_is_put_right() {
    let world = with_binding();
    world.apply_demo(reviewing());
    world.settle().await;
    let given = subjects(&world);
    world.change("clusterrolebindings", BINDING, |binding| {
        binding["subjects"] = json!([{"kind": "User", "name": "mallory"}]);
    });
    world.pass().await;
    assert_eq!(subjects(&world), given);
}

#[tokio::test(start_paused = true)]
async fn a_right_that_cannot_be_given_is_said() {
    let world = with_binding();
    world.apply_demo(reviewing());
    world.settle().await;
    world.delete("clusterrolebindings", BINDING);
    world.settle().await;
    assert_eq!(world.condition("Accepted").1, "NotGranted");
    assert_eq!(world.object("deployments", "demo"), None);
}

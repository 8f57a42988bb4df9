//! Whole passes over a resource, upon a small API server in memory.

use std::time::Duration;

use serde_json::{Value, json};

use super::pass::Step;
use super::queue::Next;
use super::testing::World;
use crate::api::Phase;
use crate::kinds::Kind;
use crate::metrics::Ended;

fn demo() -> Value {
    json!({"locator": {"simulator": {}}, "auth": {"anonymous": true}})
}

fn with_channel() -> Value {
    let mut spec = demo();
    spec["monitoring"]["alerting"] = json!({
        "channels": [{"name": "hook", "webhook": {"urlSecretRef": {"name": "hook", "key": "url"}}}],
        "routes": {"critical": ["hook"]},
    });
    spec
}

async fn running() -> World {
    let world = World::new();
    world.apply_demo(demo());
    world.pass().await;
    world.answer(Some("1.0.0"));
    world.pods(1);
    world.settle().await;
    assert_eq!(
        world.status().phase,
        Some(Phase::Ready),
        "{:?}",
        world.status()
    );
    world.writes();
    world
}

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
    spec["exposure"]["service"]["type"] = "NodePort".into();
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

#[tokio::test(start_paused = true)]
async fn a_missing_api_is_a_condition_and_is_picked_up_when_it_appears() {
    let without = [
        Kind::PrometheusRule,
        Kind::AlertmanagerConfig,
        Kind::ServiceMonitor,
    ];
    let served: Vec<Kind> = Kind::ALL
        .into_iter()
        .filter(|kind| !without.contains(kind))
        .collect();
    let world = World::upon(super::testing::Server::default(), &served);
    world.apply_demo(demo());
    world.pass().await;
    world.answer(Some("1.0.0"));
    world.pods(1);
    world.settle().await;
    let (status, reason, message) = world.condition("MonitoringReady");
    assert_eq!((status.as_str(), reason.as_str()), ("False", "APIMissing"));
    assert!(
        message.contains("ServiceMonitor (monitoring.coreos.com/v1)"),
        "{message}"
    );
    assert_eq!(
        world.status().phase,
        Some(Phase::Ready),
        "the server itself is not held up"
    );
    assert_eq!(world.status().monitoring.unwrap().service_monitor, None);
    world.writes();

    for kind in without {
        world.serve(kind);
    }
    world.settle().await;
    assert_eq!(
        world.writes(),
        [
            "apply servicemonitors/demo",
            "apply prometheusrules/demo",
            "status"
        ]
    );
    assert_eq!(
        world.condition("MonitoringReady").1,
        "DeliveredAsConfigMaps"
    );
    assert_eq!(
        world
            .status()
            .monitoring
            .unwrap()
            .service_monitor
            .as_deref(),
        Some("demo")
    );

    world.passes.index.stop(Kind::ServiceMonitor);
    world.settle().await;
    assert_eq!(world.condition("MonitoringReady").1, "APIMissing");
}

#[tokio::test(start_paused = true)]
async fn an_api_that_goes_away_between_two_looks_is_missing_not_an_error() {
    let world = World::new();
    world.refuse("servicemonitors", Some(404));
    world.apply_demo(demo());
    let step = world.pass().await;
    assert!(
        matches!(
            step,
            Step::Done {
                ended: Ended::Ok,
                ..
            }
        ),
        "{step:?}"
    );
    world.settle().await;
    assert_eq!(world.condition("MonitoringReady").1, "APIMissing");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_honoured_gets_no_pods_and_says_why() {
    let world = running().await;
    let mut spec = demo();
    spec["auth"] = json!({"bearer": {"secretRef": {"name": "tokens"}}});
    world.apply_demo(spec);
    let step = world.pass().await;
    assert!(
        matches!(
            step,
            Step::Done {
                ended: Ended::Invalid,
                next: Next::After(_)
            }
        ),
        "not retried: {step:?}"
    );
    assert_eq!(
        world.writes(),
        [
            "delete deployments/demo",
            "delete deployments/demo-simulator",
            "status",
            "event NotInEffect",
        ]
    );
    let (status, reason, message) = world.condition("Accepted");
    assert_eq!((status.as_str(), reason.as_str()), ("False", "NotInEffect"));
    assert!(message.contains("spec.auth.bearer"), "{message}");
    assert_eq!(world.status().phase, Some(Phase::Invalid));
    assert!(world.object("services", "demo").is_some(), "all else stays");
    world.settle().await;
    assert_eq!(world.writes(), [""; 0]);

    world.apply_demo(demo());
    world.pass().await;
    assert_eq!(
        world.writes(),
        ["apply deployments/demo-simulator", "apply deployments/demo"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_cannot_be_read_harms_only_itself() {
    let world = World::new();
    world.apply_demo(json!({"locator": 7}));
    let step = world.pass().await;
    assert!(
        matches!(
            step,
            Step::Done {
                ended: Ended::Invalid,
                ..
            }
        ),
        "{step:?}"
    );
    assert_eq!(world.condition("Accepted").1, "Invalid");
}

#[tokio::test(start_paused = true)]
async fn a_missing_secret_is_a_condition_that_heals_itself() {
    let world = World::new();
    world.apply_demo(with_channel());
    world.settle().await;
    let (status, _, message) = world.condition("ResolvedRefs");
    assert_eq!(status, "False");
    assert!(
        message.contains(
            "Secret hook is missing (spec.monitoring.alerting.channels[0].webhook.urlSecretRef)"
        ),
        "{message}"
    );

    world.user_secret("hook", &["token"]);
    world.settle().await;
    assert!(
        world
            .condition("ResolvedRefs")
            .2
            .contains("Secret hook has no key url")
    );

    world.user_secret("hook", &["url"]);
    world.settle().await;
    assert_eq!(world.condition("ResolvedRefs").0, "True");
    assert!(
        !world
            .writes()
            .iter()
            .any(|write| write.contains("secrets/hook")),
        "never written"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_not_ready() {
    let world = World::new();
    world.apply_demo(demo());
    world.pass().await;
    world.pods(1);
    world.settle().await;
    assert_eq!(world.condition("Available").0, "True");
    assert_eq!(world.condition("Verified").1, "HandshakeFailed");
    assert_eq!(world.status().phase, Some(Phase::Degraded));
    world.answer(Some("1.0.0"));
    for _ in 0..5 {
        world.settle().await;
    }
    assert_eq!(world.status().phase, Some(Phase::Ready));
}

#[tokio::test(start_paused = true)]
async fn a_new_version_is_verified_anew() {
    let world = running().await;
    let mut spec = demo();
    spec["image"] = "registry.example/icelocator-server:2.0.0".into();
    world.apply_demo(spec);
    world.pass().await;
    world.answer(Some("2.0.0"));
    world.pods(1);
    world.settle().await;
    assert_eq!(
        world.status().server.unwrap().version.as_deref(),
        Some("2.0.0")
    );
    assert_eq!(world.status().observed_generation, Some(2));
    assert_eq!(world.status().phase, Some(Phase::Ready));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_noticed_without_any_event() {
    let world = running().await;
    world.answer(None);
    tokio::time::advance(Duration::from_secs(400)).await;
    for _ in 0..3 {
        world.settle().await;
    }
    assert_eq!(world.condition("Ready").1, "HandshakeFailed");
    assert_eq!(world.status().phase, Some(Phase::Degraded));
    assert!(world.writes().contains(&"event NotReady".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn suspended_is_neither_ready_nor_wrong() {
    let world = running().await;
    let mut spec = demo();
    spec["suspend"] = true.into();
    world.apply_demo(spec);
    world.pass().await;
    world.pods(0);
    world.settle().await;
    assert_eq!(
        world.object("deployments", "demo").unwrap()["spec"]["replicas"],
        0
    );
    assert_eq!(world.status().phase, Some(Phase::Suspended));
    assert_eq!(world.condition("Ready").1, "Suspended");
    assert!(world.object("services", "demo").is_some());
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
async fn one_child_that_fails_does_not_hold_up_the_others_and_is_tried_again() {
    let world = World::new();
    world.refuse("prometheusrules", Some(500));
    world.apply_demo(demo());
    let step = world.pass().await;
    assert_eq!(
        step,
        Step::Done {
            ended: Ended::Error,
            next: Next::Retry
        }
    );
    assert!(
        world
            .object("configmaps", "demo-dashboard-overview")
            .is_some()
    );
    world.settle().await;
    let (_, reason, message) = world.condition("MonitoringReady");
    assert_eq!(reason, "ApplyFailed");
    assert!(message.contains("PrometheusRule demo"), "{message}");
    world.refuse("prometheusrules", None);
    world.settle().await;
    assert_eq!(world.condition("MonitoringReady").0, "True");
}

#[tokio::test(start_paused = true)]
async fn what_the_api_server_calls_invalid_is_not_tried_again() {
    let world = World::new();
    world.refuse("services", Some(422));
    world.apply_demo(demo());
    world.settle().await;
    let step = world.pass().await;
    let Step::Done {
        ended: Ended::Error,
        next: Next::After(pause),
    } = step
    else {
        panic!("{step:?}");
    };
    assert!(pause > Duration::from_mins(1));
    assert_eq!(world.condition("Available").1, "ApplyFailed");
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

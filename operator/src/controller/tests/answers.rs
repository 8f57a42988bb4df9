//! What the status says, and when.

use std::time::Duration;

use serde_json::json;

use super::super::pass::Step;
use super::super::queue::Next;
use super::super::testing::{Server, World};
use super::{demo, running, with_channel};
use crate::api::Phase;
use crate::kinds::Kind;
use crate::metrics::Ended;

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
    let world = World::upon(Server::default(), &served);
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
    spec["guard"] = json!({});
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
    assert!(message.contains("spec.guard"), "{message}");
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
async fn pods_roll_once_when_a_map_that_they_read_at_their_start_changes() {
    let world = running().await;
    let mut spec = demo();
    spec["locator"]["profile"]["configMapRef"] = json!({"name": "site", "key": "profile.yaml"});
    world.apply_demo(spec);
    world.settle().await;
    let (status, _, message) = world.condition("ResolvedRefs");
    assert_eq!(status, "False");
    assert!(
        message.contains("ConfigMap site is missing (spec.locator.profile.configMapRef)"),
        "{message}"
    );
    world.writes();

    let rolls = async |data: serde_json::Value| {
        world.user_config_map("site", data);
        world.settle().await;
        let writes = world.writes().into_iter();
        writes
            .filter(|write| write == "apply deployments/demo")
            .count()
    };
    assert_eq!(rolls(json!({"profile.yaml": "one"})).await, 1);
    assert_eq!(world.condition("ResolvedRefs").0, "True");
    assert_eq!(rolls(json!({"profile.yaml": "two"})).await, 1);
    assert_eq!(
        rolls(json!({"profile.yaml": "two", "other": "new"})).await,
        0,
        "what the pods do not see does not roll them"
    );
    let written = serde_json::to_string(&world.object("deployments", "demo")).unwrap();
    assert!(!written.contains("two"), "only a digest leaves: {written}");
}

#[tokio::test(start_paused = true)]
async fn limits_change_without_new_pods() {
    let world = running().await;
    let mut spec = demo();
    spec["limits"] = json!({"perCaller": {"requestsPerMinute": 7}});
    world.apply_demo(spec);
    world.pass().await;
    assert_eq!(world.writes(), ["apply configmaps/demo-settings"]);
    let settings = world.object("configmaps", "demo-settings").unwrap();
    let settings = settings["data"]["settings.yaml"].as_str().unwrap();
    assert!(settings.contains("requestsPerMinute: 7"), "{settings}");
}

#[tokio::test(start_paused = true)]
async fn tokens_are_named_and_never_copied() {
    let world = World::new();
    let mut spec = demo();
    spec["auth"] = json!({"bearer": {"secretRef": {"name": "tokens"}}});
    world.apply_demo(spec);
    world.settle().await;
    assert!(
        world
            .condition("ResolvedRefs")
            .2
            .contains("Secret tokens is missing (spec.auth.bearer.secretRef)")
    );
    let before = world.object("deployments", "demo").unwrap();
    world.user_secret("tokens", &["ana"]);
    world.settle().await;
    assert_eq!(world.condition("ResolvedRefs").0, "True");
    let after = world.object("deployments", "demo").unwrap();
    assert_eq!(
        before["spec"], after["spec"],
        "running pods take up tokens by themselves"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_lets_anyone_in_is_not_ready_where_callers_are_to_be_known() {
    let world = running().await;
    let mut spec = demo();
    spec["auth"] = json!({"bearer": {"secretRef": {"name": "tokens"}}});
    world.apply_demo(spec);
    world.pass().await;
    world.pods(1);
    world.settle().await;
    let (status, reason, message) = world.condition("Verified");
    assert_eq!(
        (status.as_str(), reason.as_str()),
        ("False", "HandshakeFailed")
    );
    assert!(message.contains("without a token"), "{message}");
    assert_eq!(world.condition("Ready").0, "False");
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
async fn pods_are_left_alone_while_what_they_need_cannot_be_written() {
    let world = running().await;
    world.refuse("services", Some(403));
    world.delete("services", "demo");
    let before = world.object("deployments", "demo");
    let mut spec = demo();
    spec["locator"]["timeout"] = "17s".into();
    world.apply_demo(spec);
    world.settle().await;
    assert_eq!(world.object("deployments", "demo"), before);
    let (status, reason, _) = world.condition("Available");
    assert_eq!((status.as_str(), reason.as_str()), ("False", "ApplyFailed"));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_made_in_a_namespace_that_goes() {
    let world = running().await;
    world.server.with(|state| state.namespace_goes = true);
    world.delete("serviceaccounts", "demo");
    assert!(matches!(
        world.pass().await,
        Step::Done {
            ended: Ended::Ok,
            ..
        }
    ));
    assert_eq!(world.writes(), ["apply serviceaccounts/demo"]);
}

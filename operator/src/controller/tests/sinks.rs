//! The Secrets of sinks: named, never copied, missed aloud, and taken up when they come.

use serde_json::{Value, json};

use super::super::testing::World;
use super::{demo, running};

fn with_sinks() -> Value {
    let mut spec = demo();
    spec["monitoring"] = json!({
        "analytics": {"projectIdSecretRef": {"name": "mcpcat", "key": "project-id"}},
        "telemetry": {
            "otlp": {"endpoint": "http://collector.monitoring.svc:4317", "headersSecretRef": {"name": "otlp"}},
            "datadog": {"apiKeySecretRef": {"name": "datadog", "key": "api-key"}},
            "sentry": {"dsnSecretRef": {"name": "sentry", "key": "dsn"}},
        },
        "privacy": {"pseudonymKeyringSecretRef": {"name": "pseudonyms"}},
    });
    spec
}

const SECRETS: [(&str, &str); 5] = [
    ("mcpcat", "project-id"),
    ("otlp", "authorization"),
    ("datadog", "api-key"),
    ("sentry", "dsn"),
    ("pseudonyms", "2026-11"),
];

#[tokio::test(start_paused = true)]
async fn secrets_of_sinks_that_are_missing_are_conditions_that_heal_themselves() {
    let world = running().await;
    world.apply_demo(with_sinks());
    world.settle().await;
    for (name, _) in SECRETS {
        for condition in ["ResolvedRefs", "MonitoringReady"] {
            let (status, _, message) = world.condition(condition);
            assert_eq!(status, "False");
            assert!(
                message.contains(&format!("Secret {name} is missing")),
                "{condition}: {message}"
            );
        }
    }
    for (name, key) in SECRETS {
        world.user_secret_with(name, &[(key, "invented")]);
    }
    world.settle().await;
    assert_eq!(world.condition("ResolvedRefs").0, "True");
    assert_eq!(world.condition("MonitoringReady").0, "True");
    let deployment = serde_json::to_string(&world.object("deployments", "demo")).unwrap();
    assert!(
        !deployment.contains("invented") && !deployment.contains("secretKeyRef"),
        "mounted, not copied: {deployment}"
    );
    let touched = world.writes().into_iter().filter(|write| {
        SECRETS
            .iter()
            .any(|(name, _)| *write == format!("apply secrets/{name}"))
    });
    assert_eq!(touched.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn pods_that_read_secrets_as_they_run_are_not_rolled_for_them() {
    let world = running().await;
    world.apply_demo(with_sinks());
    world.settle().await;
    world.writes();
    for (name, key) in SECRETS {
        world.user_secret_with(name, &[(key, "one")]);
        world.settle().await;
        world.user_secret_with(name, &[(key, "two"), ("other", "one")]);
        world.settle().await;
        world.delete_user_secret(name);
        world.settle().await;
        let writes = world.writes();
        assert!(
            !writes.contains(&"apply deployments/demo".to_owned()),
            "{name}: {writes:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_keyring_is_named_where_pods_wait_for_it() {
    let world = World::new();
    world.apply_demo(with_sinks());
    world.pass().await;
    world.pods(0);
    world.settle().await;
    let (status, _, message) = world.condition("Ready");
    assert_eq!(status, "False");
    assert!(
        message.contains("Secret pseudonyms is missing") && !message.contains("sentry"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_comes_before_the_pods_and_goes_when_it_is_no_longer_wanted() {
    let world = World::new();
    let mut spec = demo();
    spec["networkPolicy"] = json!({});
    world.apply_demo(spec);
    world.pass().await;
    let writes = world.writes();
    let at = |write: &str| writes.iter().position(|found| found == write).unwrap();
    assert!(at("apply networkpolicies/demo") < at("apply deployments/demo"));

    world.apply_demo(demo());
    world.settle().await;
    assert!(
        world
            .writes()
            .contains(&"delete networkpolicies/demo".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn pods_do_not_run_without_the_policy_that_is_asked_for() {
    let world = World::new();
    world.refuse("networkpolicies", Some(403));
    let mut spec = demo();
    spec["networkPolicy"] = json!({});
    world.apply_demo(spec);
    world.settle().await;
    assert_eq!(world.object("deployments", "demo"), None);
    assert_eq!(world.condition("Available").1, "ApplyFailed");
}

#[tokio::test(start_paused = true)]
async fn what_is_made_for_datadog_is_made_where_its_api_is_served() {
    let world = running().await;
    let mut spec = with_sinks();
    spec["monitoring"]["telemetry"]["datadog"]["resources"] = true.into();
    world.apply_demo(spec.clone());
    world.settle().await;
    assert!(world.object("datadogdashboards", "demo").is_some());
    assert!(
        world
            .object("datadogmonitors", "demo-leak-blocked")
            .is_some()
    );

    world.passes.index.stop(crate::kinds::Kind::DatadogMonitor);
    world.settle().await;
    let (_, reason, message) = world.condition("MonitoringReady");
    assert_eq!(reason, "APIMissing");
    assert!(
        message.contains("DatadogMonitor (datadoghq.com/v1alpha1): install the Datadog operator,"),
        "{message}"
    );
    world.serve(crate::kinds::Kind::DatadogMonitor);

    spec["monitoring"]["telemetry"]["datadog"]["resources"] = false.into();
    world.apply_demo(spec);
    world.settle().await;
    assert_eq!(world.object("datadogdashboards", "demo"), None);
    assert_eq!(world.object("datadogmonitors", "demo-leak-blocked"), None);
}

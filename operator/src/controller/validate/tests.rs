//! Resources as a person writes them, through the real validation.

use std::fs;

use icelocator_config::{Auth, CONFIG_VERSION, ServerConfig};
use serde_json::{Value, json};

use super::*;
use crate::api::DashboardSet;
use crate::resources::fixtures::{refusal, refused, repository};

const IMAGE: &str = "localhost/icelocator-server:0.1.0";
const SIMULATED: &str = "  locator: {simulator: {}}\n  auth: {anonymous: true}\n";

fn facts() -> Facts {
    Facts::new(IMAGE.to_owned(), SessionKey::new([7; 32]))
}

fn resource(spec: &str) -> IceLocator {
    let yaml = format!(
        "apiVersion: icelocator.dev/v1alpha1\nkind: IceLocator\n\
         metadata: {{name: demo, namespace: default, uid: 2f9c, generation: 4}}\nspec:\n{spec}"
    );
    serde_saphyr::from_str(&yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"))
}

fn validated(spec: &str) -> ValidatedLocator {
    validate(&resource(spec), facts()).unwrap_or_else(|error| panic!("{error}\n{spec}"))
}

fn invalid(spec: &str) -> Vec<String> {
    match validate(&resource(spec), facts()) {
        Err(ValidationError::Invalid(errors)) => errors.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}\n{spec}"),
    }
}

fn sample(name: &str) -> IceLocator {
    let text =
        fs::read_to_string(repository().join(format!("manifests/samples/{name}.yaml"))).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

#[test]
fn the_smallest_resource_gets_every_default() {
    let locator = validated(SIMULATED);
    assert_eq!(
        (
            locator.name.as_str(),
            locator.namespace.as_str(),
            locator.uid.as_str(),
            locator.generation
        ),
        ("demo", "default", "2f9c", 4)
    );
    assert_eq!(locator.image, IMAGE);
    assert_eq!(
        locator.simulator,
        Some(Simulator {
            image: IMAGE.to_owned(),
            seed: None,
            people: None,
            people_file: None,
            mounts: Vec::new(),
        })
    );
    assert_eq!(locator.mounts, Vec::new());
    assert_eq!((locator.replicas, locator.suspended), (1, false));
    assert_eq!(
        serde_json::to_value(&locator.pod.resources).unwrap(),
        json!({"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}})
    );
    let spread = &locator.pod.topology_spread_constraints[0];
    assert_eq!(spread.when_unsatisfiable, "ScheduleAnyway");
    let chosen = spread
        .label_selector
        .as_ref()
        .and_then(|selector| selector.match_labels.clone());
    assert_eq!(chosen, Some(locator.selector(Component::Server)));
    assert_eq!(locator.service, ServiceSettings::default());
    assert_eq!(
        locator
            .service_monitor
            .as_ref()
            .map(|monitor| monitor.interval.to_string())
            .as_deref(),
        Some("15s")
    );
    let dashboards = locator.dashboards.unwrap();
    assert_eq!(
        (dashboards.set, dashboards.folder.as_str()),
        (DashboardSet::Full, "IceLocator")
    );
    assert_eq!(dashboards.labels["grafana_dashboard"], "1");
    let alerting = locator.alerting.unwrap();
    assert_eq!(alerting.objectives, Objectives::default());
    assert_eq!(alerting.thresholds, Thresholds::default());
    assert!(alerting.channels.is_empty() && alerting.routes.is_empty());
    assert_eq!(locator.not_in_effect, Vec::<String>::new());
}

#[test]
fn sections_written_empty_mean_the_same_as_sections_left_out() {
    let empty = format!(
        "{SIMULATED}  pod: {{}}\n  exposure: {{}}\n  monitoring: {{telemetry: {{}}, metrics: {{}}, dashboards: {{}}, alerting: {{routes: {{}}}}}}\n"
    );
    assert_eq!(validated(&empty), validated(SIMULATED));
}

#[test]
fn the_servers_settings_are_what_a_server_accepts() {
    let locator = validate(&sample("demo"), facts()).unwrap();
    assert_eq!(locator.replicas, 2);
    let written = locator.server_config.to_yaml().unwrap();
    let read = ServerConfig::from_yaml(&written).unwrap();
    assert_eq!(read, locator.server_config);
    assert_eq!(
        serde_json::to_value(&read).unwrap(),
        json!({
            "configVersion": CONFIG_VERSION,
            "instance": {"name": "demo", "namespace": ""},
            "replicas": 3,
            "locator": {
                "baseUrl": "http://demo-simulator:8080",
                "timeout": "30s",
                "cache": {"ttl": "15m", "notFoundTtl": "2m", "maxEntries": 10_000},
            },
            "auth": {"anonymous": true},
            "limits": {"maxInFlight": 64, "perCaller": {"requestsPerMinute": 60, "burst": 20}},
            "telemetry": {"otlp": {
                "endpoint": "http://otel-collector.monitoring:4317",
                "protocol": "grpc",
                "traceSampling": 1.0,
                "logs": true,
            }},
        })
    );
}

#[test]
fn what_the_server_is_asked_for_reaches_its_settings() {
    let lines = "  locator:
    baseUrl: \"https://locator.example\"
    profile: {configMapRef: {name: site, key: profile.yaml}}
    access:
      strategies: [paced, proxied]
      requestsPerMinute: 60
      pacing: {minInterval: 500ms, jitter: 250ms}
      egressProxies: {secretRef: {name: egress, key: proxies.txt}}
      circuitBreaker: {failureRatio: 0.5}
  texts: {configMapRef: {name: texts}}
  auth:
    bearer: {secretRef: {name: tokens}}
    oidc: {issuer: \"https://id.example\", audience: icelocator}
  limits:
    perCaller: {requestsPerMinute: 30}
    perTool: {bulk_search_detainees: {requestsPerMinute: 2}}
    maxInFlight: 8
";
    let config = validated(lines).server_config;
    let written = resource(lines).spec;
    assert_eq!(config.locator, written.locator);
    assert_eq!(Some(config.auth), written.auth);
    assert_eq!(Some(config.limits), written.limits);
    assert_eq!(config.texts, written.texts);
}

#[test]
fn each_server_knows_how_many_share_what_holds_for_all() {
    let replicas = |lines: &str| {
        validated(&format!("{SIMULATED}{lines}"))
            .server_config
            .replicas
    };
    assert_eq!(replicas(""), 2, "one, and the one that takes over from it");
    assert_eq!(replicas("  replicas: 100\n"), 101);
    assert_eq!(replicas("  replicas: 5\n  suspend: true\n"), 6);
}

#[test]
fn the_sample_with_callers_is_in_effect() {
    let clinic = validate(&sample("clinic"), facts()).unwrap();
    assert_eq!(clinic.not_in_effect, Vec::<String>::new());
    assert!(!clinic.server_config.auth.anonymous);
}

/// Everything that sends something somewhere, or protects what is sent.
const SINKS: &str = "  monitoring:
    analytics: {projectIdSecretRef: {name: mcpcat, key: id}, captureIntent: true, issueSessions: true}
    telemetry:
      otlp: {endpoint: \"http://collector.observability.svc:4318\", protocol: http, headersSecretRef: {name: otlp}}
      datadog: {apiKeySecretRef: {name: datadog, key: key}, env: production, resources: true}
      sentry:
        dsnSecretRef: {name: sentry, key: dsn}
        environment: staging
        deploys: {org: acme, project: icelocator, tokenSecretRef: {name: sentry, key: token}}
    privacy: {redaction: false, pseudonymKeyringSecretRef: {name: pseudonyms}, retention: 30d}
    profiling: {enabled: true}
";

#[test]
fn what_is_sent_and_what_protects_it_reaches_the_settings() {
    let locator = validated(&format!("{SIMULATED}{SINKS}"));
    assert_eq!(locator.not_in_effect, Vec::<String>::new());
    let config = &locator.server_config;
    ServerConfig::from_yaml(&config.to_yaml().unwrap()).unwrap();
    let written = resource(&format!("{SIMULATED}{SINKS}"))
        .spec
        .monitoring
        .unwrap();
    assert!(config.analytics.as_ref().unwrap().capture_intent);
    assert!(config.analytics.as_ref().unwrap().issue_sessions);
    assert_eq!(config.analytics, written.analytics);
    assert_eq!(config.privacy, written.privacy);
    assert_eq!(config.profiling, written.profiling);
    let telemetry = written.telemetry.unwrap();
    assert_eq!(config.telemetry.otlp, telemetry.otlp);
    // What the operator does by itself is none of the server's business, and rolls no pods.
    let datadog = config.telemetry.datadog.as_ref().unwrap();
    assert!(!datadog.resources && datadog.env.as_deref() == Some("production"));
    let sentry = config.telemetry.sentry.as_ref().unwrap();
    assert_eq!(sentry.deploys, None);
    assert_eq!(
        locator.datadog,
        Some(Datadog {
            service: "icelocator".to_owned(),
            env: Some("production".to_owned())
        })
    );
    let deploys = locator.deploys.unwrap();
    assert_eq!(deploys.environment, "staging");
    assert_eq!(deploys.to.url.as_str(), "https://sentry.io");
}

#[test]
fn every_secret_of_a_sink_is_seen_and_only_those_of_privacy_are_waited_for() {
    let locator = validated(&format!("{SIMULATED}{SINKS}"));
    let keys = |keys: &[&str]| Which::Keys(keys.iter().map(|&key| key.to_owned()).collect());
    let seen: Vec<_> = locator
        .mounts
        .iter()
        .map(|mount| (mount.name.as_str(), mount.which.clone(), mount.optional))
        .collect();
    assert_eq!(
        seen,
        [
            ("datadog", keys(&["key"]), true),
            ("mcpcat", keys(&["id"]), true),
            ("otlp", Which::All, true),
            ("pseudonyms", Which::All, false),
            // Who may create releases is the operator's to know, not the server's.
            ("sentry", keys(&["dsn"]), true),
        ]
    );
}

#[test]
fn what_is_switched_off_shows_no_secret_to_pods() {
    let off = "  monitoring:
    analytics: {enabled: false, projectIdSecretRef: {name: mcpcat, key: id}, captureIntent: true, issueSessions: true}
    telemetry:
      datadog: {enabled: false, apiKeySecretRef: {name: datadog, key: key}, resources: true}
      sentry: {enabled: false, dsnSecretRef: {name: sentry, key: dsn}, deploys: {org: a, project: b, tokenSecretRef: {name: sentry, key: token}}}
    profiling: {enabled: false}
";
    let spec = format!("{SIMULATED}{off}");
    assert_eq!(validated(&spec), validated(SIMULATED));
    assert_eq!(api::references(&resource(&spec).spec), []);
}

#[test]
fn what_is_not_in_effect_stays_out_of_the_settings() {
    let locator = validated(&format!(
        "{SIMULATED}  monitoring: {{tuning: {{enabled: true}}, os: {{enabled: true}}}}\n"
    ));
    // A server refuses to start with a section that it cannot honour; this is what keeps such sections from it.
    assert_eq!(locator.server_config.not_in_effect(), Vec::<&str>::new());
    assert_eq!(
        locator.not_in_effect,
        ["spec.monitoring.os", "spec.monitoring.tuning"]
    );
}

#[test]
fn traffic_is_restricted_where_it_is_asked_for() {
    let policy = |lines: &str| validated(&format!("{SIMULATED}{lines}")).network_policy;
    assert_eq!(policy(""), None);
    assert_eq!(policy("  networkPolicy: {enabled: false}\n"), None);
    assert_eq!(
        policy("  networkPolicy: {}\n"),
        Some(NetworkPolicy::default())
    );
    let named =
        policy("  networkPolicy: {ingressFrom: [{podSelector: {matchLabels: {app: a}}}]}\n");
    assert_eq!(named.unwrap().ingress_from.len(), 1);
}

#[test]
fn a_monitoring_extra_that_is_switched_off_is_not_missed() {
    let locator = validated(&format!(
        "{SIMULATED}  monitoring:
    analytics: {{enabled: false}}
    profiling: {{enabled: false}}
    os: {{enabled: false}}
    compliance: {{enabled: false}}
    tuning: {{enabled: false}}
    sessions: {{recording: none}}
    privacy: {{redaction: true, retention: 90d}}
    alerting: {{enabled: false, anomalyDetection: {{}}}}
    dashboards: {{enabled: false, delivery: grafanaOperator}}
    metrics: {{serviceMonitor: {{enabled: false}}}}
"
    ));
    assert_eq!(locator.not_in_effect, Vec::<String>::new());
    assert_eq!(
        (
            locator.alerting,
            locator.dashboards,
            locator.service_monitor
        ),
        (None, None, None)
    );
}

#[test]
fn every_extra_is_named_while_it_is_left_out() {
    for (lines, field) in [
        (
            "  pod: {httpProxy: \"http://proxy.example:3128\"}\n",
            "spec.pod.httpProxy",
        ),
        (
            "  pod: {caBundle: {configMapRef: {name: ca, key: ca.crt}}}\n",
            "spec.pod.caBundle",
        ),
        ("  monitoring: {os: {}}\n", "spec.monitoring.os"),
        (
            "  monitoring: {compliance: {}}\n",
            "spec.monitoring.compliance",
        ),
        (
            "  monitoring: {dashboards: {delivery: grafanaOperator}}\n",
            "spec.monitoring.dashboards.delivery",
        ),
        (
            "  monitoring: {dashboards: {instanceSelector: {matchLabels: {a: b}}}}\n",
            "spec.monitoring.dashboards.instanceSelector",
        ),
        (
            "  monitoring: {alerting: {anomalyDetection: {}}}\n",
            "spec.monitoring.alerting.anomalyDetection",
        ),
        (
            "  monitoring: {alerting: {channels: [{name: a, webhook: {urlSecretRef: {name: b, key: c}}}], \
             escalation: [{after: 15m, to: [a]}]}}\n",
            "spec.monitoring.alerting.escalation",
        ),
    ] {
        assert_eq!(
            validated(&format!("{SIMULATED}{lines}")).not_in_effect,
            [field]
        );
    }
}

#[test]
fn what_protects_people_is_refused_while_it_cannot_be_honoured() {
    let with = |lines: &str| format!("{SIMULATED}{lines}");
    for (spec, field) in [
        (with("  guard: {}\n"), "guard"),
        (
            with("  exposure: {ingress: {host: icelocator.example}}\n"),
            "exposure.ingress",
        ),
        (
            with("  exposure: {httpRoute: {parentRefs: [{name: gw}]}}\n"),
            "exposure.httpRoute",
        ),
        (
            with("  storage: {postgres: {secretRef: {name: db, key: uri}}}\n"),
            "storage",
        ),
        (
            with("  autoscaling: {maxReplicas: 3, cpuUtilization: 70}\n"),
            "autoscaling",
        ),
        (
            with("  rollout: {autoRollback: true}\n"),
            "rollout.autoRollback",
        ),
        (
            with("  monitoring: {sessions: {recording: metadata}}\n"),
            "monitoring.sessions.recording",
        ),
        (
            with("  monitoring: {compliance: {report: {schedule: \"0 6 * * 1\"}}}\n"),
            "monitoring.compliance.report",
        ),
    ] {
        let error = validate(&resource(&spec), facts()).unwrap_err();
        assert_eq!(
            error,
            ValidationError::NotInEffect {
                fields: vec![format!("spec.{field}")]
            },
            "{spec}"
        );
        assert_eq!(error.reason(), "NotInEffect");
        assert!(error.to_string().contains(field), "{error}");
    }
}

#[test]
fn tokens_are_reviewed_only_where_the_right_to_can_be_given() {
    let spec = "  locator: {simulator: {}}\n  auth: {tokenReview: {audience: icelocator}}\n";
    let error = validate(&resource(spec), facts()).unwrap_err();
    assert_eq!(
        (error.clone(), error.reason()),
        (ValidationError::NoTokenReview, "NotGranted")
    );
    assert!(error.to_string().starts_with("spec.auth.tokenReview: "));
    let facts = Facts {
        token_review: true,
        ..facts()
    };
    validate(&resource(spec), facts).unwrap();
}

#[test]
fn what_can_be_honoured_by_doing_nothing_is_accepted() {
    validated(&format!(
        "{SIMULATED}  networkPolicy: {{enabled: false}}\n  rollout: {{autoRollback: false, window: 5m}}\n"
    ));
}

#[test]
fn the_full_form_names_everything_that_this_version_lacks() {
    let Err(ValidationError::NotInEffect { fields }) = validate(&sample("legal-aid"), facts())
    else {
        panic!("legal-aid was accepted");
    };
    assert_eq!(fields.len(), 7, "{fields:?}");
    let Err(ValidationError::NotInEffect { fields }) = validate(&sample("small-office"), facts())
    else {
        panic!("small-office was accepted");
    };
    assert_eq!(fields, ["spec.storage"]);
}

/// An older schema may have let in what today's refuses: nothing of it may get past the operator either.
#[test]
fn whatever_the_schema_refuses_is_refused_here_with_the_same_field() {
    let mut tried = 0;
    for (path, text) in refused() {
        let said = refusal(&text);
        let field = said.split([':', ' ']).next().unwrap();
        tried += 1;
        let document: Value = serde_saphyr::from_str(&text).unwrap();
        let Ok(resource) = serde_json::from_value::<IceLocator>(document) else {
            // Not even of the right form: such a resource is never reconciled.
            continue;
        };
        let Err(ValidationError::Invalid(errors)) = validate(&resource, facts()) else {
            panic!("{} was not refused as invalid", path.display());
        };
        assert!(
            errors
                .iter()
                .any(|error| error.path.to_string().starts_with(field)),
            "{}: {errors:?}",
            path.display()
        );
    }
    assert!(tried >= 50, "only {tried} resources that are wrong");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let errors = invalid("  replicas: 101\n  locator: {simulator: {}, timeout: 1h}\n");
    assert_eq!(
        errors,
        [
            "spec.replicas: must lie between 1 and 100; to scale to nothing write suspend: true",
            "spec.locator.timeout: 1h is out of range: it must lie between 1s and 5m",
            "spec.auth: say how callers are known: bearer, oidc or tokenReview; or write anonymous: true to let anyone call",
        ]
    );
}

#[test]
fn what_only_the_operator_can_check_is_named_too() {
    for (lines, expected) in [
        (
            "  pod: {resources: {requests: {memory: 1Gi}, limits: {memory: 512Mi}}}\n",
            "spec.pod.resources.requests.memory: exceeds the limit",
        ),
        (
            "  pod: {resources: {limits: {memory: lots}}}\n",
            "spec.pod.resources.limits.memory: not a quantity",
        ),
        (
            "  pod: {labels: {\"a b\": c}}\n",
            "spec.pod.labels[a b]: not a key",
        ),
        (
            "  pod: {labels: {team: \"-\"}}\n",
            "spec.pod.labels[team]: not a label's value",
        ),
        (
            "  monitoring: {alerting: {channels: [{name: a, webhook: {urlSecretRef: {name: b, key: c}}}], \
             escalation: [{after: 1h, to: [a]}, {after: 15m, to: [a]}]}}\n",
            "spec.monitoring.alerting.escalation[1].after: must be later than the step before",
        ),
        (
            "  monitoring: {telemetry: {otlp: {endpoint: \"http://collector.example\", headersSecretRef: {name: a}}}}\n",
            "spec.monitoring.telemetry.otlp.endpoint: what headersSecretRef names would be sent in the clear",
        ),
        (
            "  monitoring: {telemetry: {datadog: {apiKeySecretRef: {name: a, key: b}, intakeUrl: \"http://intake.example\"}}}\n",
            "spec.monitoring.telemetry.datadog.intakeUrl: the API key would be sent in the clear",
        ),
        (
            "  monitoring: {telemetry: {sentry: {dsnSecretRef: {name: a, key: b}, \
             deploys: {url: \"http://sentry.example\", org: a, project: b, tokenSecretRef: {name: a, key: c}}}}}\n",
            "spec.monitoring.telemetry.sentry.deploys.url: the token would be sent in the clear",
        ),
        (
            "  monitoring: {alerting: {routes: {critical: [nobody]}}}\n",
            "spec.monitoring.alerting.routes.critical: names a channel that is not in channels (nobody)",
        ),
    ] {
        let errors = invalid(&format!("{SIMULATED}{lines}"));
        assert!(
            errors.len() == 1 && errors[0].starts_with(expected),
            "{lines}{errors:?} does not say {expected}"
        );
    }
}

#[test]
fn quantities_come_out_as_the_api_server_gives_them_back() {
    let locator = validated(&format!(
        "{SIMULATED}  pod: {{resources: {{requests: {{cpu: 0.1, memory: 65536Ki}}, limits: {{cpu: 1000m, memory: 0.25Gi}}}}}}\n"
    ));
    assert_eq!(
        serde_json::to_value(&locator.pod.resources).unwrap(),
        json!({"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}})
    );
}

#[test]
fn suspending_keeps_everything_but_the_pods() {
    let suspended = validated(&format!("{SIMULATED}  replicas: 3\n  suspend: true\n"));
    assert_eq!((suspended.replicas, suspended.suspended), (0, true));
    let running = validated(&format!("{SIMULATED}  replicas: 3\n"));
    assert_eq!(
        ValidatedLocator {
            replicas: 3,
            suspended: false,
            ..suspended
        },
        running
    );
}

#[test]
fn routes_and_channels_keep_their_order_and_kinds() {
    let locator = validated(&format!(
        "{SIMULATED}  monitoring:
    alerting:
      channels:
        - {{name: oncall, pagerduty: {{routingKeySecretRef: {{name: pagerduty, key: key}}, url: \"https://events.example/v2/enqueue\"}}}}
        - {{name: team, slack: {{webhookSecretRef: {{name: slack, key: url}}, channel: \"#icelocator\"}}}}
        - {{name: desk, email: {{to: [a@example.org], from: b@example.org, smarthost: \"smtp.example:587\"}}}}
        - {{name: hook, webhook: {{urlSecretRef: {{name: hook, key: url}}}}}}
      routes: {{critical: [team, oncall], info: [desk]}}
"
    ));
    let alerting = locator.alerting.unwrap();
    let kinds: Vec<&str> = alerting
        .channels
        .iter()
        .map(|channel| match channel.kind {
            ChannelKind::Pagerduty { .. } => "pagerduty",
            ChannelKind::Slack { .. } => "slack",
            ChannelKind::Email { require_tls, .. } => {
                assert!(require_tls, "mail is encrypted unless said otherwise");
                "email"
            }
            ChannelKind::Webhook { .. } => "webhook",
        })
        .collect();
    assert_eq!(kinds, ["pagerduty", "slack", "email", "webhook"]);
    assert_eq!(alerting.routes[&Severity::Critical], ["team", "oncall"]);
    assert_eq!(alerting.routes[&Severity::Info], ["desk"]);
    assert!(!alerting.routes.contains_key(&Severity::Warning));
}

#[test]
fn children_carry_the_labels_that_select_them_and_name_their_owner() {
    let locator = validated(SIMULATED);
    let meta = locator.object_meta("demo-simulator", Component::Simulator);
    assert_eq!(
        serde_json::to_value(&meta).unwrap(),
        json!({
            "name": "demo-simulator",
            "namespace": "default",
            "labels": {
                "app.kubernetes.io/name": "icelocator-simulator",
                "app.kubernetes.io/instance": "demo",
                "app.kubernetes.io/component": "simulator",
                "app.kubernetes.io/managed-by": "icelocator-operator",
                "app.kubernetes.io/part-of": "icelocator",
            },
            "ownerReferences": [{
                "apiVersion": "icelocator.dev/v1alpha1",
                "kind": "IceLocator",
                "name": "demo",
                "uid": "2f9c",
                "controller": true,
                "blockOwnerDeletion": true,
            }],
        })
    );
    let selector = locator.selector(Component::Simulator);
    assert!(
        selector
            .iter()
            .all(|(key, value)| meta.labels.as_ref().unwrap()[key] == *value)
    );
}

#[test]
fn the_session_key_cannot_be_printed() {
    let text = format!("{:?}", validated(SIMULATED));
    assert!(text.contains("session_key: SessionKey,"), "{text}");
    assert!(!text.contains("7, 7"), "{text}");
}

#[test]
fn anonymous_is_kept_in_the_settings() {
    assert_eq!(validated(SIMULATED).server_config.auth, Auth::anonymous());
}

//! The definition as the API server will see it: its form, its bounds, and its rules at work.

use std::fs;

use kube::core::cel::Validator;
use serde_json::Value;

use super::*;
use crate::resources::fixtures::{refusal, refused, repository};

fn schema() -> Value {
    let definition = serde_json::to_value(crd().unwrap()).unwrap();
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone()
}

/// Calls `visit` for every schema below `schema`, with its path.
fn walk(schema: &Value, path: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, schema);
    for (name, below) in schema["properties"].as_object().into_iter().flatten() {
        walk(below, &format!("{path}.{name}"), visit);
    }
    if schema["items"].is_object() {
        walk(&schema["items"], &format!("{path}[]"), visit);
    }
    if schema["additionalProperties"].is_object() {
        walk(
            &schema["additionalProperties"],
            &format!("{path}{{}}"),
            visit,
        );
    }
}

/// The paths of the schemas below spec and status for which `wrong` says so.
fn paths(wrong: impl Fn(&str, &Value) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for part in ["spec", "status"] {
        walk(&schema()["properties"][part], part, &mut |path, schema| {
            if wrong(path, schema) {
                found.push(path.to_owned());
            }
        });
    }
    assert!(!schema()["properties"]["spec"]["properties"]["monitoring"].is_null());
    found
}

fn none() -> Vec<String> {
    Vec::new()
}

/// Types of Kubernetes' own, whose numbers it bounds itself.
fn is_kubernetes_own(path: &str) -> bool {
    ["spec.pod.", "spec.networkPolicy.", "status.conditions"]
        .into_iter()
        .any(|own| path.starts_with(own))
}

#[test]
fn every_field_is_described() {
    let nameless = paths(|path, schema| {
        let is_field = !path.ends_with("[]") && !path.ends_with("{}");
        is_field
            && schema["description"]
                .as_str()
                .unwrap_or_default()
                .trim()
                .is_empty()
    });
    assert_eq!(nameless, none());
}

#[test]
fn everything_has_a_bound() {
    let unbounded = paths(|path, schema| match schema["type"].as_str() {
        Some("string") => {
            schema["maxLength"].is_null() && schema["enum"].is_null() && schema["format"].is_null()
        }
        Some("array") => schema["maxItems"].is_null(),
        Some("object") if schema["additionalProperties"].is_object() => {
            schema["maxProperties"].is_null()
        }
        Some("integer" | "number") if path.starts_with("spec") && !is_kubernetes_own(path) => {
            schema["minimum"].is_null() || schema["maximum"].is_null()
        }
        _ => false,
    });
    assert_eq!(unbounded, none());
}

#[test]
fn the_schema_is_structural() {
    let other = paths(|_, schema| {
        let typed = schema["type"].is_string() || schema["x-kubernetes-int-or-string"] == true;
        let foreign = ["nullable", "anyOf", "oneOf", "allOf", "$ref", "title"];
        !typed
            || foreign.into_iter().any(|key| !schema[key].is_null())
            || schema["additionalProperties"] == false
    });
    assert_eq!(other, none());
}

#[test]
fn kubectl_apply_can_remember_the_definition() {
    // kubectl keeps what was applied in an annotation; 256 KiB is all that annotations may hold.
    let size = serde_json::to_string(&crd().unwrap()).unwrap().len();
    assert!(size < 200 * 1024, "{size} bytes");
}

#[test]
fn neither_replicas_nor_storage_has_a_default() {
    // Defaults are set before rules run: a default would exclude what it excludes.
    let spec = &schema()["properties"]["spec"]["properties"];
    for field in ["replicas", "autoscaling", "storage", "auth"] {
        assert!(spec[field].is_object(), "{field}");
        assert!(spec[field]["default"].is_null(), "{field}");
    }
}

#[test]
fn the_definition_says_how_kubectl_shows_and_scales_it() {
    let definition = serde_json::to_value(crd().unwrap()).unwrap();
    assert_eq!(definition["metadata"]["name"], "icelocators.icelocator.dev");
    assert_eq!(
        definition["spec"]["names"]["shortNames"],
        serde_json::json!(["icl"])
    );
    let version = &definition["spec"]["versions"][0];
    let columns = version["additionalPrinterColumns"].as_array().unwrap();
    let names: Vec<&str> = columns
        .iter()
        .filter_map(|column| column["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "Ready",
            "Phase",
            "Replicas",
            "URL",
            "Age",
            "Reason",
            "Monitoring",
            "Version",
            "Message"
        ]
    );
    assert_eq!(
        version["subresources"],
        serde_json::json!({
            "status": {},
            "scale": {
                "specReplicasPath": ".spec.replicas",
                "statusReplicasPath": ".status.replicas",
                "labelSelectorPath": ".status.selector",
            },
        })
    );
}

#[test]
fn every_sample_passes_the_rules() {
    for name in ["demo", "clinic", "legal-aid", "small-office"] {
        let text = fs::read_to_string(repository().join(format!("manifests/samples/{name}.yaml")))
            .unwrap();
        let sample: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(sample["metadata"]["name"], name);
        Validator::new().validate(&schema(), &sample, None).unwrap();
        serde_json::from_value::<IceLocator>(sample).unwrap();
    }
}

#[test]
fn what_the_rules_refuse_is_named_by_its_field() {
    let schema = schema();
    let mut messages = Vec::new();
    walk(&schema, "", &mut |_, schema| {
        for rule in schema["x-kubernetes-validations"]
            .as_array()
            .into_iter()
            .flatten()
        {
            messages.push(rule["message"].as_str().unwrap_or_default().to_owned());
        }
    });
    let mut tried = 0;
    for (path, text) in refused() {
        let said = refusal(&text);
        // What the schema refuses without a rule is for the API server to try.
        let Some(message) = messages
            .iter()
            .find(|message| said.ends_with(message.as_str()))
        else {
            continue;
        };
        let (field, _) = said.split_once(": ").unwrap();
        let resource: Value = serde_saphyr::from_str(&text).unwrap();
        let errors = Validator::new()
            .validate(&schema, &resource, None)
            .unwrap_err();
        assert!(
            errors
                .iter()
                .any(|error| error.field_path == field && &error.message == message),
            "{}: {errors:?}",
            path.display()
        );
        tried += 1;
    }
    assert!(tried >= 30, "only {tried} resources try a rule");
}

#[test]
fn references_are_named_by_their_field() {
    let text = fs::read_to_string(repository().join("manifests/samples/legal-aid.yaml")).unwrap();
    let resource: IceLocator = serde_saphyr::from_str(&text).unwrap();
    let found: Vec<String> = references(&resource.spec)
        .into_iter()
        .map(|reference| {
            let Reference {
                field,
                kind,
                name,
                key,
            } = reference;
            let key = key.as_deref().unwrap_or("*");
            format!("{field} {kind:?} {name} {key}")
        })
        .collect();
    assert_eq!(
        found,
        [
            "spec.imagePullSecrets[0] Secret registry *",
            "spec.pod.caBundle.configMapRef ConfigMap corporate-ca ca.crt",
            "spec.locator.profile.configMapRef ConfigMap site-profile profile.yaml",
            "spec.locator.access.egressProxies.secretRef Secret egress proxies.txt",
            "spec.texts.configMapRef ConfigMap texts *",
            "spec.auth.bearer.secretRef Secret tokens *",
            "spec.storage.postgres.secretRef Secret icelocator-db uri",
            "spec.exposure.ingress.tlsSecretName Secret icelocator-tls *",
            "spec.monitoring.analytics.projectIdSecretRef Secret mcpcat project-id",
            "spec.monitoring.telemetry.otlp.headersSecretRef Secret otlp *",
            "spec.monitoring.telemetry.datadog.apiKeySecretRef Secret datadog api-key",
            "spec.monitoring.telemetry.sentry.dsnSecretRef Secret sentry dsn",
            "spec.monitoring.telemetry.sentry.deploys.tokenSecretRef Secret sentry token",
            "spec.monitoring.sessions.keyringSecretRef Secret recording-keys *",
            "spec.monitoring.privacy.pseudonymKeyringSecretRef Secret pseudonyms *",
            "spec.monitoring.alerting.channels[0].pagerduty.routingKeySecretRef Secret pagerduty key",
            "spec.monitoring.alerting.channels[1].slack.webhookSecretRef Secret slack url",
            "spec.monitoring.alerting.channels[2].email.auth.passwordSecretRef Secret smtp password",
            "spec.monitoring.alerting.channels[3].webhook.urlSecretRef Secret hook url",
        ]
    );
}

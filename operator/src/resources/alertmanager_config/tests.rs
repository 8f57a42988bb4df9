use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::resources::fixtures::{demo, legal_aid};

fn spec(locator: &ValidatedLocator) -> Value {
    let config = build(locator).expect("there are channels");
    serde_json::to_value(config.spec).expect("JSON")
}

fn receiver(spec: &Value, name: &str) -> Value {
    spec["receivers"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|receiver| receiver["name"] == name)
        .unwrap_or_else(|| panic!("no receiver {name}"))
        .clone()
}

fn with_routes(routes: &[(Severity, &[&str])]) -> ValidatedLocator {
    let mut locator = legal_aid();
    let alerting = locator.alerting.as_mut().expect("alerting is on");
    alerting.routes = routes
        .iter()
        .map(|(severity, channels)| {
            let channels = channels.iter().map(|&name| name.to_owned()).collect();
            (*severity, channels)
        })
        .collect::<BTreeMap<_, _>>();
    locator
}

#[test]
fn each_severity_goes_to_the_channels_that_its_route_names() {
    let spec = spec(&legal_aid());
    let routes: Vec<(Value, Value)> = spec["route"]["routes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|route| (route["matchers"].clone(), route["receiver"].clone()))
        .collect();
    let severity = |name| json!([{"name": "severity", "matchType": "=", "value": name}]);
    assert_eq!(
        routes,
        [
            (severity("critical"), json!("oncall+team")),
            (severity("warning"), json!("team")),
            (severity("info"), json!("desk+hook")),
        ]
    );
}

#[test]
fn only_this_instances_alerts_are_taken_and_what_is_left_over_goes_to_nobody() {
    let spec = spec(&legal_aid());
    assert_eq!(
        spec["route"]["matchers"],
        json!([
            {"name": "namespace", "matchType": "=", "value": "families"},
            {"name": "icelocator", "matchType": "=", "value": "legal-aid"},
        ])
    );
    assert_eq!(spec["route"]["receiver"], NOWHERE);
    assert_eq!(receiver(&spec, NOWHERE), json!({"name": NOWHERE}));
}

#[test]
fn severities_with_the_same_channels_share_a_receiver() {
    let locator = with_routes(&[
        (Severity::Critical, &["oncall", "team"]),
        (Severity::Warning, &["team", "oncall"]),
        (Severity::Info, &[]),
    ]);
    let spec = spec(&locator);
    let names: Vec<&Value> = spec["receivers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|receiver| &receiver["name"])
        .collect();
    assert_eq!(names, [NOWHERE, "oncall+team"]);
    assert_eq!(spec["route"]["routes"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_receiver_has_each_of_its_channels_once() {
    let spec = spec(&legal_aid());
    let both = receiver(&spec, "oncall+team");
    assert_eq!(both["pagerdutyConfigs"].as_array().map(Vec::len), Some(1));
    assert_eq!(both["slackConfigs"].as_array().map(Vec::len), Some(1));
    assert_eq!(both.get("emailConfigs"), None);
    assert_eq!(both.get("webhookConfigs"), None);
}

#[test]
fn secrets_are_referenced() {
    let spec = spec(&legal_aid());
    let both = receiver(&spec, "oncall+team");
    let rest = receiver(&spec, "desk+hook");
    assert_eq!(
        both["pagerdutyConfigs"][0]["routingKey"],
        json!({"name": "pagerduty", "key": "key"})
    );
    assert_eq!(
        both["slackConfigs"][0]["apiURL"],
        json!({"name": "slack", "key": "url"})
    );
    assert_eq!(
        rest["emailConfigs"][0]["authPassword"],
        json!({"name": "smtp", "key": "password"})
    );
    assert_eq!(
        rest["webhookConfigs"][0]["urlSecret"],
        json!({"name": "hook", "key": "url"})
    );
}

#[test]
fn the_channels_settings_arrive() {
    let spec = spec(&legal_aid());
    let both = receiver(&spec, "oncall+team");
    assert_eq!(
        both["pagerdutyConfigs"][0]["url"],
        "https://events.pagerduty.com/v2/enqueue"
    );
    assert_eq!(both["slackConfigs"][0]["channel"], "#icelocator");
    let email = receiver(&spec, "desk+hook")["emailConfigs"][0].clone();
    assert_eq!(email["to"], "oncall@example.org, desk@example.org");
    assert_eq!(email["from"], "alerts@example.org");
    assert_eq!(email["smarthost"], "smtp.example:587");
    assert_eq!(email["requireTLS"], true);
    assert_eq!(email["authUsername"], "alerts");
}

#[test]
fn every_channel_is_told_when_it_is_over() {
    let spec = spec(&legal_aid());
    for name in ["oncall+team", "desk+hook"] {
        for (field, configs) in receiver(&spec, name).as_object().into_iter().flatten() {
            for config in configs.as_array().into_iter().flatten() {
                assert_eq!(config["sendResolved"], true, "{name}: {field}");
            }
        }
    }
}

#[test]
fn critical_silences_the_rest_of_the_same_instance_only() {
    let spec = spec(&legal_aid());
    let rule = &spec["inhibitRules"][0];
    let namespace = json!({"name": "namespace", "matchType": "=", "value": "families"});
    let this = json!({"name": "icelocator", "matchType": "=", "value": "legal-aid"});
    assert_eq!(
        rule["sourceMatch"],
        json!([namespace, this, {"name": "severity", "matchType": "=", "value": "critical"}])
    );
    assert_eq!(
        rule["targetMatch"],
        json!([namespace, this, {"name": "severity", "matchType": "=~", "value": "warning|info"}])
    );
    assert_eq!(rule["equal"], json!(["namespace", "icelocator"]));
}

#[test]
fn a_message_links_to_the_dashboard_only_where_the_link_can_be_followed() {
    let with_grafana = spec(&legal_aid()).to_string();
    assert!(with_grafana.contains("|Dashboard>"));
    let mut locator = legal_aid();
    locator
        .dashboards
        .as_mut()
        .expect("dashboards are on")
        .grafana_url = None;
    let without = spec(&locator).to_string();
    assert!(!without.contains("dashboard_url"), "{without}");
    assert!(without.contains("|Runbook>"));
}

#[test]
fn without_channels_nothing_is_routed() {
    assert_eq!(build(&demo()), None);
    let mut locator = legal_aid();
    locator.alerting = None;
    assert_eq!(build(&locator), None);
}

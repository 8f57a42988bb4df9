use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::resources::fixtures::{demo, legal_aid, repository};
use crate::resources::promql;

/// The rules that the chart ships for the operator itself.
const OPERATOR_RULES: &str =
    include_str!("../../../../charts/icelocator-operator/files/operator-rules.yaml");

fn rules(locator: &ValidatedLocator) -> Vec<Rule> {
    let rule = build(locator).expect("alerting is on");
    rule.spec
        .groups
        .into_iter()
        .flat_map(|group| group.rules)
        .collect()
}

fn expr(rule: &Rule) -> &str {
    match rule {
        Rule::Recording { expr, .. } | Rule::Alerting { expr, .. } => expr,
    }
}

fn labels(rule: &Rule) -> &BTreeMap<&'static str, String> {
    match rule {
        Rule::Recording { labels, .. } | Rule::Alerting { labels, .. } => labels,
    }
}

/// The expressions of the alert of this name, one for each of its rules.
fn exprs_of(locator: &ValidatedLocator, name: &str) -> Vec<String> {
    rules(locator)
        .iter()
        .filter(|rule| matches!(rule, Rule::Alerting { alert, .. } if *alert == name))
        .map(|rule| expr(rule).to_owned())
        .collect()
}

fn alert_names(locator: &ValidatedLocator) -> BTreeSet<&'static str> {
    rules(locator)
        .iter()
        .filter_map(|rule| match rule {
            Rule::Alerting { alert, .. } => Some(*alert),
            Rule::Recording { .. } => None,
        })
        .collect()
}

fn operator_alerts() -> Vec<serde_json::Value> {
    let file: serde_json::Value = serde_saphyr::from_str(OPERATOR_RULES).expect("YAML");
    file["groups"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|group| group["rules"].as_array().cloned().unwrap_or_default())
        .collect()
}

/// Every alert there is: of an instance, and of the operator.
fn all_alerts() -> BTreeSet<String> {
    let of_instance = alert_names(&demo()).into_iter().map(str::to_owned);
    let of_operator = operator_alerts()
        .iter()
        .filter_map(|rule| rule["alert"].as_str().map(str::to_owned))
        .collect::<Vec<_>>();
    of_instance.chain(of_operator).collect()
}

#[test]
fn every_expression_selects_only_the_series_of_its_instance() {
    for locator in [demo(), legal_aid()] {
        for rule in rules(&locator) {
            let reading = promql::read(expr(&rule))
                .unwrap_or_else(|error| panic!("{error}: {}", expr(&rule)));
            for selection in reading.selections {
                assert!(
                    selection.requires("namespace", &locator.namespace)
                        && selection.requires("icelocator", &locator.name),
                    "{} is selected of other instances too: {}",
                    selection.metric,
                    expr(&rule)
                );
            }
        }
    }
}

#[test]
fn every_rule_says_which_instance_it_is_of() {
    let locator = legal_aid();
    for rule in rules(&locator) {
        assert_eq!(labels(&rule).get("namespace"), Some(&locator.namespace));
        assert_eq!(labels(&rule).get("icelocator"), Some(&locator.name));
    }
}

#[test]
fn rates_are_taken_of_counters_and_counters_only_as_rates() {
    for rule in rules(&demo()) {
        let reading = promql::read(expr(&rule)).expect("checked above");
        for metric in &reading.rated {
            assert!(promql::is_counter(metric), "{metric} is no counter");
        }
        for selection in reading.selections {
            assert!(
                !promql::is_counter(&selection.metric) || reading.rated.contains(&selection.metric),
                "{} is a counter",
                selection.metric
            );
        }
    }
}

#[test]
fn what_is_recorded_is_named_level_metric_operations_and_what_alerts_read_is_recorded() {
    let rules = rules(&demo());
    let recorded: BTreeSet<&str> = rules
        .iter()
        .filter_map(|rule| match rule {
            Rule::Recording { record, .. } => Some(*record),
            Rule::Alerting { .. } => None,
        })
        .collect();
    for name in &recorded {
        assert_eq!(name.split(':').count(), 3, "{name}");
    }
    for rule in &rules {
        for selection in promql::read(expr(rule)).expect("checked above").selections {
            assert!(
                !selection.metric.contains(':') || recorded.contains(selection.metric.as_str()),
                "nothing records {}",
                selection.metric
            );
        }
    }
}

#[test]
fn every_alert_has_a_severity_and_all_its_annotations() {
    for rule in rules(&demo()) {
        let Rule::Alerting {
            alert,
            labels,
            annotations,
            ..
        } = rule
        else {
            continue;
        };
        assert!(alert.starts_with("IceLocator"), "{alert}");
        assert!(["critical", "warning", "info", "none"].contains(&labels["severity"].as_str()));
        let summary = &annotations["summary"];
        assert!(!summary.is_empty() && !summary.contains("{{") && !summary.contains("demo"));
        assert!(annotations["description"].starts_with("IceLocator default/demo: "));
        assert!(annotations["runbook_url"].ends_with(&format!("/{alert}.md")));
        assert!(annotations["dashboard_url"].contains("var-instance=demo"));
        for value in labels.values() {
            assert!(!value.contains("{{"), "{alert} has a value in a label");
        }
    }
}

#[test]
fn the_operators_alerts_have_a_severity_and_all_their_annotations() {
    let rules = operator_alerts();
    assert!(!rules.is_empty());
    for rule in rules {
        let name = rule["alert"].as_str().expect("only alerts");
        let text =
            |field: &str, key: &str| rule[field][key].as_str().unwrap_or_default().to_owned();
        promql::read(rule["expr"].as_str().expect("an expression")).expect("it parses");
        assert!(["critical", "warning", "info"].contains(&text("labels", "severity").as_str()));
        assert_eq!(text("labels", "namespace"), "icelocator-system", "{name}");
        assert!(!text("annotations", "summary").contains("{{"), "{name}");
        assert!(!text("annotations", "description").is_empty(), "{name}");
        assert_eq!(
            text("annotations", "runbook_url"),
            format!("{DEFAULT_RUNBOOK_BASE_URL}/{name}.md")
        );
        assert!(
            text("annotations", "dashboard_url").starts_with("/d/icelocator-fleet/"),
            "{name}"
        );
    }
}

#[test]
fn every_alert_has_a_runbook_and_no_section_of_it_is_empty() {
    let directory = repository().join("operator/runbooks");
    let alerts = all_alerts();
    for alert in &alerts {
        let path = directory.join(format!("{alert}.md"));
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{alert} has no runbook: {error}"));
        assert!(
            text.starts_with(&format!("# {alert}\n")),
            "{alert}: wrong heading"
        );
        for section in ["Meaning", "Impact", "Diagnosis", "Mitigation"] {
            let body = text
                .split("\n## ")
                .find_map(|part| part.strip_prefix(section))
                .unwrap_or_else(|| panic!("{alert}: no section {section}"));
            assert!(
                body.trim().len() > 20,
                "{alert}: section {section} says nothing"
            );
        }
    }
    let written: BTreeSet<String> = std::fs::read_dir(directory)
        .expect("runbooks")
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .filter(|name| name != "README")
        .collect();
    assert_eq!(written, alerts, "runbooks and alerts");
}

#[test]
fn every_alert_has_promtool_tests_in_which_it_fires_and_in_which_it_does_not() {
    let mut fires = BTreeSet::new();
    let mut keeps_quiet = BTreeSet::new();
    for entry in std::fs::read_dir(repository().join("tests/rules")).expect("rule tests") {
        let path = entry.expect("readable").path();
        if !path.to_string_lossy().ends_with(".test.yaml") {
            continue;
        }
        let file: serde_json::Value =
            serde_saphyr::from_str(&std::fs::read_to_string(&path).expect("text"))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for case in file["tests"].as_array().into_iter().flatten() {
            for check in case["alert_rule_test"].as_array().into_iter().flatten() {
                let alert = check["alertname"].as_str().unwrap_or_default().to_owned();
                match check["exp_alerts"].as_array() {
                    Some(alerts) if !alerts.is_empty() => fires.insert(alert),
                    _ => keeps_quiet.insert(alert),
                };
            }
        }
    }
    assert_eq!(fires, all_alerts(), "alerts that fire in a test");
    let mut may_keep_quiet = all_alerts();
    // The heartbeat never does.
    may_keep_quiet.remove("IceLocatorWatchdog");
    assert_eq!(
        keeps_quiet, may_keep_quiet,
        "alerts that keep quiet in a test"
    );
}

#[test]
fn thresholds_and_objectives_are_those_of_the_resource() {
    let exprs = exprs_of(&legal_aid(), "IceLocatorChallenged");
    assert!(exprs[0].contains("> 0.5\n"), "{}", exprs[0]);
    let exprs = exprs_of(&legal_aid(), "IceLocatorMemoryHigh");
    assert!(exprs[0].ends_with("> 0.8"), "{}", exprs[0]);
    let recorded = rules(&legal_aid());
    let slow = recorded
        .iter()
        .find(|rule| matches!(rule, Rule::Recording { record, .. } if *record == recording::SLOW))
        .expect("recorded");
    assert!(expr(slow).contains(r#"le=~"0\\.5""#), "{}", expr(slow));
}

#[test]
fn burn_rates_follow_the_objectives_window() {
    let windows = |locator: &ValidatedLocator| -> Vec<String> {
        rules(locator)
            .iter()
            .filter(|rule| {
                matches!(rule, Rule::Alerting { alert, .. } if *alert == "IceLocatorAvailabilityBurnRate")
            })
            .map(|rule| labels(rule)["window"].clone())
            .collect()
    };
    assert_eq!(windows(&demo()), ["1h", "6h", "1d", "3d"]);
    // Two rules of one window would be one alert to Alertmanager, now firing, now not.
    let mut short = demo();
    let alerting = short.alerting.as_mut().expect("alerting is on");
    alerting.objectives.window = icelocator_config::Duration::from_days(1);
    assert_eq!(windows(&short), ["15m", "48m", "144m"]);
    assert_eq!(windows(&legal_aid()), ["15m", "84m", "336m", "1008m"]);
}

#[test]
fn no_burn_rate_asks_for_nearly_all_calls_to_fail() {
    // 14.4 times the 6.9 % that may fail are 99.4 %, which a total outage alone would cross.
    let exprs = exprs_of(&legal_aid(), "IceLocatorAvailabilityBurnRate");
    let thresholds: Vec<bool> = ["> 0.95\n", "> 0.414\n", "> 0.207\n", "> 0.069\n"]
        .iter()
        .zip(&exprs)
        .map(|(threshold, expr)| expr.contains(threshold))
        .collect();
    assert_eq!(thresholds, [true; 4], "{exprs:#?}");
}

#[test]
fn a_slow_scrape_widens_the_short_windows() {
    assert!(exprs_of(&demo(), "IceLocatorChallenged")[0].contains("[2m]"));
    assert!(exprs_of(&legal_aid(), "IceLocatorChallenged")[0].contains("[4m]"));
}

#[test]
fn an_instance_scaled_to_nothing_or_not_collected_is_neither_down_nor_missed() {
    let (mut asleep, mut unwatched) = (demo(), demo());
    asleep.replicas = 0;
    unwatched.service_monitor = None;
    for locator in [asleep, unwatched] {
        let left: Vec<_> = alert_names(&demo())
            .difference(&alert_names(&locator))
            .copied()
            .collect();
        assert_eq!(left, ["IceLocatorDown", "IceLocatorMetricsMissing"]);
    }
}

#[test]
fn links_lead_where_the_resource_says() {
    let rules = rules(&legal_aid());
    let Some(Rule::Alerting { annotations, .. }) = rules.last() else {
        panic!("the last rule is an alert");
    };
    assert_eq!(
        annotations["runbook_url"],
        "https://docs.example/runbooks/IceLocatorSinkFailing.md"
    );
    assert!(annotations["dashboard_url"].starts_with("https://grafana.example/d/icl-overview-"));
}

#[test]
fn without_dashboards_no_alert_links_to_one() {
    let mut locator = demo();
    locator.dashboards = None;
    for rule in rules(&locator) {
        if let Rule::Alerting { annotations, .. } = rule {
            assert!(!annotations.contains_key("dashboard_url"));
        }
    }
}

#[test]
fn without_alerting_there_are_no_rules() {
    let mut locator = demo();
    locator.alerting = None;
    assert_eq!(build(&locator), None);
}

#[test]
fn the_object_carries_the_labels_that_prometheus_selects_by() {
    let rule = build(&legal_aid()).expect("alerting is on");
    let labels = rule.metadata.labels.unwrap_or_default();
    assert_eq!(labels["release"], "kube-prometheus-stack");
}

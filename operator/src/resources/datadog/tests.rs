use std::collections::BTreeSet;

use super::*;
use crate::resources::fixtures::{demo, legal_aid, repository};

fn with_datadog(mut locator: ValidatedLocator) -> ValidatedLocator {
    locator.datadog = Some(Datadog {
        service: "Intake {east}".to_owned(),
        env: Some("production".to_owned()),
    });
    locator
}

#[test]
fn without_it_nothing_is_made() {
    assert_eq!(dashboard(&demo()), None);
    assert_eq!(monitors(&demo()), []);
}

#[test]
fn every_query_selects_this_servers_tags_and_nothing_gets_out_of_its_braces() {
    let locator = with_datadog(demo());
    let monitors = monitors(&locator);
    let queries = monitors.iter().map(|monitor| monitor.spec.query.clone());
    let widgets: Value = serde_json::from_str(&dashboard(&locator).unwrap().spec.widgets).unwrap();
    let shown = widgets.as_array().unwrap().iter().flat_map(|widget| {
        let queries = &widget["definition"]["requests"][0]["queries"];
        queries.as_array().unwrap().clone()
    });
    let shown = shown.map(|query| query["query"].as_str().unwrap().to_owned());
    let all: Vec<String> = queries.chain(shown).collect();
    assert!(all.len() > 10);
    for query in all {
        let scopes: Vec<&str> = query
            .split(['{', '}'])
            .filter(|part| part.contains("service:"))
            .collect();
        assert_eq!(
            scopes.len(),
            query.matches("icelocator.").count() + query.matches("mcp.server").count(),
            "{query}"
        );
        for scope in scopes {
            assert!(
                scope.starts_with("service:intake__east_ AND env:production"),
                "{query}"
            );
        }
    }
}

#[test]
fn a_formula_names_the_queries_that_there_are() {
    let widgets = dashboard(&with_datadog(demo())).unwrap().spec.widgets;
    let widgets: Value = serde_json::from_str(&widgets).unwrap();
    for widget in widgets.as_array().unwrap() {
        let request = &widget["definition"]["requests"][0];
        let names: BTreeSet<&str> = request["queries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|query| query["name"].as_str().unwrap())
            .collect();
        let formula = request["formulas"][0]["formula"].as_str().unwrap();
        let used: BTreeSet<&str> = formula.split(" / ").collect();
        assert_eq!(names, used);
        assert!(widget.get("layout").is_none(), "the layout is Datadog's");
    }
}

#[test]
fn a_monitor_alerts_at_the_value_in_its_query_and_names_a_runbook_that_there_is() {
    let monitors = monitors(&with_datadog(legal_aid()));
    assert_eq!(monitors.len(), 5);
    let names: BTreeSet<_> = monitors.iter().map(|m| m.metadata.name.clone()).collect();
    assert_eq!(names.len(), 5);
    for DatadogMonitor { spec, .. } in monitors {
        let value = spec.query.rsplit(' ').next().unwrap();
        assert_eq!(value, spec.options.thresholds.critical, "{}", spec.query);
        let runbook = spec.message.rsplit('/').next().unwrap();
        let runbooks = repository().join("operator/runbooks");
        assert!(runbooks.join(runbook).exists(), "{runbook}");
        assert!(
            spec.message.contains("https://docs.example/runbooks/"),
            "{}",
            spec.message
        );
        assert!(!spec.message.contains("{{"));
        assert_eq!(spec.tags[0], GENERATED);
    }
}

#[test]
fn the_objective_is_the_resources() {
    // 14.4 times the 6.9 % that may fail would be nearly all.
    let fails = &monitors(&with_datadog(legal_aid()))[0].spec;
    assert!(fails.query.ends_with("> 0.95"), "{}", fails.query);
    let fails = &monitors(&with_datadog(demo()))[0].spec;
    assert!(fails.query.ends_with("> 0.072"), "{}", fails.query);
}

#[test]
fn who_sleeps_on_purpose_need_not_answer() {
    let mut asleep = with_datadog(demo());
    asleep.replicas = 0;
    assert_eq!(monitors(&asleep).len(), 4);
}

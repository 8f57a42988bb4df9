use std::collections::BTreeSet;

use super::*;
use crate::resources::fixtures::{demo, legal_aid};
use crate::resources::promql;

const FLEET: &str = include_str!("../../../../grafana/dashboards/fleet.json");

/// Names of series that stand for a failure: they alone may be red.
const FAILURES: [&str; 8] = [
    "Invalid",
    "all kinds",
    "error",
    "failed or timed out",
    "page_changed",
    "timeout",
    "turned away",
    "unavailable",
];

fn dashboards() -> [(&'static str, Value); 2] {
    [
        ("overview", OVERVIEW.clone()),
        ("fleet", serde_json::from_str(FLEET).expect("JSON")),
    ]
}

fn list<'a>(json: &'a Value, field: &str) -> &'a [Value] {
    json[field].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(json: &'a Value, field: &str) -> &'a str {
    json[field].as_str().unwrap_or_default()
}

fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    list(dashboard, "panels")
        .iter()
        .filter(|panel| panel["type"] != "row")
}

fn variables(dashboard: &Value) -> &[Value] {
    list(&dashboard["templating"], "list")
}

/// Each query with where it stands, for messages.
fn queries(dashboard: &Value) -> impl Iterator<Item = (String, &Value)> {
    panels(dashboard).flat_map(|panel| {
        list(panel, "targets")
            .iter()
            .map(move |target| (text(panel, "title").to_owned(), target))
    })
}

/// A query as Prometheus would be asked it.
fn filled_in(query: &str) -> String {
    query
        .replace("$__rate_interval", "1m")
        .replace("$__range", "1h")
}

fn overview_of(locator: &ValidatedLocator) -> Value {
    let map = build(locator).remove(0);
    let data = map.data.expect("data");
    serde_json::from_str(data.values().next().expect("one file")).expect("JSON")
}

#[test]
fn a_dashboard_cannot_be_edited_and_asks_for_no_input() {
    for (name, dashboard) in dashboards() {
        assert_eq!(dashboard["editable"], false, "{name}");
        assert!(dashboard.get("__inputs").is_none(), "{name}");
        assert!(dashboard.get("id").is_none_or(Value::is_null), "{name}");
        assert!(dashboard["schemaVersion"].as_u64() >= Some(36), "{name}");
        assert!(
            list(&dashboard, "tags").contains(&json!("icelocator")),
            "{name}"
        );
    }
}

#[test]
fn everything_is_read_from_the_chosen_data_source() {
    let chosen = json!({"type": "prometheus", "uid": "${datasource}"});
    for (name, dashboard) in dashboards() {
        let first = &variables(&dashboard)[0];
        assert_eq!(text(first, "type"), "datasource", "{name}");
        assert_eq!(text(first, "label"), "Data source", "{name}");
        for panel in panels(&dashboard) {
            assert_eq!(panel["datasource"], chosen, "{name}: {}", panel["title"]);
        }
        for (panel, target) in queries(&dashboard) {
            assert_eq!(target["datasource"], chosen, "{name}: {panel}");
        }
        for variable in variables(&dashboard) {
            assert!(
                variable["type"] == "datasource" || variable["datasource"] == chosen,
                "{name}: variable {}",
                variable["name"]
            );
        }
    }
}

#[test]
fn a_dashboard_can_be_narrowed_to_namespace_instance_and_pod() {
    for (name, dashboard) in dashboards() {
        let names: Vec<&str> = variables(&dashboard)
            .iter()
            .map(|variable| text(variable, "name"))
            .collect();
        assert_eq!(
            names,
            ["datasource", "traces", "namespace", "instance", "pod"],
            "{name}"
        );
    }
}

#[test]
fn every_panel_has_a_title_a_description_a_unit_and_a_legend() {
    for (name, dashboard) in dashboards() {
        let mut titles = BTreeSet::new();
        for panel in panels(&dashboard) {
            let title = text(panel, "title");
            assert!(
                !title.is_empty() && titles.insert(title),
                "{name}: title {title:?}"
            );
            assert!(
                text(panel, "description").len() > 20,
                "{name}: {title}: description"
            );
            assert!(
                !text(&panel["fieldConfig"]["defaults"], "unit").is_empty(),
                "{name}: {title}: unit"
            );
            if panel["type"] == "timeseries" {
                assert_eq!(
                    panel["options"]["legend"]["showLegend"], true,
                    "{name}: {title}"
                );
            }
            let targets = list(panel, "targets");
            let ids: BTreeSet<&str> = targets.iter().map(|target| text(target, "refId")).collect();
            assert!(
                !targets.is_empty() && ids.len() == targets.len(),
                "{name}: {title}: queries"
            );
            for target in targets {
                let legend = text(target, "legendFormat");
                assert!(
                    !legend.is_empty() && legend != "__auto",
                    "{name}: {title}: legend"
                );
            }
        }
    }
}

#[test]
fn every_query_parses() {
    for (name, dashboard) in dashboards() {
        for (panel, target) in queries(&dashboard) {
            if let Err(error) = promql::read(&filled_in(text(target, "expr"))) {
                panic!("{name}: {panel}: {error}: {}", target["expr"]);
            }
        }
    }
}

#[test]
fn rates_are_taken_of_counters_over_an_interval_that_fits_the_screen() {
    for (name, dashboard) in dashboards() {
        for (panel, target) in queries(&dashboard) {
            let query = text(target, "expr");
            let reading = promql::read(&filled_in(query)).expect("checked above");
            for metric in &reading.rated {
                assert!(
                    promql::is_counter(metric),
                    "{name}: {panel}: {metric} is no counter"
                );
            }
            for selection in reading.selections {
                assert!(
                    !promql::is_counter(&selection.metric)
                        || reading.rated.contains(&selection.metric),
                    "{name}: {panel}: {} is a counter",
                    selection.metric
                );
            }
            for part in query.split("rate(").skip(1) {
                let interval = part.split(['[', ']']).nth(1).unwrap_or_default();
                assert!(
                    ["$__rate_interval", "$__range"].contains(&interval),
                    "{name}: {panel}: a rate over {interval}"
                );
            }
        }
    }
}

#[test]
fn the_overview_asks_for_the_chosen_instance_only() {
    for (panel, target) in queries(&OVERVIEW) {
        for selection in promql::read(&filled_in(text(target, "expr")))
            .expect("checked above")
            .selections
        {
            assert!(
                selection.requires("namespace", "$namespace")
                    && selection.requires("icelocator", "$instance"),
                "{panel}: {}",
                selection.metric
            );
        }
    }
}

#[test]
fn red_is_for_failure_only() {
    for (name, dashboard) in dashboards() {
        for panel in panels(&dashboard) {
            let field = &panel["fieldConfig"];
            let mode = text(&field["defaults"]["color"], "mode");
            assert!(
                ["thresholds", "shades"].contains(&mode),
                "{name}: {}: a palette chooses red by chance",
                panel["title"]
            );
            assert_ne!(field["defaults"]["color"]["fixedColor"], "red");
            for rule in list(field, "overrides") {
                let series = text(&rule["matcher"], "options");
                let red = list(rule, "properties")
                    .iter()
                    .any(|property| property["value"]["fixedColor"] == "red");
                assert!(
                    !red || FAILURES.contains(&series),
                    "{name}: {series} is red"
                );
            }
        }
    }
}

#[test]
fn panels_fill_the_grid_without_lying_on_one_another() {
    for (name, dashboard) in dashboards() {
        let mut taken = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for panel in list(&dashboard, "panels") {
            assert!(
                ids.insert(panel["id"].as_u64()),
                "{name}: {}: id",
                panel["title"]
            );
            let [x, y, w, h] =
                ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().expect("a number"));
            assert!(x + w <= 24, "{name}: {} is too wide", panel["title"]);
            for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                assert!(
                    taken.insert(cell),
                    "{name}: {} lies on another",
                    panel["title"]
                );
            }
        }
    }
}

#[test]
fn links_keep_time_and_variables_and_lead_to_the_traces() {
    for (name, dashboard) in dashboards() {
        let links = list(&dashboard, "links");
        assert!(
            links.iter().any(|link| link["type"] == "dashboards"
                && link["keepTime"] == true
                && link["includeVars"] == true),
            "{name}"
        );
        assert!(
            links
                .iter()
                .any(|link| text(link, "url").starts_with("/explore?")
                    && text(link, "url").contains("${traces}")
                    && text(link, "url").contains("${__from}")),
            "{name}"
        );
    }
}

#[test]
fn the_uid_is_stable_unique_and_short_enough() {
    assert_eq!(uid("overview", &demo()), "icl-overview-02c8c86b636ca99e");
    let mut longest = demo();
    longest.name = "n".repeat(40);
    longest.namespace = "s".repeat(63);
    assert!(uid("overview", &longest).len() <= 40);
    let mut twin = demo();
    twin.namespace = "another".to_owned();
    assert_ne!(uid("overview", &demo()), uid("overview", &twin));
}

#[test]
fn an_instance_gets_a_dashboard_of_its_own() {
    let dashboard = overview_of(&legal_aid());
    assert_eq!(
        dashboard["title"],
        "IceLocator overview: families/legal-aid"
    );
    assert_eq!(dashboard["uid"], "icl-overview-5398b18eb3f76d8e");
    for tag in [
        "icelocator",
        "overview",
        "namespace:families",
        "instance:legal-aid",
    ] {
        assert!(list(&dashboard, "tags").contains(&json!(tag)), "{tag}");
    }
    let current = |name: &str| {
        variables(&dashboard)
            .iter()
            .find(|variable| variable["name"] == name)
            .map(|variable| variable["current"]["value"].clone())
    };
    assert_eq!(current("namespace"), Some(json!("families")));
    assert_eq!(current("instance"), Some(json!("legal-aid")));
    assert_eq!(current("datasource"), Some(json!("prometheus")));
    assert_eq!(current("pod"), Some(json!("$__all")));
}

#[test]
fn the_sidecar_finds_it_and_puts_it_into_the_folder() {
    let map = build(&legal_aid()).remove(0);
    assert_eq!(
        map.metadata.name.as_deref(),
        Some("legal-aid-dashboard-overview")
    );
    assert_eq!(
        map.metadata.labels.unwrap_or_default()["grafana_dashboard"],
        "1"
    );
    let annotations = map.metadata.annotations.unwrap_or_default();
    assert_eq!(annotations["grafana_folder"], "Legal aid");
    assert_eq!(annotations["k8s-sidecar-target-directory"], "Legal aid");
    let data = map.data.unwrap_or_default();
    assert_eq!(
        data.keys().collect::<Vec<_>>(),
        ["icl-overview-5398b18eb3f76d8e.json"]
    );
    assert!(data.values().all(|json| json.len() < 1 << 20));
}

#[test]
fn switched_off_there_is_no_dashboard() {
    let mut locator = demo();
    locator.dashboards = None;
    assert!(build(&locator).is_empty());
    assert_eq!(overview_url(&locator), None);
}

#[test]
fn the_link_to_it_works_in_every_grafana_or_leads_to_the_one_named() {
    assert_eq!(
        overview_url(&demo()).as_deref(),
        Some(
            "/d/icl-overview-02c8c86b636ca99e/icelocator-overview?var-namespace=default&var-instance=demo"
        )
    );
    assert!(
        overview_url(&legal_aid())
            .expect("dashboards are on")
            .starts_with("https://grafana.example/d/icl-overview-5398b18eb3f76d8e/")
    );
}

//! Rules and dashboards name only what the binaries expose: every metric, every label and the outcomes in their queries
//! are in the catalogue of the server or of the operator, or come from Prometheus itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::Path;

use icelocator_operator::api::IceLocator;
use icelocator_operator::controller::validate::{Facts, SessionKey, ValidatedLocator, validate};
use icelocator_operator::resources::prometheus_rule::{self, Rule};
use icelocator_server::locator::Failure;
use icelocator_server::observe::{Outcome, catalogue};
use icelocator_telemetry::{Kind, Metric, PROCESS_METRICS};
use promql_parser::parser::{self, AggregateExpr, Expr, LabelModifier, VectorSelector};
use promql_parser::util::{ExprVisitor, walk_expr};
use serde_json::Value;

/// Labels that every scraped series has from the ServiceMonitors.
const TARGET_LABELS: [&str; 3] = ["namespace", "icelocator", "pod"];

/// A metric's name in Prometheus, with the labels that it can have.
type Known = BTreeMap<String, BTreeSet<String>>;

fn add<'a>(known: &mut Known, metrics: impl IntoIterator<Item = &'a Metric>) {
    for metric in metrics {
        let labels: BTreeSet<String> = metric
            .prometheus_labels()
            .into_iter()
            .chain(TARGET_LABELS.map(str::to_owned))
            .collect();
        let name = metric.prometheus_name();
        if metric.kind == Kind::Histogram {
            for part in ["count", "sum"] {
                known.insert(format!("{name}_{part}"), labels.clone());
            }
            let mut labels = labels;
            labels.insert("le".to_owned());
            known.insert(format!("{name}_bucket"), labels);
        } else {
            known.insert(name, labels);
        }
    }
}

fn from_prometheus(known: &mut Known) {
    let labels = |more: &[&str]| {
        let all = TARGET_LABELS.iter().chain(more);
        all.map(|&label| label.to_owned()).collect()
    };
    known.insert("up".to_owned(), labels(&[]));
    known.insert(
        "ALERTS".to_owned(),
        labels(&["alertname", "alertstate", "severity"]),
    );
}

fn of_server() -> Known {
    let mut known = Known::new();
    add(&mut known, catalogue::metrics());
    from_prometheus(&mut known);
    known
}

fn of_both() -> Known {
    let mut known = of_server();
    add(&mut known, icelocator_operator::metrics::CATALOGUE);
    add(&mut known, PROCESS_METRICS);
    known
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn locator(file: &str) -> ValidatedLocator {
    let yaml = read(&format!("tests/rules/resources/{file}"));
    let resource: IceLocator = serde_saphyr::from_str(&yaml).unwrap();
    let facts = Facts::new("icelocator-server".to_owned(), SessionKey::new([0; 32]));
    validate(&resource, facts).unwrap()
}

fn rules(file: &str) -> Vec<Rule> {
    let rule = prometheus_rule::build(&locator(file)).unwrap();
    rule.spec
        .groups
        .into_iter()
        .flat_map(|group| group.rules)
        .collect()
}

/// What an instance's rules record; its labels are the static ones.
fn recorded(known: &mut Known) {
    for rule in rules("demo.yaml") {
        if let Rule::Recording { record, labels, .. } = rule {
            let labels = labels.into_keys().map(str::to_owned).collect();
            known.insert(record.to_owned(), labels);
        }
    }
}

fn queries(dashboard: &str) -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&read(dashboard)).unwrap();
    let panels = dashboard["panels"].as_array().into_iter().flatten();
    panels
        .flat_map(|panel| panel["targets"].as_array().into_iter().flatten())
        .map(|target| {
            let query = target["expr"].as_str().unwrap();
            query
                .replace("$__rate_interval", "1m")
                .replace("$__range", "1h")
        })
        .collect()
}

/// Everything an expression names that `known` does not have.
fn unknown(expr: &str, known: &Known) -> Vec<String> {
    let mut reader = Reader {
        known,
        wrong: Vec::new(),
    };
    let expr = parser::parse(expr).unwrap_or_else(|error| panic!("{error}: {expr}"));
    let Ok(_) = walk_expr(&mut reader, &expr);
    reader.wrong
}

struct Reader<'a> {
    known: &'a Known,
    wrong: Vec<String>,
}

impl ExprVisitor for Reader<'_> {
    type Error = Infallible;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Infallible> {
        match expr {
            Expr::VectorSelector(selector) => self.selector(selector),
            Expr::MatrixSelector(selector) => self.selector(&selector.vs),
            Expr::Aggregate(aggregate) => self.grouping(aggregate),
            _ => {}
        }
        Ok(true)
    }
}

impl Reader<'_> {
    fn selector(&mut self, selector: &VectorSelector) {
        let metric = selector.name.clone().unwrap_or_default();
        let Some(labels) = self.known.get(&metric) else {
            self.wrong.push(format!("metric {metric}"));
            return;
        };
        for matcher in &selector.matchers.matchers {
            if !labels.contains(&matcher.name) {
                self.wrong
                    .push(format!("label {} of {metric}", matcher.name));
            }
            let values: BTreeSet<&str> = match matcher.name.as_str() {
                "outcome" => Outcome::ALL.map(Outcome::as_str).into(),
                "result" if metric.starts_with("icelocator_upstream") => results(),
                _ => continue,
            };
            for value in matcher
                .value
                .split('|')
                .filter(|value| !values.contains(value))
            {
                self.wrong.push(format!("{} {value}", matcher.name));
            }
        }
    }

    fn grouping(&mut self, aggregate: &AggregateExpr) {
        let Some(LabelModifier::Include(labels)) = &aggregate.modifier else {
            return;
        };
        for label in &labels.labels {
            if !self.known.values().any(|labels| labels.contains(label)) {
                self.wrong.push(format!("label {label}"));
            }
        }
    }
}

/// How a request to the site can end.
fn results() -> BTreeSet<&'static str> {
    let failures = [
        Failure::Challenged,
        Failure::RateLimited { retry_after: None },
        Failure::Unavailable { retry_after: None },
        Failure::Timeout,
        Failure::PageChanged,
    ];
    failures
        .map(Failure::as_str)
        .into_iter()
        .chain(["ok"])
        .collect()
}

#[test]
fn an_instances_rules_name_only_what_the_server_exposes() {
    let mut known = of_server();
    recorded(&mut known);
    for file in ["demo.yaml", "legal-aid.yaml"] {
        for rule in rules(file) {
            let (Rule::Recording { expr, .. } | Rule::Alerting { expr, .. }) = &rule;
            assert_eq!(unknown(expr, &known), Vec::<String>::new(), "{expr}");
        }
    }
}

#[test]
fn the_overview_names_only_what_the_server_exposes() {
    let mut known = of_server();
    recorded(&mut known);
    for query in queries("grafana/dashboards/overview.json") {
        assert_eq!(unknown(&query, &known), Vec::<String>::new(), "{query}");
    }
}

#[test]
fn the_fleet_names_only_what_operator_and_server_expose() {
    for query in queries("grafana/dashboards/fleet.json") {
        assert_eq!(unknown(&query, &of_both()), Vec::<String>::new(), "{query}");
    }
}

#[test]
fn the_operators_rules_name_only_what_the_operator_exposes() {
    let mut known = Known::new();
    add(&mut known, icelocator_operator::metrics::CATALOGUE);
    let rules: Value = serde_saphyr::from_str(&read(
        "charts/icelocator-operator/files/operator-rules.yaml",
    ))
    .unwrap();
    let rules = rules["groups"][0]["rules"].as_array().unwrap();
    assert!(!rules.is_empty());
    for rule in rules {
        let expr = rule["expr"].as_str().unwrap();
        assert_eq!(unknown(expr, &known), Vec::<String>::new(), "{expr}");
    }
}

#[test]
fn every_metric_of_the_server_is_read_by_a_rule_or_shown_on_a_dashboard() {
    let mut text = queries("grafana/dashboards/overview.json").concat();
    for rule in rules("demo.yaml") {
        let (Rule::Recording { expr, .. } | Rule::Alerting { expr, .. }) = &rule;
        text.push_str(expr);
    }
    let forgotten: Vec<String> = catalogue::metrics()
        .map(Metric::prometheus_name)
        .filter(|name| !text.contains(name.as_str()))
        .collect();
    assert_eq!(forgotten, Vec::<String>::new());
}

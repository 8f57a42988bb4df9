use std::collections::{BTreeMap, BTreeSet};

use icelocator_telemetry::{Guard, LabelSets, LogFormat, Options};

use super::*;

fn exposed() -> String {
    let options = Options {
        service_name: "icelocator-operator",
        service_version: "test",
        resource: Vec::new(),
        otlp: None,
        otlp_headers: None,
        datadog: None,
        guard: Guard::none(),
        label_sets: LabelSets::default(),
        allowed_attributes: ALLOWED_ATTRIBUTES,
        log_format: LogFormat::Json,
        log_filter: None,
    };
    let (telemetry, _) = icelocator_telemetry::build(options, Box::new(|_| {})).unwrap();
    let meter = telemetry.meter();
    let metrics = Metrics::new(&meter);
    metrics.reconciled(Ended::Ok, Duration::from_millis(3));
    Metrics::show_queue(&meter, || 2);
    let shown = |name: &str, phase| Shown {
        namespace: "default".to_owned(),
        name: name.to_owned(),
        phase,
    };
    let resources = [
        shown("demo", Phase::Ready),
        shown("new", Phase::Progressing),
    ];
    Metrics::show_resources(&meter, move || resources.to_vec());
    telemetry.render()
}

/// Names of series with the labels that they have.
fn series(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut series: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text
        .lines()
        .filter(|line| line.starts_with("icelocator_operator_"))
    {
        let (name, rest) = line.split_once(['{', ' ']).unwrap();
        let labels = series.entry(name.to_owned()).or_default();
        if line.contains('{') {
            let pairs = rest.split_once('}').unwrap().0.split("\",");
            labels.extend(pairs.filter_map(|pair| Some(pair.split_once('=')?.0.to_owned())));
        }
    }
    series
}

#[test]
fn what_is_exposed_is_what_the_catalogue_says() {
    let text = exposed();
    let exposed = series(&text);
    let mut listed = BTreeMap::new();
    for metric in CATALOGUE {
        let labels: BTreeSet<String> = metric.prometheus_labels().into_iter().collect();
        let name = metric.prometheus_name();
        if metric.kind == Instrument::Histogram {
            let with_bounds = labels.iter().cloned().chain(["le".to_owned()]).collect();
            listed.insert(format!("{name}_bucket"), with_bounds);
            listed.insert(format!("{name}_sum"), labels.clone());
            listed.insert(format!("{name}_count"), labels);
        } else {
            listed.insert(name, labels);
        }
    }
    assert_eq!(exposed, listed, "{text}");
}

#[test]
fn resources_are_counted_by_phase_and_shown_by_name() {
    let text = exposed();
    for line in [
        r#"icelocator_operator_resources{phase="Ready"} 1"#,
        r#"icelocator_operator_resources{phase="Degraded"} 0"#,
        r#"icelocator_operator_resource_ready{icelocator="demo",resource_namespace="default"} 1"#,
        r#"icelocator_operator_resource_ready{icelocator="new",resource_namespace="default"} 0"#,
        "icelocator_operator_queue_depth 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

//! The catalogue and the binary say the same.

use std::collections::{BTreeMap, BTreeSet};

use icelocator_config::DURATION_BOUNDS_SECONDS;
use icelocator_server::observe::catalogue;
use icelocator_telemetry::Kind;
use serde_json::json;

use crate::support::people::KNOWN;
use crate::support::wait::until_ok;
use crate::support::{Scratch, Server, Simulator, begin};

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_of_the_catalogue_is_exposed_and_no_other() {
    begin();
    let simulator = Simulator::start();
    // Every way to the site, the first of which leads nowhere.
    let secrets = Scratch::new();
    secrets.write_in("egress", "proxies.txt", "http://127.0.0.1:1\n");
    secrets.write_in("datadog", "api-key", "a-key");
    let locator = format!(
        "telemetry: {{datadog: {{apiKeySecretRef: {{name: datadog, key: api-key}}, intakeUrl: \"http://127.0.0.1:1\"}}}}\n\
         locator: {{baseUrl: \"{}\", access: {{strategies: [proxied, paced], requestsPerMinute: 6000, \
         egressProxies: {{secretRef: {{name: egress, key: proxies.txt}}}}, circuitBreaker: {{failureRatio: 0.5}}}}}}",
        simulator.url
    );
    let server = Server::with(
        "",
        &locator,
        &["--secrets-dir", secrets.path().to_str().unwrap()],
    );
    // One of each kind: found, invalid, an error of the protocol.
    let by_number = "search_detainee_by_alien_number";
    server.client.call(by_number, KNOWN.by_number()).await;
    server.client.call(by_number, json!({})).await;
    server.client.request("detainees/dump", json!({})).await;
    // The first request to a sink.
    let text = until_ok(async || {
        let text = server.metrics().await;
        if text.contains("icelocator_sink_request_duration") {
            Ok(text)
        } else {
            Err(text)
        }
    })
    .await;

    let mut exposed: BTreeMap<&str, &str> = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        exposed.insert(name, kind);
    }
    exposed.remove("target_info");
    for metric in catalogue::metrics() {
        let name = metric.prometheus_name();
        let expected = match metric.kind {
            Kind::Counter => "counter",
            Kind::UpDownCounter | Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        assert_eq!(
            exposed.remove(name.as_str()),
            Some(expected),
            "{name} in\n{text}"
        );
        let allowed: BTreeSet<String> = metric.prometheus_labels().into_iter().collect();
        for line in text.lines().filter(|line| is_series_of(line, &name)) {
            for label in labels(line).filter(|label| label != "le") {
                assert!(
                    allowed.contains(&label),
                    "{label} is not in the catalogue: {line}"
                );
            }
        }
    }
    assert!(exposed.is_empty(), "not in the catalogue: {exposed:?}");
}

#[test]
fn a_pod_has_no_more_series_than_a_monitoring_of_many_pods_can_bear() {
    let most: usize = catalogue::metrics()
        .map(|metric| {
            let series = match metric.kind {
                Kind::Histogram => DURATION_BOUNDS_SECONDS.len() + 3,
                Kind::Counter | Kind::UpDownCounter | Kind::Gauge => 1,
            };
            let sets = if metric.labels.is_empty() {
                1
            } else {
                // And the one for what comes beyond.
                catalogue::LABEL_SETS.of(metric.name) + 1
            };
            series * sets
        })
        .sum();
    assert!(most <= catalogue::MOST_SERIES, "{most}");
}

#[test]
fn names_follow_the_conventions() {
    let mut names = BTreeSet::new();
    for metric in catalogue::metrics() {
        assert!(names.insert(metric.name), "{} twice", metric.name);
        assert!(
            !metric.help.is_empty() && !metric.help.ends_with('.'),
            "{}",
            metric.name
        );
        assert!(
            !metric.name.ends_with("total"),
            "the exporter adds it: {}",
            metric.name
        );
        assert!(
            metric.kind != Kind::Histogram || ["s", "By", "{lookup}"].contains(&metric.unit),
            "{}",
            metric.name
        );
    }
    let attributes: BTreeSet<_> = catalogue::ATTRIBUTES.iter().collect();
    assert_eq!(attributes.len(), catalogue::ATTRIBUTES.len());
    // Where somebody is, or was: not ours to record.
    for forbidden in ["client.address", "error", "exception.message", "url.full"] {
        assert!(!attributes.contains(&forbidden), "{forbidden}");
    }
}

fn is_series_of(line: &str, name: &str) -> bool {
    line.strip_prefix(name).is_some_and(|rest| {
        ["{", " ", "_bucket{", "_sum", "_count"]
            .iter()
            .any(|next| rest.starts_with(next))
    })
}

fn labels(line: &str) -> impl Iterator<Item = String> {
    let inside = line
        .split_once('{')
        .and_then(|(_, rest)| rest.rsplit_once('}'));
    inside
        .map_or("", |(labels, _)| labels)
        .split("\",")
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, _)| name.to_owned())
}

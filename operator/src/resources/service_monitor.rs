//! The `ServiceMonitor`: how Prometheus finds the pods, and the label by which instances are told apart.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use serde::Serialize;

use super::ports::METRICS;
use crate::controller::validate::{Component, ValidatedLocator};

/// A pod has 3,000 series at most; one that shows more runs something else.
const MOST_SAMPLES: u32 = 5_000;

/// The Prometheus operator's kind, as far as it is used here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceMonitor {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: ObjectMeta,
    pub spec: ServiceMonitorSpec,
}

/// What is collected.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceMonitorSpec {
    pub selector: LabelSelector,
    pub endpoints: Vec<Endpoint>,
    pub sample_limit: u32,
}

/// One port of the chosen Services.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    pub port: &'static str,
    pub interval: String,
    pub follow_redirects: bool,
    pub relabelings: Vec<Relabeling>,
}

/// A label that every series gets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Relabeling {
    pub action: &'static str,
    pub target_label: &'static str,
    pub replacement: String,
}

/// Builds it; `None` where it is off.
pub fn build(locator: &ValidatedLocator) -> Option<ServiceMonitor> {
    let wanted = locator.service_monitor.as_ref()?;
    let mut metadata = locator.object_meta(&locator.name, Component::Monitoring);
    let labels: BTreeMap<_, _> = wanted
        .labels
        .clone()
        .into_iter()
        .chain(locator.labels(Component::Monitoring))
        .collect();
    metadata.labels = Some(labels);
    Some(ServiceMonitor {
        api_version: "monitoring.coreos.com/v1",
        kind: "ServiceMonitor",
        metadata,
        spec: ServiceMonitorSpec {
            selector: LabelSelector {
                match_labels: Some(locator.selector(Component::Server)),
                ..LabelSelector::default()
            },
            endpoints: vec![Endpoint {
                port: METRICS.name,
                interval: wanted.interval.to_string(),
                follow_redirects: false,
                relabelings: vec![Relabeling {
                    action: "replace",
                    target_label: "icelocator",
                    replacement: locator.name.clone(),
                }],
            }],
            sample_limit: MOST_SAMPLES,
        },
    })
}

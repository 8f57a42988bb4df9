//! How the server is watched: what it sends, what is collected, what is shown and what alerts.

use std::collections::BTreeMap;

use icelocator_config::{
    Analytics, Bounds, Compliance, Duration, Os, Privacy, Profiling, Sessions, Telemetry, Tuning,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reserved::{LABEL_VALUE, no_reserved_keys};
use super::{Alerting, Dashboards, yes};

pub(crate) const SCRAPE_INTERVAL: Bounds =
    Bounds::new(Duration::from_secs(1), Duration::from_mins(2));

/// How the server is watched. Each part has its own switch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Monitoring {
    /// Product analytics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analytics: Option<Analytics>,
    /// Where measurements and traces are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telemetry: Option<Telemetry>,
    /// How Prometheus collects.
    #[serde(default)]
    pub metrics: Metrics,
    /// CPU profiles on demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profiling: Option<Profiling>,
    /// Measurements of process and container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<Os>,
    /// Recording of sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Sessions>,
    /// Grafana dashboards.
    #[serde(default)]
    pub dashboards: Dashboards,
    /// Rules, and where their alerts go.
    #[serde(default)]
    pub alerting: Alerting,
    /// What is hidden, and how long anything is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy: Option<Privacy>,
    /// Controls that are checked continuously.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compliance: Option<Compliance>,
    /// Settings that the server may change by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning: Option<Tuning>,
}

/// How Prometheus collects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// The ServiceMonitor, for the Prometheus operator.
    #[serde(default)]
    pub service_monitor: ServiceMonitor,
}

/// The ServiceMonitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceMonitor {
    /// Whether there is one.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// How often Prometheus collects: 1s to 2m. Alerts look at the last five minutes and want to see more than one point.
    #[serde(default = "default_interval")]
    #[schemars(extend("x-kubernetes-validations" = SCRAPE_INTERVAL.rules()))]
    pub interval: Duration,
    /// Further labels, by which a Prometheus chooses what it collects.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(
        extend("maxProperties" = 32, "x-kubernetes-validations" = no_reserved_keys()),
        inner(length(max = 63), regex(pattern = LABEL_VALUE))
    )]
    pub labels: BTreeMap<String, String>,
}

fn default_interval() -> Duration {
    Duration::from_secs(15)
}

impl Default for ServiceMonitor {
    fn default() -> Self {
        Self {
            enabled: true,
            interval: default_interval(),
            labels: BTreeMap::new(),
        }
    }
}

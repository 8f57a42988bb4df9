//! How many pods there are, and how new versions come in.

use icelocator_config::{Bounds, Duration, rule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::MAX_REPLICAS;

pub(crate) const ROLLOUT_WINDOW: Bounds =
    Bounds::new(Duration::from_mins(1), Duration::from_hours(2));

/// Lets the number of pods follow the load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([
    rule("self.minReplicas <= self.maxReplicas", "minReplicas must not exceed maxReplicas", ".minReplicas"),
    rule(
        "has(self.cpuUtilization) || has(self.inFlightRequests)",
        "name what to follow: cpuUtilization, inFlightRequests or both",
        "",
    ),
])))]
pub struct Autoscaling {
    /// The fewest pods.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = MAX_REPLICAS))]
    pub min_replicas: i32,
    /// The most pods.
    #[schemars(range(min = 1, max = MAX_REPLICAS))]
    pub max_replicas: i32,
    /// Share of the CPU request to aim at, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub cpu_utilization: Option<i32>,
    /// Calls worked on at once in each pod to aim at; needs the custom metrics API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub in_flight_requests: Option<i32>,
}

/// What happens when a new version fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// Whether a version that fails or regresses is replaced by the one before.
    #[serde(default)]
    pub auto_rollback: bool,
    /// How long a new version is watched: 1m to 2h.
    #[serde(default = "default_window")]
    #[schemars(extend("x-kubernetes-validations" = ROLLOUT_WINDOW.rules()))]
    pub window: Duration,
}

fn one() -> i32 {
    1
}

fn default_window() -> Duration {
    Duration::from_mins(10)
}

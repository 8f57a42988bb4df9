//! Rules, their objectives and thresholds, and where alerts go.

use std::collections::BTreeMap;

use icelocator_config::{Bounds, DURATION_BOUNDS_SECONDS, Duration, HttpUrl, Ratio, rule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::reserved::{LABEL_VALUE, no_reserved_keys};
use super::{Channel, yes};

pub(crate) const WINDOW: Bounds = Bounds::new(Duration::from_days(1), Duration::from_days(90));
pub(crate) const ESCALATION: Bounds = Bounds::new(Duration::from_mins(1), Duration::from_days(7));
pub(crate) const UNKNOWN_CHANNEL: &str = "names a channel that is not in channels";
pub(crate) const NO_BUDGET: &str =
    "must be more than 0 and less than 1: an objective of 1 leaves nothing to burn";

/// Rules, and where their alerts go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([
    Severity::Critical.route_rule(),
    Severity::Warning.route_rule(),
    Severity::Info.route_rule(),
    rule(
        "!has(self.escalation) || self.escalation.all(step, step.to.all(name, \
         has(self.channels) && self.channels.exists(channel, channel.name == name)))",
        UNKNOWN_CHANNEL,
        ".escalation",
    ),
])))]
pub struct Alerting {
    /// Whether there are rules.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Further labels of the rules and routes, by which Prometheus and Alertmanager choose what they take.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(
        extend("maxProperties" = 32, "x-kubernetes-validations" = no_reserved_keys()),
        inner(length(max = 63), regex(pattern = LABEL_VALUE))
    )]
    pub labels: BTreeMap<String, String>,
    /// Where the runbooks are; each alert links to its own below. Left out: the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook_base_url: Option<HttpUrl>,
    /// What is promised to callers.
    #[serde(default)]
    pub objectives: Objectives,
    /// From when on something alerts.
    #[serde(default)]
    pub thresholds: Thresholds,
    /// Alerts on what is unusual for this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anomaly_detection: Option<AnomalyDetection>,
    /// Where notifications go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub channels: Vec<Channel>,
    /// Which channels get which alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routes: Option<Routes>,
    /// Who is told when a critical alert stays unanswered, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5))]
    pub escalation: Vec<EscalationStep>,
}

impl Default for Alerting {
    fn default() -> Self {
        Self {
            enabled: true,
            labels: BTreeMap::new(),
            runbook_base_url: None,
            objectives: Objectives::default(),
            thresholds: Thresholds::default(),
            anomaly_detection: None,
            channels: Vec::new(),
            routes: None,
            escalation: Vec::new(),
        }
    }
}

/// How urgent an alert is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Wakes someone.
    Critical,
    /// A ticket.
    Warning,
    /// Good to know.
    Info,
}

impl Severity {
    /// Every severity, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Warning, Self::Info];

    /// As the label `severity` says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    fn route_rule(self) -> Value {
        let route = self.as_str();
        rule(
            &format!(
                "!has(self.routes) || !has(self.routes.{route}) || self.routes.{route}.all(name, \
                 has(self.channels) && self.channels.exists(channel, channel.name == name))"
            ),
            UNKNOWN_CHANNEL,
            &format!(".routes.{route}"),
        )
    }
}

/// Which channels get which alerts; a severity left out notifies nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Routes {
    /// Names of the channels for what wakes someone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 40)))]
    pub critical: Vec<String>,
    /// Names of the channels for what becomes a ticket.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 40)))]
    pub warning: Vec<String>,
    /// Names of the channels for what is good to know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 40)))]
    pub info: Vec<String>,
}

impl Routes {
    /// The channels for alerts of one severity.
    pub fn of(&self, severity: Severity) -> &[String] {
        match severity {
            Severity::Critical => &self.critical,
            Severity::Warning => &self.warning,
            Severity::Info => &self.info,
        }
    }
}

/// Who is told when a critical alert stays unanswered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EscalationStep {
    /// How long after the alert: 1m to 7d.
    #[schemars(extend("x-kubernetes-validations" = ESCALATION.rules()))]
    pub after: Duration,
    /// Names of the channels.
    #[schemars(length(min = 1, max = 16), inner(length(min = 1, max = 40)))]
    pub to: Vec<String>,
}

/// What is promised to callers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([
    rule("self.availability > 0.0 && self.availability < 1.0", NO_BUDGET, ".availability"),
    rule("self.latency.target > 0.0 && self.latency.target < 1.0", NO_BUDGET, ".latency.target"),
])))]
pub struct Objectives {
    /// Share of calls that are answered.
    #[serde(default = "default_availability")]
    pub availability: Ratio,
    /// How quickly.
    #[serde(default)]
    pub latency: LatencyObjective,
    /// The time over which the objectives hold: 1d to 90d.
    #[serde(default = "default_window")]
    #[schemars(extend("x-kubernetes-validations" = WINDOW.rules()))]
    pub window: Duration,
}

/// How quickly calls are answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LatencyObjective {
    /// The time within which a call counts as quick; a bound of the histograms: 10ms, 20ms, 50ms, 100ms, 200ms, 500ms,
    /// 1s, 2s, 5s, 10s, 30s, 1m, 2m or 5m.
    #[serde(default = "default_threshold")]
    #[schemars(extend("x-kubernetes-validations" = json!([rule(&histogram_bound(), &not_a_bound(), "")])))]
    pub threshold: Duration,
    /// Share of calls that are quick.
    #[serde(default = "default_target")]
    pub target: Ratio,
}

fn bounds() -> impl Iterator<Item = Duration> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the bounds are whole milliseconds between 10 and 300,000"
    )]
    DURATION_BOUNDS_SECONDS
        .into_iter()
        .map(|seconds| Duration::from_millis((seconds * 1000.0).round() as u64))
}

/// Whether histograms know how many calls took no longer than this.
pub(crate) fn is_histogram_bound(threshold: Duration) -> bool {
    bounds().any(|bound| bound == threshold)
}

/// What to write instead of a threshold that is no bound.
pub(crate) fn not_a_bound() -> String {
    let bounds: Vec<String> = bounds().map(|bound| bound.to_string()).collect();
    format!("must be a bound of the histograms: {}", bounds.join(", "))
}

fn histogram_bound() -> String {
    let bounds: Vec<String> = bounds()
        .map(|bound| format!("duration('{}ms')", bound.get().as_millis()))
        .collect();
    format!(
        "!self.endsWith('d') && duration(self) in [{}]",
        bounds.join(", ")
    )
}

/// From when on something alerts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Thresholds {
    /// Share of lookups that the site meets with a challenge.
    #[serde(default = "default_challenge_ratio")]
    pub challenge_ratio: Ratio,
    /// Share of its memory limit that a pod uses.
    #[serde(default = "default_memory_utilization")]
    pub memory_utilization: Ratio,
}

/// Alerts on what is unusual for this server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnomalyDetection {
    /// Whether there are any.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// How little is unusual.
    #[serde(default)]
    pub sensitivity: AnomalySensitivity,
}

/// How little is unusual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AnomalySensitivity {
    /// Only what is far off.
    Low,
    /// What is clearly off.
    #[default]
    Medium,
    /// What is somewhat off.
    High,
}

fn default_availability() -> Ratio {
    Ratio::per_mille(995)
}

fn default_threshold() -> Duration {
    Duration::from_secs(5)
}

fn default_target() -> Ratio {
    Ratio::per_mille(950)
}

fn default_window() -> Duration {
    Duration::from_days(30)
}

fn default_challenge_ratio() -> Ratio {
    Ratio::per_mille(200)
}

fn default_memory_utilization() -> Ratio {
    Ratio::per_mille(900)
}

impl Default for Objectives {
    fn default() -> Self {
        Self {
            availability: default_availability(),
            latency: LatencyObjective::default(),
            window: default_window(),
        }
    }
}

impl Default for LatencyObjective {
    fn default() -> Self {
        Self {
            threshold: default_threshold(),
            target: default_target(),
        }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            challenge_ratio: default_challenge_ratio(),
            memory_utilization: default_memory_utilization(),
        }
    }
}

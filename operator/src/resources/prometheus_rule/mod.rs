//! The `PrometheusRule` of one `IceLocator`: recording rules, burn rates of its objectives, and threshold alerts.
//!
//! Every expression selects this instance's series and no other's, by the labels `namespace` and `icelocator` that the
//! `ServiceMonitor` sets. Every rule carries both as static labels too: most expressions aggregate them away, and the
//! Alertmanager operator routes by namespace. Objectives, thresholds and names are written into the rules of the
//! instance, so that no rule needs a lookup at run time.

mod burn_rate;
mod recording;
mod sinks;
mod symptoms;
mod upstream;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use icelocator_config::HttpUrl;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use super::dashboards;
use crate::controller::validate::{Alerting, Component, ValidatedLocator};
pub(super) use burn_rate::budget_burnt;
pub(super) use recording::FAILED_OUTCOMES;
pub(super) use upstream::{CHANGED_RATIO, UNAVAILABLE_RATIO};

/// Where the runbooks are published; used when the resource names no place of its own.
pub const DEFAULT_RUNBOOK_BASE_URL: &str =
    "https://github.com/icelocator/icelocator/blob/main/operator/runbooks";

/// How often the rules are evaluated. The long windows of the burn rates count calls by it.
const EVALUATION: Span = Span(Duration::from_secs(30));

/// The Prometheus operator's kind, as far as it is used here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrometheusRule {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: ObjectMeta,
    pub spec: PrometheusRuleSpec,
}

/// Its groups; the same shape as a rules file, which is what the tests hand to promtool.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrometheusRuleSpec {
    pub groups: Vec<Group>,
}

/// Rules evaluated one after another, at one time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    pub name: &'static str,
    pub interval: String,
    pub rules: Vec<Rule>,
}

/// A recording or an alerting rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Rule {
    Recording {
        record: &'static str,
        expr: String,
        labels: BTreeMap<&'static str, String>,
    },
    Alerting {
        alert: &'static str,
        expr: String,
        #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
        hold: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        keep_firing_for: Option<&'static str>,
        labels: BTreeMap<&'static str, String>,
        annotations: BTreeMap<&'static str, String>,
    },
}

/// Builds the rules; none where alerting is off.
pub fn build(locator: &ValidatedLocator) -> Option<PrometheusRule> {
    let alerting = locator.alerting.as_ref()?;
    let instance = Instance { locator, alerting };
    let mut metadata = locator.object_meta(&locator.name, Component::Monitoring);
    metadata
        .labels
        .get_or_insert_default()
        .extend(alerting.labels.clone());
    Some(PrometheusRule {
        api_version: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata,
        spec: PrometheusRuleSpec {
            // One group, since the rules of a group are evaluated in their order: alerts read what was just recorded.
            groups: vec![Group {
                name: "icelocator",
                interval: EVALUATION.to_string(),
                rules: [
                    recording::rules(&instance),
                    burn_rate::rules(&instance),
                    symptoms::rules(&instance),
                    upstream::rules(&instance),
                    sinks::rules(&instance),
                ]
                .concat(),
            }],
        },
    })
}

/// What all rules of one instance share.
struct Instance<'a> {
    locator: &'a ValidatedLocator,
    alerting: &'a Alerting,
}

/// How loud an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// Wakes someone.
    Critical,
    /// Becomes a ticket.
    Warning,
    /// Goes to nobody.
    None,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::None => "none",
        }
    }
}

/// An alert before it has the instance's labels and links.
struct Alert {
    name: &'static str,
    level: Level,
    /// One sentence that is the same whenever the alert fires.
    summary: &'static str,
    /// What goes after the instance's name: specific, with the value filled in when it fires.
    description: String,
    expr: String,
    hold: Option<&'static str>,
    keep_firing_for: Option<&'static str>,
    /// The window a burn rate was measured over: tells rules of one name apart.
    window: Option<String>,
}

impl Alert {
    fn new(name: &'static str, level: Level, summary: &'static str) -> Self {
        Self {
            name,
            level,
            summary,
            description: String::new(),
            expr: String::new(),
            hold: None,
            keep_firing_for: None,
            window: None,
        }
    }

    fn when(self, expr: String) -> Self {
        Self { expr, ..self }
    }

    fn describe(self, description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            ..self
        }
    }

    /// Fires once it has been so for this long.
    fn hold(self, time: &'static str) -> Self {
        Self {
            hold: Some(time),
            ..self
        }
    }

    /// Goes on this long after it is over: with few calls, a window without any would end the alert and the next call
    /// begin it again.
    fn linger(self, time: &'static str) -> Self {
        Self {
            keep_firing_for: Some(time),
            ..self
        }
    }

    fn over(self, window: String) -> Self {
        Self {
            window: Some(window),
            ..self
        }
    }
}

impl Instance<'_> {
    /// The series of this instance, narrowed by further `matchers`.
    fn series(&self, metric: &str, matchers: &str) -> String {
        let ValidatedLocator {
            name, namespace, ..
        } = self.locator;
        let further = if matchers.is_empty() { "" } else { "," };
        format!(r#"{metric}{{namespace="{namespace}",icelocator="{name}"{further}{matchers}}}"#)
    }

    fn labels(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("namespace", self.locator.namespace.clone()),
            ("icelocator", self.locator.name.clone()),
        ])
    }

    fn record(&self, record: &'static str, expr: String) -> Rule {
        Rule::Recording {
            record,
            expr,
            labels: self.labels(),
        }
    }

    fn alert(&self, alert: Alert) -> Rule {
        let ValidatedLocator {
            name, namespace, ..
        } = self.locator;
        let mut labels = self.labels();
        labels.insert("severity", alert.level.as_str().to_owned());
        if let Some(window) = alert.window {
            labels.insert("window", window);
        }
        let runbooks = self
            .alerting
            .runbook_base_url
            .as_ref()
            .map_or(DEFAULT_RUNBOOK_BASE_URL, HttpUrl::as_str)
            .trim_end_matches('/');
        let mut annotations = BTreeMap::from([
            ("summary", alert.summary.to_owned()),
            (
                "description",
                format!("IceLocator {namespace}/{name}: {}", alert.description),
            ),
            ("runbook_url", format!("{runbooks}/{}.md", alert.name)),
        ]);
        if let Some(url) = dashboards::overview_url(self.locator) {
            annotations.insert("dashboard_url", url);
        }
        Rule::Alerting {
            alert: alert.name,
            expr: alert.expr,
            hold: alert.hold,
            keep_firing_for: alert.keep_firing_for,
            labels,
            annotations,
        }
    }

    /// The shortest window whose rates can be trusted, `at_least` as long: four scrapes.
    fn window(&self, at_least: Duration) -> Span {
        let scrape = self
            .locator
            .service_monitor
            .as_ref()
            .map_or(Duration::ZERO, |monitor| monitor.interval.get());
        Span(at_least.max(scrape * 4))
    }

    /// What a sudden fault is seen in.
    fn soon(&self) -> Span {
        self.window(Duration::from_mins(2))
    }

    /// What a lasting fault is seen in.
    fn lately(&self) -> Span {
        self.window(Duration::from_mins(5))
    }
}

/// A span of whole seconds, written as `PromQL` wants it, in the largest unit that divides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (unit, length) = [("d", 86_400), ("h", 3_600), ("m", 60)]
            .into_iter()
            .find(|(_, length)| seconds >= *length && seconds.is_multiple_of(*length))
            .unwrap_or(("s", 1));
        write!(f, "{}{unit}", seconds / length)
    }
}

/// A number in `PromQL` and in prose, without what floating point adds at its end.
pub(super) fn number(value: f64) -> String {
    let fixed = format!("{value:.6}");
    fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A ratio in prose.
fn percent(ratio: f64) -> String {
    format!("{}%", number(ratio * 100.0))
}

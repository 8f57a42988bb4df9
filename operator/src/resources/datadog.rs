//! For Datadog's own operator: one `DatadogDashboard` and a `DatadogMonitor` for each critical alert, over the metrics that
//! the server sends to the intake. Those have the names of the catalogue there, and the unified tags of the resource.

#[cfg(test)]
mod tests;

use icelocator_config::HttpUrl;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::{Value, json};

use super::prometheus_rule::{
    CHANGED_RATIO, DEFAULT_RUNBOOK_BASE_URL, FAILED_OUTCOMES, UNAVAILABLE_RATIO, budget_burnt,
    number,
};
use crate::controller::validate::{Component, Datadog, Objectives, ValidatedLocator};

const API_VERSION: &str = "datadoghq.com/v1alpha1";
/// Datadog's operator adds it to every monitor that lacks it; so it is there from the start, and nobody has to be put right.
const GENERATED: &str = "generated:kubernetes";

/// The Datadog operator's kind, as far as it is used here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatadogDashboard {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: ObjectMeta,
    pub spec: DatadogDashboardSpec,
}

/// What is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatadogDashboardSpec {
    pub title: String,
    pub description: &'static str,
    pub layout_type: &'static str,
    pub reflow_type: &'static str,
    /// JSON, as Datadog's API takes it.
    pub widgets: String,
}

/// The Datadog operator's kind, as far as it is used here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatadogMonitor {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: ObjectMeta,
    pub spec: DatadogMonitorSpec,
}

/// What alerts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatadogMonitorSpec {
    pub name: String,
    #[serde(rename = "type")]
    pub type_: &'static str,
    pub query: String,
    pub message: String,
    pub priority: u8,
    pub tags: Vec<String>,
    pub options: MonitorOptions,
}

/// When it alerts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MonitorOptions {
    pub thresholds: MonitorThresholds,
    /// Sums over few calls are no less true for it.
    pub require_full_window: bool,
    pub notify_no_data: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_data_timeframe: Option<u32>,
}

/// The value of the query, as Datadog's operator wants it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonitorThresholds {
    pub critical: String,
}

/// Which series are this server's.
struct Series {
    tags: Vec<String>,
}

impl Series {
    fn of(Datadog { service, env }: &Datadog) -> Self {
        let env = env.as_deref().map(|env| format!("env:{}", tag(env)));
        Self {
            tags: [format!("service:{}", tag(service))]
                .into_iter()
                .chain(env)
                .collect(),
        }
    }

    fn scope(&self, further: &str) -> String {
        let all = self.tags.iter().map(String::as_str);
        let further = (!further.is_empty()).then_some(further);
        all.chain(further).collect::<Vec<_>>().join(" AND ")
    }

    /// How much a counter grew, by some of its labels.
    fn count(&self, metric: &str, further: &str, by: &str) -> String {
        let by = if by.is_empty() {
            String::new()
        } else {
            format!(" by {{{by}}}")
        };
        format!("sum:{metric}{{{}}}{by}.as_count()", self.scope(further))
    }
}

/// A tag's value as Datadog keeps it.
fn tag(value: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || "_-:./".contains(c);
    let value = value.to_lowercase();
    value
        .chars()
        .map(|c| if kept(c) { c } else { '_' })
        .collect()
}

fn title(locator: &ValidatedLocator) -> String {
    format!("IceLocator {}/{}", locator.namespace, locator.name)
}

/// Builds the dashboard; `None` where nothing is made for Datadog.
pub fn dashboard(locator: &ValidatedLocator) -> Option<DatadogDashboard> {
    let series = Series::of(locator.datadog.as_ref()?);
    Some(DatadogDashboard {
        api_version: API_VERSION,
        kind: "DatadogDashboard",
        metadata: locator.object_meta(&locator.name, Component::Monitoring),
        spec: DatadogDashboardSpec {
            title: title(locator),
            description: "Made by the IceLocator operator: what is changed here is put back.",
            layout_type: "ordered",
            reflow_type: "auto",
            widgets: Value::from(widgets(&series)).to_string(),
        },
    })
}

fn widgets(series: &Series) -> Vec<Value> {
    let counted = |title: &str, metric: &str, by: &str| {
        timeseries(title, "query1", &[series.count(metric, "", by)])
    };
    let average = |title: &str, metric: &str, by: &str| {
        let parts = ["sum", "count"].map(|part| series.count(&format!("{metric}.{part}"), "", by));
        timeseries(title, "query1 / query2", &parts)
    };
    let lookups =
        ["result:hit", ""].map(|result| series.count("icelocator.cache.lookups", result, ""));
    vec![
        counted("Searches by tool", "icelocator.searches", "tool"),
        counted("Searches by outcome", "icelocator.searches", "outcome"),
        average(
            "Seconds a search takes, on average",
            "icelocator.search.duration",
            "tool",
        ),
        average(
            "Seconds an MCP request takes, on average",
            "mcp.server.operation.duration",
            "mcp.method.name",
        ),
        counted(
            "Requests to the site by result",
            "icelocator.upstream.requests",
            "result",
        ),
        average(
            "Seconds a request to the site takes, on average",
            "icelocator.upstream.request.duration",
            "result",
        ),
        timeseries(
            "Share of lookups answered from the cache",
            "query1 / query2",
            &lookups,
        ),
        counted(
            "What became of what was to be sent, by sink",
            "icelocator.sink.items",
            "sink,result",
        ),
        counted(
            "Items held back because something in them identified a person",
            "icelocator.privacy.blocked",
            "sink,kind",
        ),
    ]
}

fn timeseries(title: &str, formula: &str, queries: &[String]) -> Value {
    let queries: Vec<Value> = queries
        .iter()
        .enumerate()
        .map(|(number, query)| {
            let name = format!("query{}", number + 1);
            json!({"name": name, "data_source": "metrics", "query": query})
        })
        .collect();
    json!({"definition": {
        "title": title,
        "type": "timeseries",
        "show_legend": true,
        "requests": [{
            "queries": queries,
            "formulas": [{"formula": formula}],
            "response_format": "timeseries",
            "display_type": "line",
        }],
    }})
}

/// An alert.
struct Alarm {
    /// What is added to the resource's name.
    name: &'static str,
    summary: &'static str,
    runbook: &'static str,
    /// All of the query but what its value is held against.
    value: String,
    relation: &'static str,
    threshold: String,
    /// Whether silence alerts too.
    silence: bool,
}

/// Builds the monitors; none where nothing is made for Datadog.
pub fn monitors(locator: &ValidatedLocator) -> Vec<DatadogMonitor> {
    let Some(series) = locator.datadog.as_ref().map(Series::of) else {
        return Vec::new();
    };
    alarms(locator, &series)
        .into_iter()
        .map(|alarm| monitor(locator, &series, alarm))
        .collect()
}

fn alarms(locator: &ValidatedLocator, series: &Series) -> Vec<Alarm> {
    let ratio = |span: &str, metric: &str, bad: &str, all: &str| {
        let [bad, all] = [bad, all].map(|further| series.count(metric, further, ""));
        format!("sum({span}):{bad} / {all}")
    };
    let failed = format!("outcome IN ({})", FAILED_OUTCOMES.replace('|', ","));
    let objectives = locator.alerting.as_ref();
    let objectives = objectives.map_or_else(Objectives::default, |a| a.objectives.clone());
    let upstream = "icelocator.upstream.requests";
    let mut alarms = vec![
        Alarm {
            name: "searches-fail",
            summary: "searches fail too often for the availability objective",
            runbook: "IceLocatorAvailabilityBurnRate",
            value: ratio(
                "last_1h",
                "icelocator.searches",
                &failed,
                "NOT outcome:invalid",
            ),
            relation: ">",
            threshold: number(budget_burnt(&objectives)),
            silence: false,
        },
        Alarm {
            name: "site-unavailable",
            summary: "the locator site does not answer",
            runbook: "IceLocatorUpstreamUnavailable",
            value: ratio("last_5m", upstream, "result IN (unavailable,timeout)", ""),
            relation: ">",
            threshold: number(UNAVAILABLE_RATIO),
            silence: false,
        },
        Alarm {
            name: "page-changed",
            summary: "the locator site has changed and cannot be read",
            runbook: "IceLocatorPageChanged",
            value: ratio("last_5m", upstream, "result:page_changed", ""),
            relation: ">",
            threshold: number(CHANGED_RATIO),
            silence: false,
        },
        Alarm {
            name: "leak-blocked",
            summary: "something that identifies a person was about to leave and was held back",
            runbook: "IceLocatorLeakBlocked",
            value: format!(
                "sum(last_15m):{}",
                series.count("icelocator.privacy.blocked", "", "")
            ),
            relation: ">",
            threshold: "0".to_owned(),
            silence: false,
        },
    ];
    // Scaled to nothing on purpose, nobody has to answer.
    if locator.replicas > 0 {
        alarms.push(Alarm {
            name: "silent",
            summary: "no pod sends metrics",
            runbook: "IceLocatorDown",
            value: format!(
                "max(last_5m):sum:icelocator.calls.limit{{{}}}",
                series.scope("")
            ),
            relation: "<",
            threshold: "1".to_owned(),
            silence: true,
        });
    }
    alarms
}

fn monitor(locator: &ValidatedLocator, series: &Series, alarm: Alarm) -> DatadogMonitor {
    let alerting = locator.alerting.as_ref();
    let runbooks = alerting
        .and_then(|alerting| alerting.runbook_base_url.as_ref())
        .map_or(DEFAULT_RUNBOOK_BASE_URL, HttpUrl::as_str)
        .trim_end_matches('/');
    let name = format!("{}: {}", title(locator), alarm.summary);
    DatadogMonitor {
        api_version: API_VERSION,
        kind: "DatadogMonitor",
        metadata: locator.object_meta(
            &format!("{}-{}", locator.name, alarm.name),
            Component::Monitoring,
        ),
        spec: DatadogMonitorSpec {
            message: format!("{name}. What to do: {runbooks}/{}.md", alarm.runbook),
            name,
            type_: "query alert",
            query: format!("{} {} {}", alarm.value, alarm.relation, alarm.threshold),
            priority: 1,
            tags: [GENERATED.to_owned()]
                .into_iter()
                .chain(series.tags.clone())
                .collect(),
            options: MonitorOptions {
                thresholds: MonitorThresholds {
                    critical: alarm.threshold,
                },
                require_full_window: false,
                notify_no_data: alarm.silence,
                no_data_timeframe: alarm.silence.then_some(10),
            },
        },
    }
}

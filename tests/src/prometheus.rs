//! Prometheus' HTTP API, as far as the tests ask it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// One series of an instant query.
#[derive(Debug, Clone, Deserialize)]
pub struct Sample {
    #[serde(rename = "metric")]
    pub labels: BTreeMap<String, String>,
    /// Unix time and the value as text.
    value: (f64, String),
}

impl Sample {
    /// The value; `NaN` where Prometheus says so.
    pub fn value(&self) -> f64 {
        self.value.1.parse().unwrap_or(f64::NAN)
    }

    /// A label's value, empty where it is not there.
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// A place that Prometheus scrapes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    pub labels: BTreeMap<String, String>,
    pub health: String,
    pub last_error: String,
    pub scrape_url: String,
}

/// An alert, pending or firing.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub state: String,
    /// When its expression became true.
    pub active_at: String,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: Option<T>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Vector {
    result: Vec<Sample>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Targets {
    active_targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Alerts {
    alerts: Vec<Alert>,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

/// A rule that Prometheus evaluates.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    pub name: String,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    pub health: String,
    #[serde(default)]
    pub last_error: String,
}

/// A client of one Prometheus.
#[derive(Clone)]
pub struct Prometheus {
    http: reqwest::Client,
    url: String,
}

impl Prometheus {
    pub fn new(http: reqwest::Client, url: String) -> Self {
        Self { http, url }
    }

    async fn get<T: for<'a> Deserialize<'a>>(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<T> {
        let url = format!("{}/api/v1/{path}", self.url);
        let response = self.http.post(&url).form(parameters);
        // Only queries may be POSTed, and only they can be too long for a URL.
        let response = if parameters.is_empty() {
            self.http.get(&url)
        } else {
            response
        };
        let envelope: Envelope<T> = response.send().await?.json().await?;
        envelope
            .data
            .with_context(|| format!("Prometheus refused {parameters:?}: {:?}", envelope.error))
    }

    /// An instant query whose result is a vector.
    pub async fn query(&self, expression: &str) -> Result<Vec<Sample>> {
        Ok(self
            .get::<Vector>("query", &[("query", expression)])
            .await?
            .result)
    }

    /// An instant query that must return exactly one series; its value.
    pub async fn value(&self, expression: &str) -> Result<f64> {
        let samples = self.query(expression).await?;
        ensure!(
            samples.len() == 1,
            "{expression} returned {} series",
            samples.len()
        );
        Ok(samples[0].value())
    }

    pub async fn targets(&self) -> Result<Vec<Target>> {
        Ok(self.get::<Targets>("targets", &[]).await?.active_targets)
    }

    pub async fn alerts(&self) -> Result<Vec<Alert>> {
        Ok(self.get::<Alerts>("alerts", &[]).await?.alerts)
    }

    pub async fn rules(&self) -> Result<Vec<Rule>> {
        let groups = self.get::<Groups>("rules", &[]).await?.groups;
        Ok(groups.into_iter().flat_map(|group| group.rules).collect())
    }
}

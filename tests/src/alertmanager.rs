//! Alertmanager's HTTP API, as far as the tests ask it.

use anyhow::Result;
use serde_json::Value;

/// A client of one Alertmanager.
#[derive(Clone)]
pub struct Alertmanager {
    http: reqwest::Client,
    url: String,
}

impl Alertmanager {
    pub fn new(http: reqwest::Client, url: String) -> Self {
        Self { http, url }
    }

    /// The names of the receivers it was configured with.
    pub async fn receivers(&self) -> Result<Vec<String>> {
        let url = format!("{}/api/v2/receivers", self.url);
        let receivers: Vec<Value> = self.http.get(url).send().await?.json().await?;
        Ok(receivers
            .iter()
            .filter_map(|receiver| receiver["name"].as_str().map(str::to_owned))
            .collect())
    }

    /// The alerts it holds, with the receivers each goes to.
    pub async fn alerts(&self) -> Result<Vec<Value>> {
        let url = format!("{}/api/v2/alerts", self.url);
        Ok(self.http.get(url).send().await?.json().await?)
    }
}

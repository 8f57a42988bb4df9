//! The stand-in site's control: faults on request.

use anyhow::Result;
use serde_json::Value;

use crate::{Case, SOON, eventually};

/// The simulator that belongs to a resource.
pub struct Simulator {
    http: reqwest::Client,
    url: String,
}

impl Simulator {
    /// The simulator of the resource `name`, through its Service.
    pub async fn of(case: &Case, name: &str) -> Result<Self> {
        let base = case.service_url(&format!("{name}-simulator"), 8080).await?;
        Ok(Self {
            http: case.world.http.clone(),
            url: format!("{base}/-/faults"),
        })
    }

    /// Sets the faults to those given; `{}` is none.
    pub async fn set(&self, faults: &Value) -> Result<()> {
        // The node's rules follow a moment after the pod is ready.
        eventually(SOON, "the simulator takes faults", || async {
            self.http
                .put(&self.url)
                .json(faults)
                .send()
                .await?
                .error_for_status()?;
            Ok(())
        })
        .await
    }
}

//! Measurements of the operating system: process and container.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{Check, FieldError, FieldPath};
use crate::schema::yes;
use crate::{Bounds, Duration};

const INTERVAL: Bounds = Bounds::new(Duration::from_secs(1), Duration::from_mins(5));

/// Measurements of process and container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Os {
    /// Whether they are taken.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// How often: 1s to 5m.
    #[serde(default = "default_interval")]
    #[schemars(extend("x-kubernetes-validations" = INTERVAL.rules()))]
    pub interval: Duration,
}

fn default_interval() -> Duration {
    Duration::from_secs(10)
}

impl Check for Os {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        INTERVAL.check(self.interval, &at.field("interval"), errors);
    }
}

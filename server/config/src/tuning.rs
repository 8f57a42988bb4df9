//! Settings that the server may change by itself, and how far.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::check::{Check, FieldError, FieldPath, within};
use crate::schema::rule;
use crate::{Bounds, Duration};

const SPAN: Bounds = Bounds::new(Duration::from_secs(0), Duration::from_days(1));
const MAX_CONCURRENCY: u32 = 1_000;
const ORDER: &str = "min must not exceed max";

/// Settings that the server may change by itself, and how far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tuning {
    /// Whether anything is changed.
    #[serde(default)]
    pub enabled: bool,
    /// Lookups worked on at once in one pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<IntegerRange>,
    /// Least time between two requests to the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_interval: Option<DurationRange>,
    /// How long an answer is reused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_ttl: Option<DurationRange>,
}

/// From `min` to `max`, both included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([rule("self.min <= self.max", ORDER, ".min")])))]
pub struct IntegerRange {
    /// The least.
    #[schemars(range(min = 1, max = MAX_CONCURRENCY))]
    pub min: u32,
    /// The most.
    #[schemars(range(min = 1, max = MAX_CONCURRENCY))]
    pub max: u32,
}

/// From `min` to `max`, both included: 0s to 1d.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DurationRange {
    /// The least.
    #[schemars(extend("x-kubernetes-validations" = SPAN.rules()))]
    pub min: Duration,
    /// The most.
    #[schemars(extend("x-kubernetes-validations" = SPAN.rules()))]
    pub max: Duration,
}

impl Check for Tuning {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        if let Some(range) = &self.concurrency {
            let at = at.field("concurrency");
            within(&range.min, &1, &MAX_CONCURRENCY, &at.field("min"), errors);
            within(&range.max, &1, &MAX_CONCURRENCY, &at.field("max"), errors);
            if range.min > range.max {
                errors.push(at.field("min").error(ORDER));
            }
        }
        for (name, range) in [
            ("minInterval", &self.min_interval),
            ("cacheTtl", &self.cache_ttl),
        ] {
            if let Some(range) = range {
                let at = at.field(name);
                SPAN.check(range.min, &at.field("min"), errors);
                SPAN.check(range.max, &at.field("max"), errors);
                if range.min > range.max {
                    errors.push(at.field("min").error(ORDER));
                }
            }
        }
    }
}

//! How much is taken at once, and from whom.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{Check, FieldError, FieldPath, within};
use crate::tools::TOOLS;

const MAX_IN_FLIGHT: u32 = 10_000;
const MAX_REQUESTS: u32 = 60_000;

/// How much is taken at once, and from whom. Rates hold for all replicas together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// For each caller by itself. Callers who do not say who they are (`auth.anonymous`) are one caller together: what tells
    /// them apart they could make up.
    // None, said as null, is for a server on somebody's own machine. A cluster takes null for left out.
    #[serde(default = "default_per_caller")]
    pub per_caller: Option<CallerLimit>,
    /// For each tool by its name, all callers together.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 32))]
    pub per_tool: BTreeMap<String, ToolLimit>,
    /// Most calls worked on at once in one pod; more are told to come back. A caller who says who they are has at most half of
    /// them. What is over in a moment, such as a ping or a list, finds a place beside them.
    #[serde(default = "default_max_in_flight")]
    #[schemars(range(min = 1, max = MAX_IN_FLIGHT))]
    pub max_in_flight: u32,
}

/// What one caller may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallerLimit {
    /// Most calls of tools a minute. A call that makes several searches counts as so many; what is no call of a tool counts
    /// as a tenth.
    #[schemars(range(min = 1, max = MAX_REQUESTS))]
    pub requests_per_minute: u32,
    /// Calls that may come at once before the rate holds. A single call that makes more searches is let through, and paid for
    /// by a longer wait before the next.
    #[serde(default = "default_burst")]
    #[schemars(range(min = 1, max = MAX_IN_FLIGHT))]
    pub burst: u32,
}

/// What may be asked of one tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ToolLimit {
    /// Most calls a minute; as many as belong to ten seconds may come at once.
    #[schemars(range(min = 1, max = MAX_REQUESTS))]
    pub requests_per_minute: u32,
}

#[expect(clippy::unnecessary_wraps, reason = "the field's type")]
fn default_per_caller() -> Option<CallerLimit> {
    Some(CallerLimit {
        requests_per_minute: 60,
        burst: 20,
    })
}

fn default_max_in_flight() -> u32 {
    64
}

fn default_burst() -> u32 {
    10
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_caller: default_per_caller(),
            per_tool: BTreeMap::new(),
            max_in_flight: default_max_in_flight(),
        }
    }
}

impl Check for Limits {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        within(
            &self.max_in_flight,
            &1,
            &MAX_IN_FLIGHT,
            &at.field("maxInFlight"),
            errors,
        );
        if let Some(limit) = &self.per_caller {
            let at = at.field("perCaller");
            within(
                &limit.requests_per_minute,
                &1,
                &MAX_REQUESTS,
                &at.field("requestsPerMinute"),
                errors,
            );
            within(&limit.burst, &1, &MAX_IN_FLIGHT, &at.field("burst"), errors);
        }
        for (tool, limit) in &self.per_tool {
            let at = at.field("perTool").key(tool);
            if !TOOLS.contains(&tool.as_str()) {
                let tools = TOOLS.join(", ");
                errors.push(at.error(format!("there is no such tool; there are {tools}")));
            }
            let at = at.field("requestsPerMinute");
            within(&limit.requests_per_minute, &1, &MAX_REQUESTS, &at, errors);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_have_a_limit_where_nothing_is_said_of_it() {
        let read = |limits: &str| serde_saphyr::from_str::<Limits>(limits).unwrap();
        for silent in ["{}", "{maxInFlight: 64}"] {
            assert_eq!(read(silent), Limits::default());
        }
        let limit = Limits::default().per_caller.unwrap();
        assert_eq!((limit.requests_per_minute, limit.burst), (60, 20));
        let none = read("{perCaller: null}");
        assert_eq!(none.per_caller, None);
        // What was said is still there when it is written and read again.
        assert_eq!(read(&serde_json::to_string(&none).unwrap()), none);
    }

    #[test]
    fn a_tool_that_there_is_not_is_told_with_those_that_there_are() {
        let wrong = |tool: &str| {
            let limit = ToolLimit {
                requests_per_minute: 1,
            };
            let limits = Limits {
                per_tool: [(tool.to_owned(), limit)].into(),
                ..Limits::default()
            };
            let mut errors = Vec::new();
            limits.check(&FieldPath::root().field("limits"), &mut errors);
            errors.first().map(ToString::to_string)
        };
        assert_eq!(wrong(TOOLS[0]), None);
        let error = wrong("search").unwrap();
        assert!(
            error.starts_with("limits.perTool[search]: ") && error.contains(TOOLS[0]),
            "{error}"
        );
    }
}

//! What is done about callers who abuse the service.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is done about callers who abuse the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Guard {
    /// Name lists and ranges of numbers.
    #[serde(default = "slow")]
    pub enumeration: GuardAction,
    /// Calls faster than any person's.
    #[serde(default = "slow")]
    pub speed: GuardAction,
    /// Tokens tried one after another.
    #[serde(default = "refuse")]
    pub credential_guessing: GuardAction,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum GuardAction {
    /// Count and alert only.
    Watch,
    /// Answer late.
    Slow,
    /// Refuse.
    Refuse,
}

fn slow() -> GuardAction {
    GuardAction::Slow
}

fn refuse() -> GuardAction {
    GuardAction::Refuse
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            enumeration: slow(),
            speed: slow(),
            credential_guessing: refuse(),
        }
    }
}

//! CPU profiles on demand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// CPU profiles on demand, on the admin port only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Profiling {
    /// Whether profiles may be taken.
    #[serde(default)]
    pub enabled: bool,
}

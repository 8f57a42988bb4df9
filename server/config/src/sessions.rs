//! Recording of sessions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::check::{Check, FieldError, FieldPath};
use crate::schema::rule;
use crate::{Bounds, Duration, SecretRef};

const RETENTION: Bounds = Bounds::new(Duration::from_hours(1), Duration::from_days(365));
const NEEDS_KEYS: &str =
    "full recordings are encrypted: name the Secret with their keys in keyringSecretRef";

/// Recording of sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([rule(
    "self.recording != 'full' || has(self.keyringSecretRef)",
    NEEDS_KEYS,
    ".keyringSecretRef",
)])))]
pub struct Sessions {
    /// What is recorded: none, metadata, or full (encrypted).
    #[serde(default)]
    pub recording: Recording,
    /// How long recordings are kept: 1h to 365d.
    #[serde(default = "default_retention")]
    #[schemars(extend("x-kubernetes-validations" = RETENTION.rules()))]
    pub retention: Duration,
    /// The Secret with the keys: each key of the Secret is a key's id; the newest is used, all can read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyring_secret_ref: Option<SecretRef>,
}

/// What is recorded. Not called `off`, which YAML reads as `false`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Recording {
    /// Nothing.
    #[default]
    None,
    /// Tools, outcomes and times; no values.
    Metadata,
    /// Requests and answers as well, encrypted with keys that can be destroyed.
    Full,
}

fn default_retention() -> Duration {
    Duration::from_days(30)
}

impl Check for Sessions {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        RETENTION.check(self.retention, &at.field("retention"), errors);
        if self.recording == Recording::Full && self.keyring_secret_ref.is_none() {
            errors.push(at.field("keyringSecretRef").error(NEEDS_KEYS));
        }
    }
}

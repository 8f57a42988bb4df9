//! What is hidden, for how long anything is kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{Check, FieldError, FieldPath};
use crate::schema::yes;
use crate::{Bounds, Duration, SecretRef};

const RETENTION: Bounds = Bounds::new(Duration::from_days(1), Duration::from_days(3650));

/// What is hidden, and how long anything is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Privacy {
    /// Whether free text is redacted and kept; false drops free text, it is never sent as it is.
    #[serde(default = "yes")]
    pub redaction: bool,
    /// The Secret with the keys that pseudonyms are made with; the last by name is used. Left out: pseudonyms last as long as a pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonym_keyring_secret_ref: Option<SecretRef>,
    /// How long anything stored is kept: 1d to 3650d.
    #[serde(default = "default_retention")]
    #[schemars(extend("x-kubernetes-validations" = RETENTION.rules()))]
    pub retention: Duration,
}

fn default_retention() -> Duration {
    Duration::from_days(90)
}

impl Default for Privacy {
    fn default() -> Self {
        Self {
            redaction: true,
            pseudonym_keyring_secret_ref: None,
            retention: default_retention(),
        }
    }
}

impl Check for Privacy {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        RETENTION.check(self.retention, &at.field("retention"), errors);
    }
}

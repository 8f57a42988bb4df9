//! Product analytics: one redacted event for each call, to AgentCat (formerly MCPcat).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::check::{Check, FieldError, FieldPath};
use crate::schema::{rule, yes};
use crate::{HttpUrl, SecretKeyRef};

const NEEDS_PROJECT: &str =
    "analytics needs projectIdSecretRef; write enabled: false to switch it off";

/// Product analytics: one redacted event for each call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([rule(
    "!self.enabled || has(self.projectIdSecretRef)",
    NEEDS_PROJECT,
    ".projectIdSecretRef",
)])))]
pub struct Analytics {
    /// Whether events are sent.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The Secret's key that holds the project's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id_secret_ref: Option<SecretKeyRef>,
    /// Where events are sent; left out: the service's own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<HttpUrl>,
    /// Whether tools get a further parameter, `context`, in which a model says why it calls. It is redacted like all free
    /// text, and dropped where free text is.
    #[serde(default)]
    pub capture_intent: bool,
    /// Whether tools get a further parameter, `session_id`, for clients without sessions: the first call of a task is issued
    /// one, later ones repeat it.
    #[serde(default)]
    pub issue_sessions: bool,
}

impl Check for Analytics {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        if self.enabled && self.project_id_secret_ref.is_none() {
            errors.push(at.field("projectIdSecretRef").error(NEEDS_PROJECT));
        }
    }
}

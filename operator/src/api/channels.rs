//! Where notifications go. What is secret stays in Secrets of the resource's namespace.

use icelocator_config::{HttpUrl, SecretKeyRef, rule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::yes;

// Alertmanager reads addresses and channels as templates: no braces.
const ADDRESS: &str = r"^[^@\s{}]+@[^@\s{}]+$";

/// A named place where notifications go: exactly one of PagerDuty, Slack, e-mail and webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([rule(
    "[has(self.pagerduty), has(self.slack), has(self.email), has(self.webhook)].filter(kind, kind).size() == 1",
    "a channel is exactly one of pagerduty, slack, email and webhook",
    "",
)])))]
pub struct Channel {
    /// Its name, for routes and escalation.
    #[schemars(
        length(min = 1, max = 40),
        regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
    )]
    pub name: String,
    /// PagerDuty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagerduty: Option<Pagerduty>,
    /// Slack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slack: Option<Slack>,
    /// E-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// A webhook of one's own, in Alertmanager's form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
}

/// PagerDuty, Events API v2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pagerduty {
    /// The Secret's key that holds the integration's routing key.
    pub routing_key_secret_ref: SecretKeyRef,
    /// Where events are sent; left out: PagerDuty's own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<HttpUrl>,
}

/// Slack, incoming webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Slack {
    /// The Secret's key that holds the webhook's address.
    pub webhook_secret_ref: SecretKeyRef,
    /// The channel, such as `#icelocator`; left out: the webhook's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 80), regex(pattern = r"^[^\s{}]+$"))]
    pub channel: Option<String>,
}

/// E-mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Email {
    /// Who gets it.
    #[schemars(length(min = 1, max = 20), inner(length(min = 3, max = 254), regex(pattern = ADDRESS)))]
    pub to: Vec<String>,
    /// The sender.
    #[schemars(length(min = 3, max = 254), regex(pattern = ADDRESS))]
    pub from: String,
    /// The mail server, as host:port.
    #[schemars(
        length(min = 3, max = 260),
        regex(pattern = r"^[A-Za-z0-9.\[\]:-]+:[0-9]{1,5}$")
    )]
    pub smarthost: String,
    /// Whether mail is sent only over an encrypted connection.
    #[serde(default = "yes", rename = "requireTLS")]
    pub require_tls: bool,
    /// How the mail server knows the sender; left out: it need not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<EmailAuth>,
}

/// How the mail server knows the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmailAuth {
    /// The user name.
    #[schemars(length(min = 1, max = 254))]
    pub username: String,
    /// The Secret's key that holds the password.
    pub password_secret_ref: SecretKeyRef,
}

/// A webhook of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// The Secret's key that holds the address.
    pub url_secret_ref: SecretKeyRef,
}

//! Where measurements and traces are sent, beside the metrics that Prometheus collects.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{Check, FieldError, FieldPath};
use crate::schema::yes;
use crate::{HttpUrl, Ratio, SecretKeyRef, SecretRef};

/// Where measurements and traces are sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Telemetry {
    /// OpenTelemetry: traces, metrics and logs to a collector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otlp: Option<Otlp>,
    /// Datadog: events, logs and metrics to its intake, traces to its Agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datadog: Option<Datadog>,
    /// Sentry: errors, performance and release health.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentry: Option<Sentry>,
}

impl Check for Telemetry {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        self.otlp.check(&at.field("otlp"), errors);
        self.datadog.check(&at.field("datadog"), errors);
        self.sentry.check(&at.field("sentry"), errors);
    }
}

/// Adds an error where anyone on the way to `url` could read `what`, which is secret.
fn not_in_the_clear(url: &HttpUrl, what: &str, at: &FieldPath, errors: &mut Vec<FieldError>) {
    if !url.is_confidential() {
        errors.push(at.error(format!(
            "{what} would be sent in the clear: write an https address, or one within this machine or this cluster, such as http://NAME.NAMESPACE.svc"
        )));
    }
}

/// OpenTelemetry: traces, metrics and logs to a collector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Otlp {
    /// Address of the collector, such as `http://collector.observability.svc:4317`; with headers, by https or within the
    /// cluster.
    pub endpoint: HttpUrl,
    /// How the collector is spoken to: grpc (usually port 4317) or http (usually port 4318).
    #[serde(default)]
    pub protocol: OtlpProtocol,
    /// The Secret whose keys are sent as headers. Until it can be used nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers_secret_ref: Option<SecretRef>,
    /// Share of traces that are sent; those with errors are always sent.
    #[serde(default = "all")]
    pub trace_sampling: Ratio,
    /// Whether what is logged is sent, too.
    #[serde(default = "yes")]
    pub logs: bool,
}

impl Check for Otlp {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        if self.headers_secret_ref.is_some() {
            let what = "what headersSecretRef names";
            not_in_the_clear(&self.endpoint, what, &at.field("endpoint"), errors);
        }
    }
}

/// How the collector is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OtlpProtocol {
    /// gRPC.
    #[default]
    Grpc,
    /// Protobuf over HTTP.
    Http,
}

fn all() -> Ratio {
    Ratio::ONE
}

/// Datadog: events, logs and metrics to its intake, traces to its Agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Datadog {
    /// Whether anything is sent to Datadog.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The Secret's key that holds the API key.
    pub api_key_secret_ref: SecretKeyRef,
    /// The Agent that takes traces; left out: no traces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<DatadogAgent>,
    /// Datadog's site.
    #[serde(default = "default_site")]
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[a-z0-9.-]+$"))]
    pub site: String,
    /// What takes events and metrics in Datadog's place, by https or within the cluster; left out:
    /// `https://http-intake.logs.{site}` and `https://api.{site}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intake_url: Option<HttpUrl>,
    /// The unified service tag `service`.
    #[serde(default = "default_service")]
    #[schemars(length(min = 1, max = 100))]
    pub service: String,
    /// The unified service tag `env`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub env: Option<String>,
    /// Further tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 32), inner(length(max = 200)))]
    pub tags: BTreeMap<String, String>,
    /// Whether dashboards and monitors are made as resources of the Datadog operator, where its API exists.
    #[serde(default)]
    pub resources: bool,
}

impl Check for Datadog {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        if let Some(url) = &self.intake_url {
            not_in_the_clear(url, "the API key", &at.field("intakeUrl"), errors);
        }
    }
}

/// The Datadog Agent that takes traces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatadogAgent {
    /// Its address for OTLP over HTTP, such as `http://datadog-agent.datadog:4318`.
    pub endpoint: HttpUrl,
    /// Share of traces that are sent to it; those with errors are always sent. What goes to a collector does not depend on it.
    #[serde(default = "all")]
    pub trace_sampling: Ratio,
}

fn default_site() -> String {
    "datadoghq.com".to_owned()
}

fn default_service() -> String {
    "icelocator".to_owned()
}

/// Sentry: errors, performance and release health.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sentry {
    /// Whether anything is sent to Sentry.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The Secret's key that holds the DSN.
    pub dsn_secret_ref: SecretKeyRef,
    /// The environment that events name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub environment: Option<String>,
    /// Share of calls whose performance is sent.
    #[serde(default = "none")]
    pub traces_sample_rate: Ratio,
    /// Share of those calls of which a CPU profile is sent too.
    #[serde(default = "none")]
    pub profiles_sample_rate: Ratio,
    /// Announces a deployment when a rollout completes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deploys: Option<SentryDeploys>,
}

/// Where deployments are announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SentryDeploys {
    /// Sentry's address.
    #[serde(default = "default_sentry")]
    pub url: HttpUrl,
    /// The organisation's slug.
    #[schemars(length(min = 1, max = 64))]
    pub org: String,
    /// The project's slug.
    #[schemars(length(min = 1, max = 64))]
    pub project: String,
    /// The Secret's key that holds a token which may create releases.
    pub token_secret_ref: SecretKeyRef,
}

fn none() -> Ratio {
    Ratio::per_mille(0)
}

fn default_sentry() -> HttpUrl {
    HttpUrl::constant("https://sentry.io")
}

impl Check for Sentry {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        if let Some(deploys) = &self.deploys {
            let at = at.field("deploys").field("url");
            not_in_the_clear(&deploys.url, "the token", &at, errors);
        }
    }
}

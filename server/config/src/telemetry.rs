//! Where measurements and traces are sent, beside the metrics that Prometheus collects.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::yes;
use crate::{HttpUrl, Ratio, SecretKeyRef, SecretRef};

/// OpenTelemetry: traces and metrics to a collector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Otlp {
    /// Address of the collector, such as `http://collector.observability:4317`.
    pub endpoint: HttpUrl,
    /// How the collector is spoken to: grpc (usually port 4317) or http (usually port 4318).
    #[serde(default)]
    pub protocol: OtlpProtocol,
    /// The Secret whose keys are sent as headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers_secret_ref: Option<SecretRef>,
    /// Share of traces that are sent; those with errors are always sent.
    #[serde(default = "all")]
    pub trace_sampling: Ratio,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// The Datadog Agent that takes traces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatadogAgent {
    /// Its address for OTLP over HTTP.
    pub endpoint: HttpUrl,
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

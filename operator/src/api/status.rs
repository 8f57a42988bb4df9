//! What the operator answers.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The types of the conditions, in the order in which a resource passes them.
pub mod condition {
    /// The resource makes sense and everything in it can be honoured.
    pub const ACCEPTED: &str = "Accepted";
    /// The Secrets and ConfigMaps that the resource names exist.
    pub const RESOLVED_REFS: &str = "ResolvedRefs";
    /// Enough pods are ready.
    pub const AVAILABLE: &str = "Available";
    /// An MCP client got an answer through the Service.
    pub const VERIFIED: &str = "Verified";
    /// Everything that watches the server is delivered.
    pub const MONITORING_READY: &str = "MonitoringReady";
    /// All of the above that concern the server itself.
    pub const READY: &str = "Ready";
    /// A child's name is taken by an object that someone else owns; present only then.
    pub const CONFLICT: &str = "Conflict";
}

/// What the operator answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IceLocatorStatus {
    /// The generation of the resource that this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The state in a word, for people; programs read the conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// How many pods there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// How many of them are ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_replicas: Option<i32>,
    /// The pods' labels, for the scale subresource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub selector: Option<String>,
    /// Where MCP clients connect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub url: Option<String>,
    /// What the server says it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerStatus>,
    /// What watches the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitoring: Option<MonitoringStatus>,
    /// What is true and what is not, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"])
    )]
    pub conditions: Vec<Condition>,
}

/// The state in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Phase {
    /// An MCP client gets an answer.
    Ready,
    /// On its way there.
    Progressing,
    /// It was ready, or should be by now, and is not.
    Degraded,
    /// The resource makes no sense or cannot be honoured.
    Invalid,
    /// Scaled to nothing, as asked.
    Suspended,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 5] = [
        Self::Ready,
        Self::Progressing,
        Self::Degraded,
        Self::Invalid,
        Self::Suspended,
    ];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Progressing => "Progressing",
            Self::Degraded => "Degraded",
            Self::Invalid => "Invalid",
            Self::Suspended => "Suspended",
        }
    }
}

/// What the server says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerStatus {
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub version: Option<String>,
    /// The versions of the protocol that it speaks, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(max = 32)))]
    pub protocol_versions: Vec<String>,
}

/// What watches the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MonitoringStatus {
    /// Name of the ServiceMonitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub service_monitor: Option<String>,
    /// How many rules there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<i32>,
    /// How many dashboards there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dashboards: Option<i32>,
    /// How many routes there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routes: Option<i32>,
    /// The deploy that Sentry was told of last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deploy: Option<DeployStatus>,
}

/// A deploy that Sentry was told of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeployStatus {
    /// The release.
    #[serde(default)]
    #[schemars(length(max = 256))]
    pub release: String,
    /// Digest of the pods' template: another one is another deploy.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub template: String,
}

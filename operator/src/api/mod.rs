//! The `IceLocator` resource: what a person writes (spec) and what the operator answers (status); one file a section.
//!
//! Sections that the server reads are types of `icelocator-config`, embedded here. Bounds and rules stand in the schema,
//! so that the API server refuses mistakes at `kubectl apply`; [`crate::controller::validate`] checks once more what the
//! schema cannot say or an older schema let through.

pub(crate) mod alerting;
mod channels;
mod crd;
mod dashboards;
mod exposure;
pub(crate) mod monitoring;
mod network_policy;
mod pod;
mod references;
mod reserved;
pub(crate) mod scaling;
mod status;
mod storage;
#[cfg(test)]
mod tests;

use icelocator_config::{Auth, Guard, Http, Limits, Locator, SecretRef, Texts, rule};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use alerting::{
    Alerting, AnomalyDetection, AnomalySensitivity, EscalationStep, LatencyObjective, Objectives,
    Routes, Severity, Thresholds,
};
pub use channels::{Channel, Email, EmailAuth, Pagerduty, Slack, Webhook};
pub use crd::{CrdError, MAX_NAME_LENGTH, MAX_TEXT, crd, crd_yaml};
pub use dashboards::{DashboardDelivery, DashboardSet, Dashboards, Datasource, InstanceSelector};
pub use exposure::{Exposure, HttpRoute, Ingress, ParentRef, Service, ServiceType};
pub use monitoring::{Metrics, Monitoring, ServiceMonitor};
pub use network_policy::NetworkPolicy;
pub use pod::{CaBundle, Pod};
pub use references::{Reference, ReferenceKind, references};
pub(crate) use reserved::{RESERVED, is_reserved};
pub use scaling::{Autoscaling, Rollout};
pub use status::{
    DeployStatus, IceLocatorStatus, MonitoringStatus, Phase, ServerStatus, condition,
};
pub use storage::{Postgres, Sqlite, Storage, WhenDeleted};

/// Most replicas of one resource.
pub const MAX_REPLICAS: i32 = 100;

/// An IceLocator MCP server and everything it needs to run and to be watched.
#[expect(
    clippy::duplicated_attributes,
    reason = "each column has a type of its own"
)]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "icelocator.dev",
    version = "v1alpha1",
    kind = "IceLocator",
    plural = "icelocators",
    shortname = "icl",
    category = "icelocator",
    namespaced,
    derive = "PartialEq",
    status = "IceLocatorStatus",
    doc = "An IceLocator MCP server and everything it needs to run and to be watched.",
    scale(
        spec_replicas_path = ".spec.replicas",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#,
        description = "Whether an MCP client gets an answer."
    ),
    printcolumn(
        name = "Phase",
        type_ = "string",
        json_path = ".status.phase",
        description = "The state, for people."
    ),
    printcolumn(
        name = "Replicas",
        type_ = "integer",
        json_path = ".status.readyReplicas",
        description = "Pods that are ready."
    ),
    printcolumn(
        name = "URL",
        type_ = "string",
        json_path = ".status.url",
        description = "Where MCP clients connect."
    ),
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        priority = 1,
        json_path = r#".status.conditions[?(@.type=="Ready")].reason"#,
        description = "Why it is ready or not."
    ),
    printcolumn(
        name = "Monitoring",
        type_ = "string",
        priority = 1,
        json_path = r#".status.conditions[?(@.type=="MonitoringReady")].status"#,
        description = "Whether everything that watches it is delivered."
    ),
    printcolumn(
        name = "Version",
        type_ = "string",
        priority = 1,
        json_path = ".status.server.version",
        description = "The version that the server says it is."
    ),
    printcolumn(
        name = "Message",
        type_ = "string",
        priority = 1,
        json_path = r#".status.conditions[?(@.type=="Ready")].message"#,
        description = "What a person can do."
    )
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([
    rule(
        "has(self.auth)",
        "say how callers are known: bearer, oidc or tokenReview; or write auth: {anonymous: true} to let anyone call",
        ".auth",
    ),
    rule(
        "!(has(self.replicas) && has(self.autoscaling))",
        "replicas and autoscaling exclude each other: write one of them",
        ".replicas",
    ),
    rule(
        "!(has(self.storage) && has(self.storage.sqlite)) || !has(self.replicas) || self.replicas <= 1",
        "storage.sqlite is one pod's own disk: write replicas: 1, or use storage.postgres",
        ".replicas",
    ),
    rule(
        "!(has(self.storage) && has(self.storage.sqlite) && has(self.autoscaling))",
        "storage.sqlite is one pod's own disk: leave autoscaling out, or use storage.postgres",
        ".autoscaling",
    ),
])))]
pub struct IceLocatorSpec {
    /// The server's image; left out: the one of the operator's own version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512), regex(pattern = r"^[^\s]+$"))]
    pub image: Option<String>,
    /// When the image is pulled; left out: as Kubernetes decides by the image's tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<ImagePullPolicy>,
    /// Secrets with which the image is pulled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 10),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub image_pull_secrets: Vec<SecretRef>,
    /// Scales the server to nothing and keeps everything else.
    #[serde(default)]
    pub suspend: bool,
    /// How many pods answer; left out: 1, or as autoscaling decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_REPLICAS))]
    pub replicas: Option<i32>,
    /// Lets the number of pods follow the load, instead of `replicas`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autoscaling: Option<Autoscaling>,
    /// What happens when a new version fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    /// The server's pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<Pod>,
    /// Where people are looked up, and how.
    pub locator: Locator,
    /// Texts of one's own in place of the shipped ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts: Option<Texts>,
    /// How callers are known. Must be said: without it the resource is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// Which web pages may call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Http>,
    /// How much is taken at once, and from whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// What is done about callers who abuse the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guard>,
    /// How the server is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<Exposure>,
    /// Which traffic reaches and leaves the pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_policy: Option<NetworkPolicy>,
    /// Where what must outlive a pod is kept; left out: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// How the server is watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitoring: Option<Monitoring>,
}

/// When an image is pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ImagePullPolicy {
    /// At every start of a pod.
    Always,
    /// When the node does not have it.
    IfNotPresent,
    /// Never: the node must have it.
    Never,
}

impl ImagePullPolicy {
    /// As Kubernetes writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::IfNotPresent => "IfNotPresent",
            Self::Never => "Never",
        }
    }
}

/// `true`, as a serde default.
fn yes() -> bool {
    true
}

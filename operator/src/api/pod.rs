//! The server's pods, as far as their user decides about them.

use std::collections::BTreeMap;

use icelocator_config::{ConfigMapKeyRef, HttpUrl};
use k8s_openapi::api::core::v1::{
    Affinity, ResourceRequirements, Toleration, TopologySpreadConstraint,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reserved::{LABEL_VALUE, no_reserved_keys};

/// The server's pods.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pod {
    /// What a pod asks for and may use; left out: 50m CPU and 64Mi memory asked for, 256Mi memory at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Labels that a node must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 32), inner(length(max = 63), regex(pattern = LABEL_VALUE)))]
    pub node_selector: BTreeMap<String, String>,
    /// Taints that are put up with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub tolerations: Vec<Toleration>,
    /// Which nodes and neighbours are preferred or required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,
    /// How pods spread; left out: over nodes, where possible.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
    /// Further labels of the pods; those of `app.kubernetes.io` are the operator's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(
        extend("maxProperties" = 32, "x-kubernetes-validations" = no_reserved_keys()),
        inner(length(max = 63), regex(pattern = LABEL_VALUE))
    )]
    pub labels: BTreeMap<String, String>,
    /// Further annotations of the pods; those of `icelocator.dev` are the operator's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(
        extend("maxProperties" = 32, "x-kubernetes-validations" = no_reserved_keys()),
        inner(length(max = 4096))
    )]
    pub annotations: BTreeMap<String, String>,
    /// The cluster's way out, for what is sent to services outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_proxy: Option<HttpUrl>,
    /// Certificates that are trusted beside the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_bundle: Option<CaBundle>,
}

/// Certificates that are trusted beside the public ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaBundle {
    /// The ConfigMap's key that holds the certificates (PEM).
    pub config_map_ref: ConfigMapKeyRef,
}

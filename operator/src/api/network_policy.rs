//! Which traffic reaches and leaves the pods.

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::yes;

/// Which traffic reaches and leaves the pods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkPolicy {
    /// Whether traffic is restricted. Out: DNS, the peers that the resource names, 443 of public addresses.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Who may call; empty: anyone in the cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub ingress_from: Vec<NetworkPolicyPeer>,
}

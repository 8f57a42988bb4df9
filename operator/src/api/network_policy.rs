//! Which traffic reaches and leaves the pods.

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::yes;

/// Which traffic reaches and leaves the pods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkPolicy {
    /// Whether traffic is restricted. In: MCP from those below, metrics from the cluster. Out: DNS, and what the resource
    /// names: within the cluster by namespace and port, elsewhere by the port on public addresses.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Who may call; empty: anyone in the cluster. Name where calls from outside come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub ingress_from: Vec<NetworkPolicyPeer>,
}

//! Where what must outlive a pod is kept.

use icelocator_config::{SecretKeyRef, rule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Where what must outlive a pod is kept: one of `sqlite` and `postgres`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([rule(
    "has(self.sqlite) != has(self.postgres)",
    "write exactly one of sqlite and postgres",
    "",
)])))]
pub struct Storage {
    /// A file on a disk of one pod's own, which is replaced, never doubled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sqlite: Option<Sqlite>,
    /// A database for all pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postgres: Option<Postgres>,
    /// What becomes of the data when the resource is deleted.
    #[serde(default)]
    pub when_deleted: WhenDeleted,
}

/// A file on a disk of one pod's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sqlite {
    /// Size of the disk, such as 1Gi.
    #[schemars(
        length(min = 1, max = 20),
        regex(pattern = r"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$")
    )]
    pub size: String,
    /// Kind of disk; left out: the cluster's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 253),
        regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
    )]
    pub storage_class_name: Option<String>,
}

/// A database for all pods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Postgres {
    /// The Secret's key that holds the connection URI.
    pub secret_ref: SecretKeyRef,
}

/// What becomes of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum WhenDeleted {
    /// It is kept.
    #[default]
    Retain,
    /// It is deleted too.
    Delete,
}

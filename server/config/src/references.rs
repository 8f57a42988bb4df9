//! References to what a cluster keeps apart from the resource: Secrets and ConfigMaps of the same namespace.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const NAME: &str = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";
/// As a cluster has it: no name of a folder, nor like those in which it keeps the files.
const KEY: &str = r"^\.?[-_a-zA-Z0-9][-._a-zA-Z0-9]*$";

/// A Secret of the same namespace, all of its keys.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub struct SecretRef {
    /// Name of the Secret.
    #[schemars(length(min = 1, max = 253), regex(pattern = NAME))]
    pub name: String,
}

/// One key of a Secret of the same namespace.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub struct SecretKeyRef {
    /// Name of the Secret.
    #[schemars(length(min = 1, max = 253), regex(pattern = NAME))]
    pub name: String,
    /// Key within the Secret.
    #[schemars(length(min = 1, max = 253), regex(pattern = KEY))]
    pub key: String,
}

/// One key of a ConfigMap of the same namespace.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapKeyRef {
    /// Name of the ConfigMap.
    #[schemars(length(min = 1, max = 253), regex(pattern = NAME))]
    pub name: String,
    /// Key within the ConfigMap.
    #[schemars(length(min = 1, max = 253), regex(pattern = KEY))]
    pub key: String,
}

/// A ConfigMap of the same namespace, all of its keys.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapRef {
    /// Name of the ConfigMap.
    #[schemars(length(min = 1, max = 253), regex(pattern = NAME))]
    pub name: String,
}

/// Where a server finds what references name: each Secret and ConfigMap is a folder, each key a file in it. The operator
/// mounts them there; on a laptop a person puts them there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounts {
    /// The folder of Secrets.
    pub secrets: PathBuf,
    /// The folder of ConfigMaps.
    pub config_maps: PathBuf,
}

impl Mounts {
    /// The folder of a Secret.
    pub fn secret(&self, reference: &SecretRef) -> PathBuf {
        self.secrets.join(&reference.name)
    }

    /// The file of a Secret's key.
    pub fn secret_key(&self, reference: &SecretKeyRef) -> PathBuf {
        self.secrets.join(&reference.name).join(&reference.key)
    }

    /// The folder of a ConfigMap.
    pub fn config_map(&self, reference: &ConfigMapRef) -> PathBuf {
        self.config_maps.join(&reference.name)
    }

    /// The file of a ConfigMap's key.
    pub fn config_map_key(&self, reference: &ConfigMapKeyRef) -> PathBuf {
        self.config_maps.join(&reference.name).join(&reference.key)
    }
}

impl Default for Mounts {
    /// Where the operator mounts them.
    fn default() -> Self {
        Self {
            secrets: "/etc/icelocator/secrets".into(),
            config_maps: "/etc/icelocator/config-maps".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use schemars::SchemaGenerator;

    use super::*;

    #[test]
    fn a_key_names_a_file_and_never_a_folder() {
        let secret = SecretKeyRef::json_schema(&mut SchemaGenerator::default());
        let config_map = ConfigMapKeyRef::json_schema(&mut SchemaGenerator::default());
        for (key, is_one) in [
            ("token", true),
            ("ca.crt", true),
            (".dockerconfigjson", true),
            ("a..b", true),
            ("-", true),
            ("", false),
            (".", false),
            ("..", false),
            ("...", false),
            ("..data", false),
            ("a/b", false),
            ("../token", false),
        ] {
            let reference = serde_json::json!({"name": "tokens", "key": key});
            for schema in [&secret, &config_map] {
                let taken = jsonschema::is_valid(schema.as_value(), &reference);
                assert_eq!(taken, is_one, "{key}");
            }
        }
    }
}

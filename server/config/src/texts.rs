//! Texts that people are shown, kept outside the image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ConfigMapRef;

/// Texts of one's own in place of those that the server ships: facilities, legal and support texts, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Texts {
    /// The ConfigMap with the files. A file that it lacks is the shipped one. Changes take effect in the running pods.
    pub config_map_ref: ConfigMapRef,
}

//! The `ConfigMap` with the server's settings file.

use std::collections::BTreeMap;

use icelocator_config::ServerConfig;
use k8s_openapi::api::core::v1::ConfigMap;

use crate::controller::validate::{Component, ValidatedLocator};

/// The settings file.
pub const FILE: &str = "settings.yaml";

/// Name of the ConfigMap.
pub fn name(locator: &ValidatedLocator) -> String {
    format!("{}-settings", locator.name)
}

/// Settings, as the file has them.
pub fn text(config: &ServerConfig) -> Result<String, serde_saphyr::ser::Error> {
    serde_saphyr::to_string(config)
}

/// Builds it.
pub fn build(locator: &ValidatedLocator) -> Result<ConfigMap, serde_saphyr::ser::Error> {
    let settings = text(&locator.server_config)?;
    Ok(ConfigMap {
        metadata: locator.object_meta(&name(locator), Component::Server),
        data: Some(BTreeMap::from([(FILE.to_owned(), settings)])),
        ..ConfigMap::default()
    })
}

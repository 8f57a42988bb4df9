//! The `Secret` with the key that seals session ids: one for all replicas, made once.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;

use crate::controller::validate::{Component, ValidatedLocator};

/// Under which name the Secret holds the key.
pub const KEY: &str = "key";

/// Name of the Secret that belongs to the resource `name`.
pub fn name(name: &str) -> String {
    format!("{name}-session")
}

/// Builds it.
pub fn build(locator: &ValidatedLocator) -> Secret {
    let key = ByteString(locator.session_key.as_bytes().to_vec());
    Secret {
        metadata: locator.object_meta(&name(&locator.name), Component::Server),
        data: Some(BTreeMap::from([(KEY.to_owned(), key)])),
        type_: Some("Opaque".to_owned()),
        ..Secret::default()
    }
}

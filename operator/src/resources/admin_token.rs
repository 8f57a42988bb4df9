//! The `Secret` with the token for the admin port, where profiles may be taken. It is made from the key that seals session
//! ids, which nobody can tell from it: so it stays as long as that one does, and nothing more has to be remembered. Like
//! every Secret of the operator's it goes with the resource, not before.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{Secret, SecretVolumeSource, Volume};
use sha2::{Digest as _, Sha256};

use super::folders::MODE;
use crate::controller::validate::{Component, ValidatedLocator};
use crate::hex::hex;

/// Under which name the Secret holds the token.
pub const KEY: &str = "token";
/// Name of the volume.
pub const VOLUME: &str = "admin";
/// Where the server finds it.
pub const DIR: &str = "/etc/icelocator-admin";

fn name(locator: &ValidatedLocator) -> String {
    format!("{}-admin", locator.name)
}

/// Builds it; `None` where no profiles may be taken.
pub fn build(locator: &ValidatedLocator) -> Option<Secret> {
    locator.is_profiled().then(|| Secret {
        metadata: locator.object_meta(&name(locator), Component::Server),
        data: Some(BTreeMap::from([(
            KEY.to_owned(),
            ByteString(token(locator).into_bytes()),
        )])),
        type_: Some("Opaque".to_owned()),
        ..Secret::default()
    })
}

fn token(locator: &ValidatedLocator) -> String {
    let digest = Sha256::new()
        .chain_update("icelocator admin token")
        .chain_update(locator.session_key.as_bytes())
        .finalize();
    hex(&digest)
}

/// As pods see it.
pub fn volume(locator: &ValidatedLocator) -> Volume {
    Volume {
        name: VOLUME.to_owned(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(name(locator)),
            default_mode: Some(MODE),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    }
}

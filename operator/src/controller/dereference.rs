//! The first step: reads what a resource needs beside itself. The only step before `apply` that touches the network, and
//! it does so only for what the watches do not tell: what named Secrets and ConfigMaps hold.

use std::sync::Arc;

use kube::core::DynamicObject;
use kube::{Api, Client};
use rand::RngCore as _;

use super::grants::Grants;
use super::index::Index;
use super::record::Record;
use super::references::{Missing, References};
use super::resources::Resource;
use super::validate::{Facts, SessionKey};
use crate::api::{IceLocator, references};
use crate::kinds::{Kind, ResourceKey};
use crate::resources::session_key;

/// What was read for a resource.
#[derive(Debug)]
pub struct Dereferenced {
    pub facts: Facts,
    pub missing: Vec<Missing>,
}

/// Something could not be read.
#[derive(Debug, thiserror::Error)]
#[error("what the resource names cannot be read: {0}")]
pub struct DereferenceError(#[from] pub kube::Error);

/// Reads for resources.
pub struct Dereferencer {
    pub client: Client,
    pub index: Arc<Index>,
    pub references: Arc<References>,
    pub grants: Arc<Grants>,
    pub default_image: String,
    /// Where this process' own pods are, as far as it runs in the cluster.
    pub operator_namespace: Option<String>,
}

impl Dereferencer {
    pub async fn dereference(
        &self,
        resource: &Resource,
        object: &IceLocator,
    ) -> Result<Dereferenced, DereferenceError> {
        let named = references(&object.spec);
        self.references.note(&resource.key, &named);
        let resolved = self
            .references
            .resolve(&self.client, &resource.key, &named)
            .await?;
        let key = self.session_key(resource).await?;
        let auth = object.spec.auth.as_ref();
        let token_review =
            auth.is_some_and(|auth| auth.token_review.is_some()) && self.grants.possible().await?;
        Ok(Dereferenced {
            facts: Facts {
                contents: resolved.contents,
                token_review,
                operator_namespace: self.operator_namespace.clone(),
                ..Facts::new(
                    self.default_image.clone(),
                    key.unwrap_or_else(new_session_key),
                )
            },
            missing: resolved.missing,
        })
    }

    /// The key that the resource's pods seal session ids with, once there is one.
    async fn session_key(&self, resource: &Resource) -> Result<Option<SessionKey>, kube::Error> {
        let ResourceKey { namespace, name } = &resource.key;
        let secret = session_key::name(name);
        let known = self.index.session_key(namespace, &secret, &resource.uid);
        if known.is_some() || resource.status.observed_generation.is_none() {
            return Ok(known);
        }
        // The index knows what bears our label. A Secret that lost it still has the key of every open session.
        let kind = Kind::Secret.api_resource();
        let secrets: Api<DynamicObject> =
            Api::namespaced_with(self.client.clone(), namespace, &kind);
        let found = secrets.get_opt(&secret).await?;
        let record = found.map(|object| Record::of(Kind::Secret, object));
        Ok(record.and_then(|record| record.session_key_of(&resource.uid)))
    }
}

/// A key that nobody has seen. It stays from the moment at which its Secret is written.
fn new_session_key() -> SessionKey {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    SessionKey::new(bytes)
}

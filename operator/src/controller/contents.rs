//! What ConfigMaps hold, as digests: enough to see that something changed. Of Secrets nothing is kept but the names of
//! their keys.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::api::ReferenceKind;

/// The digest of a value.
pub type Digest = [u8; 32];

/// The keys of one object; of a ConfigMap each with the digest of its value.
pub type Keys = BTreeMap<String, Option<Digest>>;

/// What the Secrets and ConfigMaps that a resource names hold, as far as somebody asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents(BTreeMap<(ReferenceKind, String), Keys>);

impl Contents {
    /// Notes what an object holds.
    pub fn put(&mut self, kind: ReferenceKind, name: &str, keys: Keys) {
        self.0.insert((kind, name.to_owned()), keys);
    }

    /// What an object holds; `None` where it is missing, or nobody asked for it.
    pub fn keys(&self, kind: ReferenceKind, name: &str) -> Option<&Keys> {
        self.0.get(&(kind, name.to_owned()))
    }
}

/// The digest of a value.
pub fn digest(value: &[u8]) -> Digest {
    Sha256::digest(value).into()
}

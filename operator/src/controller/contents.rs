//! What Secrets and ConfigMaps hold, as digests: enough to see that something changed, and not what.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::api::ReferenceKind;

/// The digest of a value.
pub type Digest = [u8; 32];

/// The keys of one Secret or ConfigMap, each with the digest of its value.
pub type Keys = BTreeMap<String, Digest>;

/// What the Secrets and ConfigMaps that a resource names hold, as far as somebody asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents(BTreeMap<(ReferenceKind, String), Keys>);

impl Contents {
    /// Notes what an object holds.
    pub fn put(&mut self, kind: ReferenceKind, name: &str, keys: Keys) {
        self.0.insert((kind, name.to_owned()), keys);
    }

    /// What an object holds; nothing where it is missing.
    pub fn of(&self, kind: ReferenceKind, name: &str) -> impl Iterator<Item = (&str, &Digest)> {
        let keys = self.0.get(&(kind, name.to_owned()));
        keys.into_iter()
            .flatten()
            .map(|(key, digest)| (key.as_str(), digest))
    }
}

/// The digest of a value.
pub fn digest(value: &[u8]) -> Digest {
    Sha256::digest(value).into()
}

//! The keys with which an issuer signs: found by its own description of itself, kept, and asked for again when they get old
//! or a token names one that is not among them.
//!
//! Junk must not make us hammer the issuer: between two questions there is a pause, whoever asks. An issuer that does not
//! answer leaves us the keys that we have, for a bounded time: it may have withdrawn one of them.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use icelocator_config::HttpUrl;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::fetch::{self, NoAnswer};

/// How old keys get before they are asked for again.
const FRESH: Duration = Duration::from_mins(10);
/// How long keys are used when the issuer does not answer.
const USABLE: Duration = Duration::from_hours(1);
/// Shortest time between two questions.
const PAUSE: Duration = Duration::from_secs(15);
/// Most keys that are looked at.
const MOST_KEYS: usize = 100;

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKey {
    /// The issuer has no such key.
    Unknown,
    /// Whether it has cannot be found out at the moment.
    Unavailable,
}

/// One key of an issuer.
struct Key {
    id: Option<String>,
    fits: Fits,
    verifies: DecodingKey,
}

/// Which algorithms a key is for.
enum Fits {
    Only(Algorithm),
    Family(AlgorithmFamily),
}

/// The keys of one issuer.
pub struct Jwks(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    issuer: HttpUrl,
    kept: RwLock<Kept>,
    /// Held by who asks: the others wait for that answer.
    asking: Mutex<()>,
}

#[derive(Default)]
struct Kept {
    keys: Arc<Vec<Key>>,
    /// When the issuer last gave them.
    got: Option<Instant>,
    /// When it was last asked, and whether it answered.
    asked: Option<(Instant, bool)>,
}

/// What an issuer says of itself, as far as it matters.
#[derive(Deserialize)]
struct Description {
    issuer: String,
    jwks_uri: HttpUrl,
}

impl Jwks {
    /// The keys of this issuer. Does not ask for them yet.
    pub fn new(issuer: HttpUrl) -> Result<Self, reqwest::Error> {
        Ok(Self(Arc::new(Inner {
            http: fetch::client().build()?,
            issuer,
            kept: RwLock::default(),
            asking: Mutex::default(),
        })))
    }

    /// Runs `check` with the key that a token names, or with the only one that fits where it names none.
    pub async fn with_key<T>(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        check: impl FnOnce(&DecodingKey) -> T,
    ) -> Result<T, NoKey> {
        let mut found = self.0.find(id, algorithm);
        let (fresh, usable) = self.0.age();
        if found.is_none() || !usable {
            self.0.ask().await.map_err(|NoAnswer| NoKey::Unavailable)?;
            found = self.0.find(id, algorithm);
        } else if !fresh && self.0.asking.try_lock().is_ok() {
            // Nobody waits for that.
            let inner = Arc::clone(&self.0);
            tokio::spawn(async move { inner.ask().await });
        }
        let (keys, number) = found.ok_or(NoKey::Unknown)?;
        let key = keys.get(number).ok_or(NoKey::Unknown)?;
        Ok(check(&key.verifies))
    }
}

impl Inner {
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<(Arc<Vec<Key>>, usize)> {
        let keys = Arc::clone(
            &self
                .kept
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .keys,
        );
        let mut fitting = (0..)
            .zip(keys.iter())
            .filter(|(_, key)| key.fits(algorithm) && (id.is_none() || key.id.as_deref() == id));
        // Which of several is meant is not for us to try out.
        let (Some((number, _)), None) = (fitting.next(), fitting.next()) else {
            return None;
        };
        drop(fitting);
        Some((keys, number))
    }

    fn age(&self) -> (bool, bool) {
        let got = self.kept.read().unwrap_or_else(PoisonError::into_inner).got;
        let within = |longest| got.is_some_and(|got| got.elapsed() < longest);
        (within(FRESH), within(USABLE))
    }

    /// Asks the issuer for its keys, unless that was done just now.
    async fn ask(&self) -> Result<(), NoAnswer> {
        let _asking = self.asking.lock().await;
        if let Some((at, answered)) = self
            .kept
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .asked
            && at.elapsed() < PAUSE
        {
            return if answered { Ok(()) } else { Err(NoAnswer) };
        }
        let keys = self.fetch().await;
        let now = Instant::now();
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let answered_before = kept.asked.is_none_or(|(_, answered)| answered);
        kept.asked = Some((now, keys.is_ok()));
        let Ok(keys) = keys else {
            if answered_before {
                tracing::warn!(
                    "the OpenID Connect issuer does not give its keys: those that are known serve for an hour"
                );
            }
            return Err(NoAnswer);
        };
        kept.keys = Arc::new(keys);
        kept.got = Some(now);
        Ok(())
    }

    async fn fetch(&self) -> Result<Vec<Key>, NoAnswer> {
        let description = self.issuer.join("/.well-known/openid-configuration");
        let description = fetch::body(self.http.get(description)).await?;
        let description: Description =
            serde_json::from_slice(&description).map_err(|_| NoAnswer)?;
        // Somebody else's description, or a mistyped address: then the keys may be anybody's.
        if description.issuer != self.issuer.as_str() || !description.jwks_uri.is_confidential() {
            return Err(NoAnswer);
        }
        let keys = fetch::body(self.http.get(description.jwks_uri.as_str())).await?;
        read(&keys)
    }
}

/// The keys of a set that can be used. Others do not matter: sets hold keys for other purposes as well.
fn read(set: &[u8]) -> Result<Vec<Key>, NoAnswer> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(set).map_err(|_| NoAnswer)?;
    let keys = set.keys.into_iter().take(MOST_KEYS);
    Ok(keys
        .filter_map(|key| Key::read(serde_json::from_value(key).ok()?))
        .collect())
}

impl Key {
    fn read(key: Jwk) -> Option<Self> {
        if !matches!(
            key.common.public_key_use,
            None | Some(PublicKeyUse::Signature)
        ) {
            return None;
        }
        let by_kind = match &key.algorithm {
            AlgorithmParameters::RSA(_) => Fits::Family(AlgorithmFamily::Rsa),
            AlgorithmParameters::EllipticCurve(parameters) => Fits::Only(match parameters.curve {
                EllipticCurve::P256 => Algorithm::ES256,
                EllipticCurve::P384 => Algorithm::ES384,
                _ => return None,
            }),
            AlgorithmParameters::OctetKeyPair(parameters) => match parameters.curve {
                EllipticCurve::Ed25519 => Fits::Only(Algorithm::EdDSA),
                _ => return None,
            },
            // A secret that stands in a public set is none.
            _ => return None,
        };
        let fits = match key.common.key_algorithm {
            Some(said) => {
                let said = said.to_string().parse().ok()?;
                if !by_kind.contains(said) {
                    return None;
                }
                Fits::Only(said)
            }
            None => by_kind,
        };
        Some(Self {
            verifies: DecodingKey::from_jwk(&key).ok()?,
            id: key.common.key_id,
            fits,
        })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        self.fits.contains(algorithm)
    }
}

impl Fits {
    fn contains(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Only(only) => *only == algorithm,
            Self::Family(family) => family.algorithms().contains(&algorithm),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn keys(set: &Value) -> Vec<Key> {
        read(set.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn only_public_keys_for_signatures_are_kept() {
        let rsa = json!({"kty": "RSA", "kid": "a", "n": "u1SU1LfV", "e": "AQAB"});
        let with = |field: &str, value: &str| {
            let mut key = rsa.clone();
            key[field] = json!(value);
            key
        };
        let ec = |curve: &str| json!({"kty": "EC", "crv": curve, "x": "f83OJ3D2", "y": "x_FEzRu9"});
        let kept = keys(&json!({"keys": [
            rsa, with("use", "sig"), with("alg", "PS256"), ec("P-256"), ec("P-384"),
            {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKx"},
        ]}));
        assert_eq!(kept.len(), 6);
        assert!(kept[0].fits(Algorithm::RS256) && !kept[0].fits(Algorithm::HS256));
        assert!(kept[2].fits(Algorithm::PS256) && !kept[2].fits(Algorithm::RS256));
        assert!(kept[3].fits(Algorithm::ES256) && !kept[3].fits(Algorithm::ES384));
        let left_out = keys(&json!({"keys": [
            with("use", "enc"), with("alg", "HS256"), with("alg", "ES256"), with("n", "not base64!"),
            {"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}, ec("P-521"), ec("secp256k1"),
            {"kty": "OKP", "crv": "X25519", "x": "11qYAYKx"}, {"kty": "new"}, 7, null, [],
        ]}));
        assert_eq!(left_out.len(), 0);
    }

    #[test]
    fn a_set_has_an_end() {
        let key = json!({"kty": "RSA", "n": "u1SU1LfV", "e": "AQAB"});
        assert_eq!(keys(&json!({"keys": vec![key; 1_000]})).len(), MOST_KEYS);
        for set in ["", "{}", "[]", r#"{"keys": {}}"#] {
            assert!(read(set.as_bytes()).is_err(), "{set}");
        }
    }

    proptest! {
        #[test]
        fn any_set_is_read_without_a_panic(text in r#"\{"keys": \[(\{("(kty|alg|crv|use|n|e|x|y|kid)": "(RSA|EC|OKP|oct|P-256|ES256|AQAB|\PC{0,8})",? ?){0,6}\},? ?){0,3}\]\}"#) {
            let _ = read(text.as_bytes());
        }
    }
}

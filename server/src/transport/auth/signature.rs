//! Signatures of tokens, checked by the library that TLS uses here already. Only with public keys: a token signed with a
//! shared secret, or with nothing, has no verifier.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{self, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind};
use ring::signature as by;

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes this process check signatures so. Once is enough, more often does nothing.
pub fn install() {
    let _ = PROVIDER.install_default();
}

/// The algorithms that are let through.
pub fn is_allowed(algorithm: Algorithm) -> bool {
    method(algorithm).is_some()
}

enum Method {
    Rsa(&'static by::RsaParameters),
    Other(AlgorithmFamily, &'static dyn by::VerificationAlgorithm),
}

fn method(algorithm: Algorithm) -> Option<Method> {
    Some(match algorithm {
        Algorithm::RS256 => Method::Rsa(&by::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Method::Rsa(&by::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Method::Rsa(&by::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Method::Rsa(&by::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Method::Rsa(&by::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Method::Rsa(&by::RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => Method::Other(AlgorithmFamily::Ec, &by::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Method::Other(AlgorithmFamily::Ec, &by::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Method::Other(AlgorithmFamily::Ed, &by::ED25519),
        _ => return None,
    })
}

struct Check {
    algorithm: Algorithm,
    method: Method,
    key: DecodingKey,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the library calls it so")]
fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    let method = method(*algorithm).ok_or(ErrorKind::UnsupportedAlgorithm)?;
    let family = match &method {
        Method::Rsa(_) => AlgorithmFamily::Rsa,
        Method::Other(family, _) => *family,
    };
    if key.family() != family {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    Ok(Box::new(Check {
        algorithm: *algorithm,
        method,
        key: key.clone(),
    }))
}

impl Verifier<Vec<u8>> for Check {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let valid = match (&self.method, self.key.kind()) {
            (Method::Rsa(parameters), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                by::RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
            }
            (Method::Other(_, algorithm), DecodingKeyKind::SecretOrDer(key)) => {
                by::UnparsedPublicKey::new(*algorithm, key).verify(message, signature)
            }
            _ => return Err(signature::Error::new()),
        };
        valid.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Check {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::crypto::verify;

    use super::*;

    /// A key made for this test by OpenSSL, which then signed `message` with it. The private half is gone.
    const MODULUS: &str = "rop8wj3P8qZ4n33VUFZTNQRIJD25VDtQIzfbi8FeHq6xY8kmLOmqce33igOYx5x7eJT3-tmg7vIeDwifqjx2Q0ehl-WZN7O_fTOCMm9iav6HsJxWS8OnLhYUtHccr5kJwy_IHXss8sknttBCVG2wkk4apkpia6jH5HHoMqD8mR89m2D2ZN0Qil7XzTPAFgxbQZPR0w9X2lun8RJRueOCYdGfL5N5vWMHL5pXY2eNBmBwPVf_j9AIj-Ba0p4dz1lVASvYSqQj3CVm7V3hYN1Pnco1FqUVVUCAoWC4SnO6foNDZpfe2LYyei5m0-bem1uKsRa65ZjDsp2uPW0-yzZDWQ";
    const RS256: &str = "AlqzsoXdpg_GlDRfopVpOYEraE7ESpamcREE9C3hJbBkGhsSirtxKJegvbSTaprxM6C50DnJyqQQTLcTsaZyDjEEAE9M6BLzu8SXw1enraxClSN8o3B4K9PdqjT8Q-exS0LB_9MH-euXxQYcqI_Yi3qGKkncToD3aPXhL4F8f97zVZBweHVuvUl0iaCUW5BiVJHHDvxhT01_v23lvcuUrfDh3zTISuri7OzJr8kVDbeipUO79d57iayhweuux2TDFsz5DzKfXCsfjSWtcJ2uOLWVr7fhM_tDFAvmEjVSIQcaZQLu-D2NVjc5hpPtGjmYsYjUgd_KtVPnxNRGp1wCTA";
    const PS256: &str = "NygIf2_T3hHoGUiQJ17a2vmpL1f3eLjA4WY5hQuqHO0BkZZTzRicekPYghSlrySxG6AENF6xG9mKkDlLiP9KCuGvo0u2o6N9TfIYIORhhbXtGxoNzZ6-rTlQQoADevxPa2OmY5Dhv8pFriobLGycC7V0Xnczszf99GtwC55xMQIi4MhaRP6Kplprr13EDLgMXXYd8ysBOpTgZezDua1fE5Y0J5fkX837c8Q9dluiA6pt6XCP8VlXndVOzDxIGOPXXvn-h6j5R1leAuwltrn9EFdVmtatf27NIOpIYW-3RJ8hGo0Qlt2ou2-AgtdSM0qKjzxTU6pVfjpQf7ehX1pT0Q";

    fn verified(signature: &str, message: &[u8], algorithm: Algorithm) -> bool {
        install();
        let key = DecodingKey::from_rsa_components(MODULUS, "AQAB").unwrap();
        verify(signature, message, &key, algorithm).is_ok_and(|valid| valid)
    }

    #[test]
    fn signatures_that_another_library_made_are_good_and_only_for_their_message_and_algorithm() {
        assert!(verified(RS256, b"message", Algorithm::RS256));
        assert!(verified(PS256, b"message", Algorithm::PS256));
        for (signature, message, algorithm) in [
            (RS256, b"Message", Algorithm::RS256),
            (RS256, b"message", Algorithm::PS256),
            (RS256, b"message", Algorithm::RS384),
            (PS256, b"message", Algorithm::RS256),
            (RS256, b"message", Algorithm::ES256),
            (RS256, b"message", Algorithm::EdDSA),
            (RS256, b"message", Algorithm::HS256),
            ("", b"message", Algorithm::RS256),
        ] {
            assert!(!verified(signature, message, algorithm), "{algorithm:?}");
        }
    }

    #[test]
    fn a_public_key_is_no_shared_secret() {
        install();
        let key = DecodingKey::from_secret(b"secret");
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            assert!(!is_allowed(algorithm));
            assert!(verify("", b"message", &key, algorithm).is_err());
        }
        assert!(verify("", b"message", &key, Algorithm::RS256).is_err());
    }
}

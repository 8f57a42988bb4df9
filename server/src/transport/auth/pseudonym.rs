//! What callers are called where their names must not go: the same in all replicas, which share the key, and nothing to
//! read a name from for who has not got it.

use ring::hmac::{Key, sign};

use super::super::session::SessionKey;

/// Keeps this use of the shared key apart from every other.
const PURPOSE: &[u8] = b"icelocator caller pseudonym 1";
/// As many bytes as make it certain that no two callers ever share one.
const BYTES: usize = 12;

/// Gives callers their pseudonyms.
#[derive(Clone)]
pub struct Pseudonyms(Key);

impl Pseudonyms {
    /// With a key derived from the one that all replicas share.
    pub fn new(key: &SessionKey) -> Self {
        Self(key.derived_for(PURPOSE))
    }

    /// The pseudonym of who is known by these parts, such as an issuer and a subject.
    pub fn of(&self, parts: &[&str]) -> String {
        let mut text = Vec::new();
        for part in parts {
            // With their lengths, so that no two lists of parts read alike.
            text.extend((part.len() as u64).to_be_bytes());
            text.extend(part.as_bytes());
        }
        sign(&self.0, &text).as_ref()[..BYTES]
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_agree_and_others_do_not() {
        let [one, other] = [(); 2].map(|()| Pseudonyms::new(&SessionKey::of([7; 32])));
        let stranger = Pseudonyms::new(&SessionKey::random());
        assert_eq!(one.of(&["bearer", "ana"]), other.of(&["bearer", "ana"]));
        assert_ne!(one.of(&["bearer", "ana"]), stranger.of(&["bearer", "ana"]));
    }

    #[test]
    fn callers_of_different_kinds_or_names_never_share_one() {
        let names = Pseudonyms::new(&SessionKey::of([7; 32]));
        let ana = names.of(&["oidc", "https://id", "ana"]);
        assert_eq!(ana.len(), 24);
        assert!(!ana.contains("ana"));
        for other in [
            ["oidc", "https://id", "luz"],
            ["oidc", "https://ida", "na"],
            ["bearer", "https://id", "ana"],
        ] {
            assert_ne!(names.of(&other), ana);
        }
    }
}

//! Ids of sessions that a model carries from call to call. They end in a seal, by which every replica knows those that were
//! issued: what a caller makes up, which may be anything, is never told to anybody as a session.

use agentcat::SessionId;
use jiff::Timestamp;
use ring::hmac::{Key, sign};

/// What of an id is sealed: its prefix, its time, and 60 bits of chance. The 11 digits after it are the seal.
const SEALED: usize = 20;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Issues session ids and knows them again.
pub struct Issuer(Key);

impl Issuer {
    /// With a key that all replicas share, for this alone.
    pub fn new(key: Key) -> Self {
        Self(key)
    }

    /// A new id, of this moment.
    pub fn issue(&self, at: Timestamp) -> SessionId {
        let new = SessionId::new(at);
        self.sealed(&new).parse().unwrap_or(new)
    }

    /// Whether it was issued here.
    pub fn knows(&self, id: &SessionId) -> bool {
        self.sealed(id) == id.as_str()
    }

    /// The same with the right seal.
    fn sealed(&self, id: &SessionId) -> String {
        let (sealed, rest) = id.as_str().split_at(SEALED);
        let seal = sign(&self.0, sealed.as_bytes());
        let digits = seal
            .as_ref()
            .iter()
            .map(|byte| DIGITS[usize::from(*byte) % DIGITS.len()]);
        let seal = digits.map(char::from).take(rest.len());
        sealed.chars().chain(seal).collect()
    }
}

#[cfg(test)]
mod tests {
    use ring::hmac::HMAC_SHA256;

    use super::*;

    fn with(key: u8) -> Issuer {
        Issuer::new(Key::new(HMAC_SHA256, &[key; 32]))
    }

    #[test]
    fn every_replica_knows_what_another_issued_and_nobody_else_does() {
        let (one, other) = (with(7), with(7));
        let id = one.issue(Timestamp::now());
        assert!(other.knows(&id) && !with(8).knows(&id));
        assert_ne!(one.issue(Timestamp::now()), id);
    }

    #[test]
    fn one_changed_character_and_it_was_not_issued() {
        let issuer = with(7);
        let id = issuer.issue(Timestamp::now());
        for at in "ses_".len()..id.as_str().len() {
            let mut changed = id.as_str().as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(!issuer.knows(&changed.parse().unwrap()), "{at}");
        }
    }

    #[test]
    fn what_was_made_up_was_not_issued() {
        let issuer = with(7);
        assert!(!issuer.knows(&SessionId::new(Timestamp::now())));
        assert!(!issuer.knows(&"ses_ZorkaPlantedovaA90000000200".parse().unwrap()));
    }
}

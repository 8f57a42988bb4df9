//! Sessions that no server remembers. `initialize` is answered with an `Mcp-Session-Id` that holds all there is to know,
//! sealed under a key that all replicas share; any of them reads it back.

use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use sha2::{Digest as _, Sha256};

use crate::observe::Client;

/// How long a session lasts. A client that comes later is told to initialise again, which costs it one request.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const ID_BYTES: usize = 16;
const LONGEST_NAME: usize = 64;
/// Binds a sealed text to its purpose, and says how what is in it is laid out.
const PURPOSE: &[u8] = b"icelocator mcp session 1";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("cannot read the session key {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no key.
    #[error(
        "the session key {path} has {found} bytes, not {KEY_BYTES}: make one with `head -c {KEY_BYTES} /dev/urandom > {path}`"
    )]
    Length {
        /// The file.
        path: PathBuf,
        /// Its length.
        found: usize,
    },
}

/// The key that all replicas share.
pub struct SessionKey([u8; KEY_BYTES]);

/// Seals and opens session ids.
pub struct Sealer(XChaCha20Poly1305);

/// A session, as its id tells it.
pub struct Session {
    id: [u8; ID_BYTES],
    /// Who initialised it.
    pub client: Client,
    expires: i64,
}

impl Session {
    /// A new session.
    pub fn new(client: Client) -> Self {
        Self::until(client, Timestamp::now() + LIFETIME)
    }

    fn until(client: Client, expires: Timestamp) -> Self {
        Self {
            id: rand::random(),
            client,
            expires: expires.as_second(),
        }
    }

    /// What tells this session from others where the id itself must not be shown.
    pub fn digest(&self) -> String {
        let digest = Sha256::digest(self.id);
        digest[..8]
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.id.to_vec();
        bytes.extend(self.expires.to_be_bytes());
        for text in [&self.client.name, &self.client.version] {
            let end = (0..=LONGEST_NAME.min(text.len()))
                .rev()
                .find(|&at| text.is_char_boundary(at))
                .unwrap_or(0);
            // At most LONGEST_NAME.
            bytes.push(u8::try_from(end).unwrap_or(0));
            bytes.extend(&text.as_bytes()[..end]);
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk::<ID_BYTES>()?;
        let (expires, rest) = rest.split_first_chunk::<8>()?;
        let (name, rest) = text(rest)?;
        let (version, _) = text(rest)?;
        Some(Self {
            id: *id,
            client: Client { name, version },
            expires: i64::from_be_bytes(*expires),
        })
    }
}

fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (&length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(length))?;
    Some((String::from_utf8(text.to_vec()).ok()?, rest))
}

impl SessionKey {
    /// The key in this file.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let key = std::fs::read(path).map_err(|source| KeyError::Read {
            path: path.to_owned(),
            source,
        })?;
        let key: [u8; KEY_BYTES] = key.try_into().map_err(|found: Vec<u8>| KeyError::Length {
            path: path.to_owned(),
            found: found.len(),
        })?;
        Ok(Self(key))
    }

    /// A key of this process alone: its sessions end with it.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// A key that a test knows.
    #[cfg(test)]
    pub const fn of(key: [u8; KEY_BYTES]) -> Self {
        Self(key)
    }

    /// A key for this purpose alone.
    pub fn derived_for(&self, purpose: &[u8]) -> hmac::Key {
        let shared = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&shared, purpose).as_ref())
    }
}

impl Sealer {
    /// With this key.
    pub fn new(key: &SessionKey) -> Self {
        Self(XChaCha20Poly1305::new(&key.0.into()))
    }

    /// The session as an `Mcp-Session-Id`, for its owner (a pseudonym; empty for who has none) only. `None` cannot happen
    /// with texts as short as ours.
    pub fn seal(&self, session: &Session, owner: &str) -> Option<String> {
        // Random nonces of this length never meet, however many replicas seal under one key.
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload {
            msg: &session.to_bytes(),
            aad: &bound_to(owner),
        };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// Reads an `Mcp-Session-Id` back. `None` for one that is not ours or not its owner's, was tampered with, or has expired.
    pub fn open(&self, id: &str, owner: &str) -> Option<Session> {
        let bytes = URL_SAFE_NO_PAD.decode(id).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: &bound_to(owner),
        };
        let opened = self.0.decrypt(&XNonce::from(*nonce), payload).ok()?;
        Session::from_bytes(&opened)
            .filter(|session| session.expires > Timestamp::now().as_second())
    }
}

/// A session that somebody else overheard is worth nothing to them.
fn bound_to(owner: &str) -> Vec<u8> {
    [PURPOSE, owner.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: &str = "5f2b";

    fn random() -> Sealer {
        Sealer::new(&SessionKey::random())
    }

    fn client() -> Client {
        Client {
            name: "claude-ai".to_owned(),
            version: "1.2.3".to_owned(),
        }
    }

    #[test]
    fn a_replica_with_the_same_key_reads_the_session_back() {
        let file = std::env::temp_dir().join(format!("icelocator-key-{}", std::process::id()));
        std::fs::write(&file, [7; 32]).unwrap();
        let [one, other] = [(); 2].map(|()| Sealer::new(&SessionKey::from_file(&file).unwrap()));
        std::fs::remove_file(&file).unwrap();
        let session = Session::new(client());
        let read = other.open(&one.seal(&session, ANA).unwrap(), ANA).unwrap();
        assert_eq!(read.digest(), session.digest());
        assert_eq!(
            (read.client.name, read.client.version),
            ("claude-ai".to_owned(), "1.2.3".to_owned())
        );
    }

    #[test]
    fn an_id_is_visible_ascii_and_tells_nothing() {
        let id = random().seal(&Session::new(client()), ANA).unwrap();
        assert!(id.bytes().all(|b| b.is_ascii_graphic()));
        assert!(id.len() < 256);
        assert!(!id.contains("claude"));
    }

    #[test]
    fn one_changed_character_and_it_is_not_ours() {
        let sealer = random();
        let id = sealer.seal(&Session::new(client()), ANA).unwrap();
        for at in 0..id.len() {
            let mut changed = id.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(sealer.open(&changed, ANA).is_none(), "{at}");
        }
    }

    #[test]
    fn foreign_expired_and_malformed_ids_are_not_ours() {
        let sealer = random();
        let foreign = random().seal(&Session::new(client()), ANA).unwrap();
        let expired = Session::until(client(), Timestamp::now() - SignedDuration::from_secs(1));
        let expired = sealer.seal(&expired, ANA).unwrap();
        for id in [
            &foreign,
            &expired,
            "",
            "AAAA",
            "not base64!",
            &"A".repeat(5000),
        ] {
            assert!(sealer.open(id, ANA).is_none(), "{id}");
        }
    }

    #[test]
    fn a_session_is_its_owners_only() {
        let sealer = random();
        let id = sealer.seal(&Session::new(client()), ANA).unwrap();
        assert!(sealer.open(&id, ANA).is_some());
        assert!(sealer.open(&id, "").is_none() && sealer.open(&id, "5f2").is_none());
    }

    #[test]
    fn two_sessions_of_one_client_differ() {
        let [one, other] = [(); 2].map(|()| Session::new(client()).digest());
        assert_ne!(one, other);
    }

    #[test]
    fn a_long_name_is_cut_at_a_characters_edge() {
        let sealer = random();
        let session = Session::new(Client {
            name: format!("a{}", "é".repeat(100)),
            version: String::new(),
        });
        let read = sealer
            .open(&sealer.seal(&session, ANA).unwrap(), ANA)
            .unwrap();
        assert_eq!(read.client.name.len(), 63);
    }

    #[test]
    fn a_file_that_is_no_key_is_told_by_its_length() {
        let file = std::env::temp_dir().join(format!("icelocator-nokey-{}", std::process::id()));
        std::fs::write(&file, "short").unwrap();
        let error = SessionKey::from_file(&file).err().unwrap().to_string();
        std::fs::remove_file(&file).unwrap();
        assert!(error.contains("5 bytes, not 32"), "{error}");
        assert!(SessionKey::from_file(Path::new("/nowhere/key")).is_err());
    }
}

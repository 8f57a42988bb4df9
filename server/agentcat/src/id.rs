//! Ids: a prefix and a KSUID, which is 32 bits of seconds and 128 bits of payload, written in 27 characters of base 62.

use std::fmt;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The second in which KSUIDs begin to count.
const KSUID_EPOCH: i64 = 1_400_000_000;
/// Digits of a KSUID.
const KSUID_LENGTH: usize = 27;
/// The millisecond from which derived session ids pretend to be: 2024 begins.
const DERIVED_EPOCH_MS: u64 = 1_704_067_200_000;
/// How far after it they pretend to be at most: a year.
const DERIVED_SPAN_MS: u64 = 365 * 24 * 60 * 60 * 1000;

/// The id of an event: `evt_` and a KSUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(String);

impl EventId {
    /// A new one, of this moment.
    pub fn new(at: Timestamp) -> Self {
        Self::from_parts(at, rand::random())
    }

    /// The one with this payload.
    pub fn from_parts(at: Timestamp, payload: [u8; 16]) -> Self {
        Self(prefixed("evt_", ksuid(seconds(at), payload)))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The id of a session: `ses_` and a KSUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(String);

/// A text that is no session id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a session id: `ses_` and 27 letters or digits")]
pub struct NotASession;

impl SessionId {
    /// A new one, of this moment.
    pub fn new(at: Timestamp) -> Self {
        Self::from_parts(at, rand::random())
    }

    /// The one with this payload.
    pub fn from_parts(at: Timestamp, payload: [u8; 16]) -> Self {
        Self(prefixed("ses_", ksuid(seconds(at), payload)))
    }

    /// The one that every SDK derives from a transport's session id, the same after a restart and in every replica. An empty
    /// project is none.
    pub fn derive(transport_id: &str, project: Option<&str>) -> Self {
        let mut hash = Sha256::new();
        hash.update(transport_id);
        if let Some(project) = project.filter(|project| !project.is_empty()) {
            hash.update(":");
            hash.update(project);
        }
        let hash: [u8; 32] = hash.finalize().into();
        let (head, payload) = split(&hash);
        let ms = DERIVED_EPOCH_MS + u64::from(u32::from_be_bytes(head)) % DERIVED_SPAN_MS;
        let seconds = ms / 1000 - KSUID_EPOCH.unsigned_abs();
        Self(prefixed(
            "ses_",
            ksuid(u32::try_from(seconds).unwrap_or(u32::MAX), payload),
        ))
    }

    /// The one of `caller` whose session began at this moment.
    pub(crate) fn begun(at: Timestamp, caller: &[u8; 16]) -> Self {
        let mut hash = Sha256::new();
        hash.update(caller);
        hash.update(at.as_nanosecond().to_be_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        Self::from_parts(at, split(&hash).1)
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::str::FromStr for SessionId {
    type Err = NotASession;

    /// Takes what has the form of one; who issued it cannot be told.
    fn from_str(text: &str) -> Result<Self, NotASession> {
        let digits = text.strip_prefix("ses_").ok_or(NotASession)?;
        let right = digits.len() == KSUID_LENGTH
            && digits.bytes().all(|digit| digit.is_ascii_alphanumeric());
        right.then(|| Self(text.to_owned())).ok_or(NotASession)
    }
}

/// The first four bytes, and the sixteen after them.
pub(crate) fn split(hash: &[u8; 32]) -> ([u8; 4], [u8; 16]) {
    let mut head = [0; 4];
    let mut payload = [0; 16];
    head.copy_from_slice(&hash[..4]);
    payload.copy_from_slice(&hash[4..20]);
    (head, payload)
}

/// KSUIDs know the years 2014 to 2150; what is outside is at the edge.
fn seconds(at: Timestamp) -> u32 {
    let seconds = at.as_second().saturating_sub(KSUID_EPOCH).max(0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

fn prefixed(prefix: &str, digits: [u8; KSUID_LENGTH]) -> String {
    let mut text = String::with_capacity(prefix.len() + KSUID_LENGTH);
    text.push_str(prefix);
    text.extend(digits.map(char::from));
    text
}

fn ksuid(seconds: u32, payload: [u8; 16]) -> [u8; KSUID_LENGTH] {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut words = [seconds, 0, 0, 0, 0];
    for (word, bytes) in words[1..].iter_mut().zip(payload.chunks_exact(4)) {
        *word = bytes
            .iter()
            .fold(0, |word, byte| (word << 8) | u32::from(*byte));
    }
    let mut digits = [b'0'; KSUID_LENGTH];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0_u64;
        for word in &mut words {
            let value = (rest << 32) | u64::from(*word);
            // A remainder below 62 in front of 32 bits: the quotient has 32 again.
            *word = u32::try_from(value / 62).unwrap_or(u32::MAX);
            rest = value % 62;
        }
        *digit = usize::try_from(rest).map_or(b'0', |rest| ALPHABET[rest]);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn session_ids_are_derived_as_the_public_sdks_derive_them() {
        for (transport_id, project, expected) in [
            (
                "test-session",
                Some("proj_test"),
                "ses_2b76b5c3oMhg5A9390UGH7YtCpD",
            ),
            ("test-session", None, "ses_2aygltfdODZV2Nk6YRttHymKPur"),
            ("test-session", Some(""), "ses_2aygltfdODZV2Nk6YRttHymKPur"),
            ("abc", Some("proj_123"), "ses_2anodJC2ss4AQh8CdYbxl09NnHW"),
        ] {
            assert_eq!(SessionId::derive(transport_id, project).as_str(), expected);
        }
    }

    #[test]
    fn ksuids_are_the_published_ones() {
        let all =
            |byte: u8, seconds| String::from_utf8(ksuid(seconds, [byte; 16]).to_vec()).unwrap();
        assert_eq!(all(0, 0), "000000000000000000000000000");
        assert_eq!(all(0xff, u32::MAX), "aWgEPTl1tmebfsQzFP4bxwgy80V");
        let payload = [
            0xb5, 0xa1, 0xcd, 0x34, 0xb5, 0xf9, 0x9d, 0x11, 0x54, 0xfb, 0x68, 0x53, 0x34, 0x5c,
            0x97, 0x35,
        ];
        assert_eq!(
            EventId::from_parts(at(KSUID_EPOCH + 107_608_047), payload).as_str(),
            "evt_0ujtsYcgvSTl8PAuAdqWYSMnLOv"
        );
    }

    #[test]
    fn new_ids_differ_and_sort_by_time() {
        let now = at(1_800_000_000);
        assert_ne!(EventId::new(now), EventId::new(now));
        assert_ne!(SessionId::new(now), SessionId::new(now));
        assert!(EventId::new(now) < EventId::new(at(1_800_000_001)));
    }

    #[test]
    fn times_that_ksuids_do_not_know_are_at_the_edge() {
        assert!(
            EventId::from_parts(Timestamp::MIN, [0; 16])
                .as_str()
                .ends_with("_000000000000000000000000000")
        );
        assert!(
            EventId::from_parts(Timestamp::MAX, [0xff; 16])
                .as_str()
                .ends_with("_aWgEPTl1tmebfsQzFP4bxwgy80V")
        );
    }

    #[test]
    fn only_what_has_their_form_is_read_as_a_session_id() {
        let good = SessionId::derive("a", None);
        assert_eq!(good.as_str().parse(), Ok(good.clone()));
        for bad in [
            "",
            "ses_",
            "start",
            "evt_2b76b5c3oMhg5A9390UGH7YtCpD",
            "ses_2b76b5c3oMhg5A9390UGH7YtCp",
            "ses_2b76b5c3oMhg5A9390UGH7YtCpDD",
            "ses_2b76b5c3oMhg5A9390UGH7YtCp\n",
            "ses_2b76b5c3oMhg5A9390UGH7YtCpD\n",
            "ses_2b76b5c3oMhg5A9390UGH7YtC-D",
            "ses_2b76b5c3oMhg5A9390UGH7Yté",
        ] {
            assert_eq!(bad.parse::<SessionId>(), Err(NotASession), "{bad:?}");
        }
    }
}

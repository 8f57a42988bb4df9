//! A last look at bytes on their way out.

mod cues;
mod forms;
mod names;
mod wire;

use crate::Kind;

/// Looks for what must not leave: in JSON, in protobuf, in text. Says only what cannot be there by chance: forms that no id,
/// number, moment or version has, and full names and numbers that were lately seen.
#[derive(Default)]
pub struct Guard {
    names: names::Remembered,
}

impl Guard {
    /// Remembers a full name or a number that was seen: as keyed hashes, the last ten thousand.
    pub fn remember(&self, kind: Kind, value: &str) {
        self.names.add(kind, value.trim());
    }

    /// The first thing in `bytes` that must not leave.
    pub fn find(&self, bytes: &[u8]) -> Option<Kind> {
        forms::secret(bytes)
            .or_else(|| forms::email(bytes))
            .or_else(|| {
                let look = |string: &[u8]| self.tokens(string);
                wire::is_binary(bytes).then(|| wire::find(bytes, &look))?
            })
            .or_else(|| self.tokens(bytes))
    }

    fn tokens(&self, bytes: &[u8]) -> Option<Kind> {
        let mut names = self.names.look();
        let mut at = 0;
        while at < bytes.len() {
            let Some(skip) = bytes[at..]
                .iter()
                .position(|byte| IS_PART[usize::from(*byte)])
            else {
                break;
            };
            at += skip;
            // An escaped byte of an address parts words.
            if skip > 0 && bytes[at - 1] == b'%' && hex(bytes.get(at..at + 2)) {
                at += 2;
                continue;
            }
            let rest = &bytes[at..];
            let length = rest
                .iter()
                .position(|byte| !IS_PART[usize::from(*byte)])
                .unwrap_or(rest.len());
            let token = &rest[..length];
            let hit = if token[length - 1].is_ascii_digit() {
                forms::digits(bytes, at, at + length).or_else(|| names.number(bytes, at, token))
            } else if cues::secret(bytes, at, at + length) {
                Some(Kind::Credential)
            } else {
                names.word(bytes, at, token)
            };
            if hit.is_some() {
                return hit;
            }
            at += length;
        }
        None
    }
}

fn hex(bytes: Option<&[u8]>) -> bool {
    bytes.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
}

/// Bytes of words and of numbers.
static IS_PART: [bool; 256] = {
    let mut parts = [false; 256];
    let mut at = 0;
    while at < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let byte = at as u8;
        parts[at] = byte.is_ascii_alphanumeric() || byte >= 0x80;
        at += 1;
    }
    parts
};

#[cfg(test)]
mod tests;

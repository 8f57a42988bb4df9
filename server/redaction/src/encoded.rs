//! Text in base64 or in hexadecimal digits.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Fewest characters of something encoded.
const SHORTEST: usize = 8;
/// Most of them: a body that was encoded is longer, but then more than text.
const LONGEST: usize = 64 * 1024;

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
const IN_URLS: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);

/// Something encoded: where it is, and the text that it is.
pub struct Encoded {
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it says.
    pub text: String,
}

/// What is encoded in `text`.
pub fn find(text: &str) -> Vec<Encoded> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_code(bytes[at]) {
            at += 1;
            continue;
        }
        let length = bytes[at..]
            .iter()
            .take_while(|byte| is_code(**byte))
            .count();
        let padding = bytes[at + length..]
            .iter()
            .take(2)
            .take_while(|byte| **byte == b'=')
            .count();
        let run = &text[at..at + length];
        let end = at + length + padding;
        let whole = (SHORTEST..=LONGEST).contains(&length);
        match decode(run, padding > 0).filter(|_| whole) {
            Some(text) => found.push(Encoded {
                start: at,
                end,
                text,
            }),
            None => parts(run, at, padding, &mut found),
        }
        at = end;
    }
    found
}

/// The parts of a path, each for itself.
fn parts(run: &str, at: usize, padding: usize, found: &mut Vec<Encoded>) {
    let mut start = at;
    for part in run.split(['/', '-', '_']) {
        let end = start + part.len();
        let last = end == at + run.len();
        let fits = (SHORTEST..=LONGEST).contains(&part.len()) && part.len() < run.len();
        if fits && let Some(text) = decode(part, last && padding > 0) {
            let end = if last { end + padding } else { end };
            found.push(Encoded { start, end, text });
        }
        start = end + 1;
    }
}

fn is_code(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn decode(run: &str, padded: bool) -> Option<String> {
    let bytes = run.as_bytes();
    if bytes.len().is_multiple_of(2) && bytes.iter().all(u8::is_ascii_hexdigit) {
        let half = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let decoded: Option<Vec<u8>> = bytes.chunks_exact(2).map(half).collect();
        if let Some(text) = decoded.and_then(readable) {
            return Some(text);
        }
    }
    // Words and paths are not encoded text.
    let mixed = bytes.iter().any(u8::is_ascii_uppercase)
        && bytes.iter().any(u8::is_ascii_lowercase)
        || bytes.iter().any(u8::is_ascii_digit);
    if !mixed && !padded || bytes.len() % 4 == 1 {
        return None;
    }
    let engine = if run.contains(['-', '_']) {
        IN_URLS
    } else {
        STANDARD
    };
    engine.decode(run).ok().and_then(readable)
}

fn readable(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let plain = text
        .chars()
        .all(|one| !one.is_control() || one.is_whitespace());
    let telling = text.chars().filter(|one| one.is_alphanumeric()).count();
    (plain && telling >= 4 && telling * 2 > text.chars().count()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read() {
        for (text, told) in [
            ("q=TWFyaWEgUGVyZXo=&x", "Maria Perez"),
            ("q=TWFyaWEgUGVyZXo", "Maria Perez"),
            ("4d6172696120506572657a", "Maria Perez"),
            ("Sm9zw6kgUMOpcmV6", "José Pérez"),
        ] {
            assert!(find(text).iter().any(|one| one.text == told), "{text}");
        }
        for text in [
            "locations of detention",
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "/etc/icelocator-session/key",
        ] {
            assert!(find(text).is_empty(), "{text}");
        }
    }
}

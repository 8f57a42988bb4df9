//! What a determined reader makes of a text: encodings undone, disguises taken off.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use regex::{Captures, Regex};
use std::collections::HashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization as _;

use super::judge::GONE;

/// Letters that look like Latin ones, each before the one that it looks like, in lower case.
const LOOKALIKES: &str = "аaвbсcеeнhіiкkмmоoрpтtхxуyѕsјjԁdոnӏlαaβbεeζzηh \
    ιiκkμmνvοoπpρpτtυyχxıiłlꭺaꮇmꮮlꮲpꭼeꮓzøođdɑaɡg";

/// Lower case, without accents, compatibility forms, invisible characters and look-alike letters.
pub fn fold(text: &str) -> String {
    static LATIN: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        let letters: Vec<char> = LOOKALIKES.chars().filter(|c| *c != ' ').collect();
        letters
            .chunks_exact(2)
            .map(|pair| (pair[0], pair[1]))
            .collect()
    });
    text.nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c) && !invisible(*c))
        .flat_map(char::to_lowercase)
        .map(|c| {
            if c.is_ascii() {
                c
            } else {
                LATIN.get(&c).copied().unwrap_or(c)
            }
        })
        .collect()
}

const fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The text, and after it what its encodings hold.
pub fn readable(text: &str) -> String {
    let mut all = text.to_owned();
    let mut decoded = text.to_owned();
    for _ in 0..3 {
        let next = undo(&decoded);
        if next == decoded {
            break;
        }
        decoded = next;
    }
    if decoded != text {
        all.push(GONE);
        all.push_str(&decoded);
    }
    for hidden in packed(text).into_iter().chain(packed(&decoded)) {
        all.push(GONE);
        all.push_str(&hidden);
    }
    all
}

/// Entities, escapes and percent signs undone once.
fn undo(text: &str) -> String {
    static ENTITY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));").unwrap()
    });
    static UNICODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\\{1,2}u\{?([0-9a-fA-F]{4})\}?").unwrap());
    static BYTES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?:(?:\\{1,2}x|%|=)[0-9a-fA-F]{2})+").unwrap());
    let text = ENTITY.replace_all(text, |found: &Captures| {
        entity(found).unwrap_or_else(|| found[0].to_owned())
    });
    let text = UNICODE.replace_all(&text, |found: &Captures| {
        u32::from_str_radix(&found[1], 16)
            .ok()
            .and_then(char::from_u32)
            .map_or_else(|| found[0].to_owned(), String::from)
    });
    let text = BYTES.replace_all(&text, |found: &Captures| {
        let bytes: Vec<u8> = found[0]
            .split(['x', '%', '=', '\\'])
            .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    });
    text.replace("\\n", " ")
        .replace("\\t", " ")
        .replace("\\\"", "\"")
        .replace('+', " ")
}

fn entity(found: &Captures) -> Option<String> {
    let code = |text: &str, radix| {
        u32::from_str_radix(text, radix)
            .ok()
            .and_then(char::from_u32)
            .map(String::from)
    };
    if let Some(decimal) = found.get(1) {
        return code(decimal.as_str(), 10);
    }
    if let Some(hex) = found.get(2) {
        return code(hex.as_str(), 16);
    }
    let name = found.get(3)?.as_str();
    let letter = name.get(..1)?;
    match name {
        "nbsp" => Some(" ".to_owned()),
        "amp" => Some("&".to_owned()),
        "quot" => Some("\"".to_owned()),
        _ if ["acute", "grave", "tilde", "uml", "circ", "cedil"].contains(&&name[1..]) => {
            Some(letter.to_owned())
        }
        _ => None,
    }
}

/// What base64 and hexadecimal words hold, if it is text.
fn packed(text: &str) -> Vec<String> {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/_-]{8,}={0,2}").unwrap());
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let decoders = [
        GeneralPurpose::new(&alphabet::STANDARD, lenient),
        GeneralPurpose::new(&alphabet::URL_SAFE, lenient),
    ];
    let mut found = Vec::new();
    for word in WORD.find_iter(text) {
        let hex: Option<Vec<u8>> = (0..word.len())
            .step_by(2)
            .map(|at| {
                word.as_str()
                    .get(at..at + 2)
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            })
            .collect();
        let decoded = decoders
            .iter()
            .map(|decoder| decoder.decode(word.as_str()).ok())
            .chain([hex]);
        let mut texts: Vec<_> = decoded
            .flatten()
            .filter_map(|bytes| String::from_utf8(bytes).ok())
            .filter(|text| !text.chars().any(|c| c.is_control() && c != '\n'))
            .collect();
        texts.dedup();
        found.append(&mut texts);
    }
    found
}

/// Letters and digits alone; marks of what is gone stay.
pub fn compact(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric() || *c == GONE)
        .collect()
}

/// Its words, with a mark where something is gone.
pub fn words(text: &str) -> Vec<&str> {
    static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[\p{L}\p{N}]+|\x01").unwrap());
    WORD.find_iter(text).map(|word| word.as_str()).collect()
}

/// Digits and signs read as the letters that they stand for.
pub fn unleet(text: &str, one: char) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' => one,
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' | '+' => 't',
            _ => c,
        })
        .collect()
}

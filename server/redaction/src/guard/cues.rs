//! What stands before a number, and what follows a word for a secret.

use std::sync::LazyLock;

use crate::Kind;
use crate::words::{hash, one_of};

/// How far back a cue is looked for.
const REACH: usize = 72;
/// How many words back.
const WORDS: usize = 6;

const ALIENS: &str = "alien anumber extranjero anum";
const SSNS: &str = "ssn social seguro itin";
const PHONES: &str = "phone telephone tel telefono fono cell cellphone mobile movil celular cel fax whatsapp sms call text llame llamar \
    llamen marque";
const DOCUMENTS: &str = "passport pasaporte dui dpi nit curp rfc cedula dula license licence licencia matricula booking inmate ine document \
    documento identidad carnet receipt recibo expediente folio";
const BIRTHS: &str = "born birth birthday birthdate dob bday nac nacio naci nacido nacida nacimiento cumple cumpleanos fdn";
const MONTHS: &str = "january february march april may june july august september october november december jan feb mar apr jun jul aug sep \
    sept oct nov dec enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre ene abr ago dic";
const JOINTS: &str = "of de del the el year ano";
const SECRETS: &str = "password passwd pwd passphrase secret token apikey accesskey contrasena contrase clave auth authorization key credential \
    credentials jwt pass sessionid";
/// Words of the name of a secret that need another before them.
const SECOND: &str = "key pass";

const ALIEN: u64 = 1;
const SSN: u64 = 1 << 1;
const PHONE: u64 = 1 << 2;
const DOCUMENT: u64 = 1 << 3;
const BIRTH: u64 = 1 << 4;
const MONTH: u64 = 1 << 5;
const SECRET: u64 = 1 << 6;
const CLASSES: u64 = (1 << 7) - 1;
const SLOTS: usize = 1 << 10;

/// Hashes of the words, each with its classes in place of its last bits.
static CUES: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut slots = vec![0; SLOTS];
    for (list, class) in [
        (ALIENS, ALIEN),
        (SSNS, SSN),
        (PHONES, PHONE),
        (DOCUMENTS, DOCUMENT),
        (BIRTHS, BIRTH),
        (MONTHS, MONTH),
        (SECRETS, SECRET),
    ] {
        for word in list.split_ascii_whitespace() {
            let hash = hash(word.as_bytes());
            let at = slot(&slots, hash);
            slots[at] |= (hash & !CLASSES) | class;
        }
    }
    slots
});

fn slot(slots: &[u64], hash: u64) -> usize {
    let mut at = (hash >> 40) as usize % SLOTS;
    while slots[at] != 0 && (slots[at] ^ hash) & !CLASSES != 0 {
        at = (at + 1) % SLOTS;
    }
    at
}

fn classes(word: &[u8]) -> u64 {
    let slots = &*CUES;
    slots[slot(slots, hash(word))] & CLASSES
}

fn is(word: &[u8], class: u64) -> bool {
    classes(word) & class != 0
}

/// A word, small, without its accents.
struct Word {
    letters: [u8; 16],
    length: usize,
    start: usize,
}

impl Word {
    fn text(&self) -> &[u8] {
        match &self.letters[..self.length] {
            // The rest of a word with an escaped letter: `c\u00e9dula`.
            [b'u', b'0', b'0', _, _, rest @ ..] => rest,
            whole => whole,
        }
    }
}

/// The word that ends at `end`; longer ones are cut.
fn word_before(bytes: &[u8], end: usize) -> Word {
    let start = bytes[..end]
        .iter()
        .rposition(|byte| !super::IS_PART[usize::from(*byte)])
        .map_or(0, |at| at + 1);
    let mut word = Word {
        letters: [0; 16],
        length: 0,
        start,
    };
    let mut at = start;
    while at < end && word.length < word.letters.len() {
        let (letter, width) = match bytes[at] {
            0xc3 => (
                super::names::latin(bytes.get(at + 1).copied().unwrap_or_default()),
                2,
            ),
            other => (other.to_ascii_lowercase(), 1),
        };
        word.letters[word.length] = letter;
        word.length += 1;
        at += width;
    }
    word
}

/// Words before `start`, the nearest first, in the same string or field.
fn words_before(bytes: &[u8], start: usize) -> impl Iterator<Item = Word> {
    let from = start.saturating_sub(REACH);
    let mut at = start;
    // A value stands after its key: then the key may be read, too.
    let mut quotes = match bytes[..start].trim_ascii_end().last() {
        Some(b'"') => 3,
        Some(b':') => 2,
        _ => 1,
    };
    std::iter::from_fn(move || {
        while at > from {
            let byte = bytes[at - 1];
            if super::IS_PART[usize::from(byte)] {
                let word = word_before(&bytes[..at], at);
                at = word.start;
                return Some(word);
            }
            quotes -= usize::from(byte == b'"');
            if quotes == 0 || b"{}[]\n;".contains(&byte) {
                at = 0;
                return None;
            }
            at -= 1;
        }
        None
    })
    .take(WORDS)
}

/// Whether a number is the value of a metric: `name_total 12` up to the end of the line.
fn is_metric(bytes: &[u8], start: usize, end: usize) -> bool {
    let last = matches!(bytes.get(end), None | Some(b'\n'));
    let name = bytes[..start].strip_suffix(b" ").unwrap_or_default();
    let length = name
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    last && (name.ends_with(b"}") || name[name.len() - length..].contains(&b'_'))
}

/// Whether a word of birth stands before.
pub fn birth(bytes: &[u8], start: usize) -> bool {
    words_before(bytes, start).any(|word| is(word.text(), BIRTH))
}

/// What the words before `start` say that a number of so many digits is.
pub fn number(bytes: &[u8], start: usize, end: usize, digits: usize) -> Option<Kind> {
    if is_metric(bytes, start, end) {
        return None;
    }
    let mut nearer = Word {
        letters: [0; 16],
        length: 0,
        start,
    };
    for word in words_before(bytes, start) {
        let text = word.text();
        let classes = classes(text);
        let letter = text == b"a"
            && (bytes[word.start] == b'A'
                || matches!(bytes.get(word.start + 1), Some(b'_' | b'-')));
        let of_number = letter && one_of(nearer.text(), "number numbers numero num no nro file")
            || bytes[nearer.start..].starts_with(b"A")
                && nearer.length == 1
                && one_of(text, "number numero mero num file");
        if (7..=9).contains(&digits) && (of_number || classes & ALIEN != 0) {
            return Some(Kind::AlienNumber);
        }
        if digits == 9 && classes & SSN != 0 {
            return Some(Kind::Ssn);
        }
        if (7..=13).contains(&digits) && classes & PHONE != 0 {
            return Some(Kind::Phone);
        }
        if digits >= 6 && classes & DOCUMENT != 0 {
            return Some(Kind::Document);
        }
        nearer = word;
    }
    None
}

/// Whether a day in words ends before the year at `start`: "4 de julio de ", "July 4th, ".
pub fn day(bytes: &[u8], start: usize) -> bool {
    let mut end = start;
    let (mut month, mut day) = (false, false);
    for _ in 0..7 {
        let gap = bytes[..end]
            .iter()
            .rev()
            .take(4)
            .take_while(|byte| b" ,.-/'".contains(byte))
            .count();
        if gap == 0 || gap == 4 || gap == end {
            return false;
        }
        let word = word_before(bytes, end - gap);
        let text = word.text();
        if !month && is(text, MONTH) {
            month = true;
        } else if !day && is_day(text) {
            day = true;
        } else if !one_of(text, JOINTS) {
            return false;
        }
        if month && day {
            return true;
        }
        end = word.start;
    }
    false
}

/// A day of a month: "4", "4th".
fn is_day(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let value = text[..digits].iter().fold(0, |value: u32, digit| {
        value.saturating_mul(10) + u32::from(digit & 15)
    });
    let suffix = &text[digits..];
    (1..=31).contains(&value) && (suffix.is_empty() || one_of(suffix, "st nd rd th ro er o"))
}

/// A secret after the word from `start` to `end`: `password=hunter2`, `"api_key": "…"`, "la clave es …".
pub fn secret(bytes: &[u8], start: usize, end: usize) -> bool {
    // Asked of each word, so its first letter and its length come first.
    let likely = match bytes[start] | 0x20 {
        b'p' => matches!(end - start, 3 | 4 | 6 | 8 | 10),
        b's' => matches!(end - start, 6 | 9),
        b't' | b'k' | b'j' => matches!(end - start, 3 | 5),
        b'a' => matches!(end - start, 4 | 6 | 9 | 13),
        b'c' => matches!(end - start, 5 | 8 | 10 | 11),
        _ => false,
    };
    if !likely {
        return false;
    }
    let word = word_before(bytes, end);
    let text = word.text();
    if !is(text, SECRET) {
        return false;
    }
    let before = bytes[..start].last().copied().unwrap_or(b' ');
    let rest = &bytes[end..];
    let rest = rest.strip_prefix(b"\\u00f1a").unwrap_or(rest);
    let (rest, quoted) = unquoted(rest);
    let spaced = rest.trim_ascii_start();
    let signed = match spaced {
        [b':' | b'=', rest @ ..] => Some(rest),
        _ if quoted => None,
        other => other
            .strip_prefix(b"is ")
            .or_else(|| other.strip_prefix(b"es ")),
    };
    let (rest, signed) = match signed {
        Some(rest) => (rest, true),
        None => (spaced, false),
    };
    let second = one_of(text, SECOND) && !b"_-. ".contains(&before);
    let rest = rest.trim_ascii_start();
    let (rest, _) = unquoted(rest);
    let length = rest
        .iter()
        .take(400)
        .take_while(|byte| byte.is_ascii_graphic() && !b"\"'`,;)]}<>\\[{".contains(byte))
        .count();
    let value = &rest[..length];
    let shortest = if second { 24 } else { 6 };
    let strange = value
        .iter()
        .any(|byte| !byte.is_ascii_digit() && !b".:".contains(byte));
    let digit = value.iter().any(u8::is_ascii_digit);
    if !signed {
        let telling = digit
            && value.iter().any(u8::is_ascii_lowercase)
            && value.iter().any(|byte| b"!#$%&*+^~@".contains(byte));
        return length >= 8 && telling && !second && rest.len() < bytes.len() - end;
    }
    length >= shortest && strange && digit
}

/// What stands after a quotation mark, if there is one.
fn unquoted(bytes: &[u8]) -> (&[u8], bool) {
    let plain = bytes.strip_prefix(b"\\").unwrap_or(bytes);
    match plain {
        [b'"' | b'\'', rest @ ..] => (rest, true),
        _ => (bytes, false),
    }
}

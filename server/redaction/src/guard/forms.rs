//! Forms in bytes.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::cues;
use crate::Kind;
use crate::forms::credential;

static SECRETS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms = credential::FORMS.trim_start_matches("(?x-u)");
    Regex::new(&format!(
        r"(?x-u) {forms} | {} | \b[Bb]earer\x20[A-Za-z0-9._~+/=-]{{20,}}",
        credential::USER_FORM
    ))
    .ok()
});

/// A token, a key, a password in an address.
pub fn secret(bytes: &[u8]) -> Option<Kind> {
    let secrets = SECRETS.as_ref()?;
    secrets.is_match(bytes).then_some(Kind::Credential)
}

/// Endings of files and of programs' names that look like those of addresses.
const NO_DOMAINS: [&[u8]; 14] = [
    b"rs", b"py", b"js", b"ts", b"md", b"sh", b"so", b"go", b"json", b"yaml", b"yml", b"toml",
    b"lock", b"local",
];

/// An e-mail address.
pub fn email(bytes: &[u8]) -> Option<Kind> {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == b'@') {
        let at = from + at;
        from = at + 1;
        let in_name =
            |byte: &&u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte) || **byte >= 0x80;
        let length = bytes[..at]
            .iter()
            .rev()
            .take(64)
            .take_while(in_name)
            .count();
        let name = &bytes[at - length..at];
        let rest = &bytes[from..];
        let length = rest
            .iter()
            .take(254)
            .take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte))
            .count();
        let domain = rest[..length].trim_ascii_end();
        let domain = domain.strip_suffix(b".").unwrap_or(domain);
        let Some(dot) = domain.iter().rposition(|byte| *byte == b'.') else {
            continue;
        };
        let top = &domain[dot + 1..];
        let is_domain = dot > 0
            && (2..=24).contains(&top.len())
            && top.iter().all(u8::is_ascii_alphabetic)
            && !NO_DOMAINS.contains(&top);
        let is_told = name.iter().any(u8::is_ascii_alphanumeric) && name != b"git";
        // The key of a Sentry DSN stands where a user would.
        let is_user =
            bytes[..at - name.len()].ends_with(b"//") || bytes[..at - name.len()].ends_with(b":");
        if is_domain && is_told && !is_user {
            return Some(Kind::Email);
        }
    }
    None
}

fn is_edge(byte: Option<&u8>) -> bool {
    byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"-_.".contains(byte) && *byte < 0x80)
}

/// Whether a number ends at `end`, be it with the end of a sentence.
fn ends(bytes: &[u8], end: usize) -> bool {
    match bytes.get(end) {
        Some(b'.') => !bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric),
        other => is_edge(other),
    }
}

/// What digits, or letters and digits, are part of that end at `end`.
pub fn digits(bytes: &[u8], start: usize, end: usize) -> Option<Kind> {
    let token = &bytes[start..end];
    let letters = token
        .iter()
        .take_while(|byte| !byte.is_ascii_digit())
        .count();
    if let [b'0'..=b'9', b'0'..=b'9', b'T' | b't', ..] = token {
        return grouped(bytes, start + 2);
    }
    if letters > 3 || !all_digits(&token[letters..]) {
        return None;
    }
    let size = token.len() - letters;
    let alone = is_edge(start.checked_sub(1).map(|at| &bytes[at])) && ends(bytes, end);
    if letters > 0 {
        if letters == 1 && size == 3 {
            return grouped(bytes, end);
        }
        let capitals = token[..letters].iter().all(u8::is_ascii_uppercase);
        return match (letters, size) {
            _ if !alone => None,
            (1, 9) if token[0] | 0x20 == b'a' => Some(Kind::AlienNumber),
            (1, 8) if token[0] == b'A' => Some(Kind::AlienNumber),
            (1, 8 | 9) | (2, 6..=8) | (3, 10) if capitals => Some(Kind::Document),
            (_, 5..=12) => cues::number(bytes, start, end, size + letters)
                .filter(|kind| *kind == Kind::Document),
            _ => None,
        };
    }
    let before = &bytes[..start];
    if before.ends_with(b"+")
        && !before[..start - 1]
            .last()
            .is_some_and(u8::is_ascii_alphanumeric)
        && (11..=15).contains(&size)
        && ends(bytes, end)
    {
        return Some(Kind::Phone);
    }
    match size {
        2..=4 => grouped(bytes, end).or_else(|| (size == 4).then(|| year(bytes, start, end))?),
        8 | 9 if ends(bytes, end) && letter_before(bytes, start) => Some(Kind::AlienNumber),
        8 if alone_with_check_digit(bytes, start, end) => Some(Kind::Document),
        10 if alone && is_call(bytes, start, end) => Some(Kind::Phone),
        6..=13 if alone => cues::number(bytes, start, end, size),
        _ => None,
    }
}

/// The year of a day in words, or after a word of birth.
fn year(bytes: &[u8], start: usize, end: usize) -> Option<Kind> {
    let past = is_past(value(&bytes[start..end])) && ends(bytes, end);
    (past && (cues::day(bytes, start) || cues::birth(bytes, start))).then_some(Kind::Date)
}

/// Whether the A of an A-number stands before: "A 123456789", "A# 123456789", "A-123456789".
fn letter_before(bytes: &[u8], start: usize) -> bool {
    let gap = bytes[..start]
        .iter()
        .rev()
        .take(4)
        .take_while(|byte| b" -#:._(".contains(byte))
        .count();
    let letter = start - gap;
    let edge = || is_edge(letter.checked_sub(2).map(|at| &bytes[at]));
    gap < 4 && letter > 0 && bytes[letter - 1] == b'A' && edge()
}

/// Eight digits and one, such as a DUI: "04567812-3"; no day with a number.
fn alone_with_check_digit(bytes: &[u8], start: usize, end: usize) -> bool {
    let check = matches!(bytes[end..], [b'-', b'0'..=b'9', ..]) && ends(bytes, end + 2);
    let day = bytes[start..].starts_with(b"19") || bytes[start..].starts_with(b"20");
    check && !day && is_edge(start.checked_sub(1).map(|at| &bytes[at]))
}

/// Whether ten digits in a sentence are a telephone number of North America.
fn is_call(bytes: &[u8], start: usize, end: usize) -> bool {
    let dialled = bytes[start] > b'1' && bytes[start + 3] > b'1';
    let told = matches!(&bytes[..start], [.., before, b' '] if before.is_ascii_alphabetic() || b".,".contains(before));
    let rest = &bytes[end..];
    let goes_on = match rest {
        [b' ', word @ ..] => {
            let length = word
                .iter()
                .take_while(|byte| byte.is_ascii_alphabetic())
                .count();
            length > 0
                && !crate::words::one_of(
                    &word[..length],
                    "bytes ms ns us kb mb rows requests items records seconds nanoseconds microseconds",
                )
        }
        rest => rest.first().is_some_and(|byte| b",.\"\\?!)".contains(byte)),
    };
    dialled && (told && goes_on) || cues::number(bytes, start, end, 10) == Some(Kind::Phone)
}

fn value(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |number: u32, digit| number * 10 + u32::from(digit & 15))
}

/// Years of birth, rather than of now.
fn is_past(year: u32) -> bool {
    (1900..=2015).contains(&year)
}

fn all_digits(token: &[u8]) -> bool {
    token.iter().all(u8::is_ascii_digit)
}

/// Groups of digits with marks between them, the last first.
#[derive(Default)]
struct Groups {
    sizes: [usize; 5],
    /// What stands before each.
    marks: [u8; 5],
    count: usize,
    /// Where the third begins.
    start: usize,
}

/// The groups of digits up to `end`: at most five.
fn groups(bytes: &[u8], end: usize) -> Groups {
    let mut groups = Groups::default();
    let mut at = end;
    while groups.count < groups.sizes.len() {
        let before = bytes[..at].iter().rev().take(5);
        let size = before.take_while(|byte| byte.is_ascii_digit()).count();
        if size == 0 || size == 5 {
            break;
        }
        at -= size;
        groups.sizes[groups.count] = size;
        groups.count += 1;
        if groups.count == 3 {
            groups.start = at;
        }
        let Some(mark) = at.checked_sub(1).map(|at| bytes[at]) else {
            break;
        };
        groups.marks[groups.count - 1] = mark;
        if !b"-./ )".contains(&mark) {
            break;
        }
        at -= 1;
        if mark == b' ' && at > 0 && bytes[at - 1] == b')' {
            groups.marks[groups.count - 1] = b')';
            at -= 1;
        }
    }
    groups
}

fn grouped(bytes: &[u8], end: usize) -> Option<Kind> {
    let groups = groups(bytes, end);
    if groups.count < 3 {
        return None;
    }
    let [one, two, before, ..] = groups.marks;
    let free = !before.is_ascii_alphanumeric() && !b"-._/".contains(&before) && before < 0x80;
    let whole = ends(bytes, end) && bytes.get(end) != Some(&b'/');
    let total: usize = groups.sizes[..groups.count].iter().sum();
    if groups.marks[groups.count - 1] == b'+' && (8..=15).contains(&total) && whole {
        return Some(Kind::Phone);
    }
    let [last, middle, first] = [groups.sizes[0], groups.sizes[1], groups.sizes[2]];
    let lead = value(&bytes[groups.start..groups.start + first]);
    let in_month = |one: u32, other: u32| {
        let valid = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
        valid(one, other) || valid(other, one)
    };
    let same = one == two;
    match ([last, middle, first], one) {
        ([4, 2, 3], b'-' | b' ') if same && free && whole => Some(Kind::Ssn),
        ([4, 3, 3], b'-' | b'.') if same && whole => {
            let country = groups.sizes[3] == 1 && before == two;
            (free || country).then_some(Kind::Phone)
        }
        ([4, 3, 3], b' ') if same && free && whole && lead >= 200 => Some(Kind::Phone),
        ([4, 3, 3], b'-' | b' ') if two == b')' && before == b'(' && whole => Some(Kind::Phone),
        ([3, 3, 3], b'-' | b' ' | b'.') if same && whole => {
            let glued =
                before | 0x20 == b'a' && is_edge(groups.start.checked_sub(2).map(|at| &bytes[at]));
            let small = before == b'-'
                && bytes[..groups.start].ends_with(b"a-")
                && is_edge(groups.start.checked_sub(3).map(|at| &bytes[at]));
            let lettered = glued || small || letter_before(bytes, groups.start);
            if lettered {
                return Some(Kind::AlienNumber);
            }
            cues::number(bytes, groups.start, end, 9).filter(|_| free)
        }
        ([4, 1 | 2, 1 | 2], b'/' | b'-' | b'.') if same && free && whole => {
            let month = value(&bytes[end - 5 - middle..end - 5]);
            (is_past(value(&bytes[end - 4..end])) && in_month(lead, month)).then_some(Kind::Date)
        }
        ([2, 1 | 2, 1 | 2], b'/' | b'-') if same && free && whole => {
            let month = value(&bytes[end - 3 - middle..end - 3]);
            (in_month(lead, month) && cues::birth(bytes, groups.start)).then_some(Kind::Date)
        }
        ([2, 2, 4], b'-' | b'/' | b'.') if same && free => {
            let (month, day) = (value(&bytes[end - 5..end - 3]), value(&bytes[end - 2..end]));
            let whole = !bytes
                .get(end)
                .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-');
            let epoch = (lead, month, day) == (1970, 1, 1);
            (in_month(month, day) && whole && is_past(lead) && !epoch).then_some(Kind::Date)
        }
        _ => None,
    }
}

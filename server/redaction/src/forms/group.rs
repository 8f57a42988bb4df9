//! Groups of digits that may be one number.

use super::numerals;
use crate::token::{Shape, Tokens};
use crate::words::Class;

/// Most bytes between two groups.
const WIDEST: usize = 3;
/// Most digits of one number.
pub const MOST_DIGITS: usize = 20;
/// Digits that stand together.
pub struct Group {
    /// The first token.
    pub first: usize,
    /// The last.
    pub last: usize,
    /// The digits.
    pub digits: Digits,
    /// Whether it is written in words.
    pub spelled: bool,
    /// What stands before it, if it belongs to a run.
    pub mark: u8,
}

/// Digits without an allocation: there are many of them in logs.
#[derive(Clone, Copy)]
pub struct Digits {
    bytes: [u8; MOST_DIGITS],
    length: usize,
}

impl Digits {
    /// The first of them are kept.
    pub fn new(digits: &[u8]) -> Self {
        let mut bytes = [0; MOST_DIGITS];
        let kept = digits.len().min(MOST_DIGITS);
        bytes[..kept].copy_from_slice(&digits[..kept]);
        Self {
            bytes,
            length: digits.len(),
        }
    }

    /// How many there are, even if only the first are kept.
    pub fn len(&self) -> usize {
        self.length
    }

    /// The number that they are, if it is small.
    pub fn number(&self) -> Option<u32> {
        let digits = self.bytes.get(..self.length)?;
        digits.iter().try_fold(0, |number: u32, digit| {
            number.checked_mul(10)?.checked_add(u32::from(digit - b'0'))
        })
    }

    /// Those that are kept.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length.min(MOST_DIGITS)]).unwrap_or_default()
    }
}

/// The parts of a day whose digits stand apart: "2 7 / 0 3 / 1 9 9 3".
pub fn apart(groups: &[Group]) -> Option<Vec<Group>> {
    if !(6..=8).contains(&groups.len()) || groups.iter().any(|group| group.digits.len() != 1) {
        return None;
    }
    let mut parts: Vec<Group> = Vec::new();
    for group in groups {
        match parts.last_mut() {
            Some(part) if group.mark == b' ' => {
                let digits = [part.digits.as_str(), group.digits.as_str()].concat();
                part.digits = Digits::new(digits.as_bytes());
                part.last = group.last;
            }
            _ => parts.push(Group { ..*group }),
        }
    }
    (parts.len() == 3).then_some(parts)
}

/// Whether more follows a number in words: one of them alone is too short to be anything.
pub fn goes_on(tokens: &Tokens, at: usize) -> bool {
    tokens.all.get(at + 1).is_some_and(|next| {
        next.is_digits() || next.class.any(Class::NUMBER) || tokens.text(at + 1) == b"y"
    })
}

/// The group that begins at token `at`, and the token after it.
pub fn group(tokens: &Tokens, at: usize) -> Option<(Group, usize)> {
    let token = tokens.all.get(at)?;
    let group = |digits: &[u8], last: usize, spelled: bool| Group {
        first: at,
        last,
        digits: Digits::new(digits),
        spelled,
        mark: 0,
    };
    if token.shape == Shape::Digits {
        return Some((group(tokens.text(at), at, false), at + 1));
    }
    if token.glued {
        return None;
    }
    let (digits, end) = spelled(tokens, at)?;
    Some((group(digits.as_bytes(), end - 1, true), end))
}

/// The digits of the number in words that begins at token `at`, and the token after it.
pub fn spelled(tokens: &Tokens, at: usize) -> Option<(String, usize)> {
    if !tokens.all.get(at)?.class.any(Class::NUMBER) {
        return None;
    }
    let times = match tokens.text(at) {
        b"double" => 2,
        b"triple" => 3,
        _ => 0,
    };
    let (number, end) = numerals::below_hundred(tokens, at + usize::from(times > 0))?;
    Some((number.to_string().repeat(times.max(1)), end))
}

/// The mark between two groups, if they may belong together.
pub fn mark(gap: &[u8], spelled: bool) -> Option<u8> {
    if gap.is_empty() || gap.len() > WIDEST {
        return None;
    }
    let mut mark = b' ';
    for byte in gap {
        match byte {
            b' ' | b'\t' | b'(' | b')' => {}
            b'\n' if gap.len() == 1 || gap == b"-\n" => {}
            b'-' | b'.' | b'/' | b'_' | b'+' | b'*' | b'~' | b'|' => mark = *byte,
            b',' if spelled => mark = b' ',
            b',' => mark = b',',
            _ => return None,
        }
    }
    Some(mark)
}

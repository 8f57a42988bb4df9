//! Numbers in which letters stand for digits that look like them: "A2155480l9", "8S24S2498".

use super::Finding;
use crate::Kind;
use crate::token::{Shape, Tokens};
use crate::words::Class;

/// Fewest digits that stay digits where nothing announces the number.
const DIGITS: usize = 6;

fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'0'..=b'9' => byte,
        b'o' => b'0',
        b'l' | b'i' => b'1',
        b'z' => b'2',
        b's' => b'5',
        b'b' => b'8',
        b'g' => b'9',
        _ => return None,
    })
}

/// Looks at the letters and digits that the digits at token `at` are the first of.
pub fn find(tokens: &Tokens, at: usize, found: &mut Vec<Finding>) {
    let glued = |at: usize| tokens.all.get(at).is_some_and(|token| token.glued);
    let mut first = at;
    while glued(first) {
        first -= 1;
        if tokens.all[first].is_digits() {
            return;
        }
    }
    let mut last = at;
    while glued(last + 1) {
        last += 1;
    }
    let parts = &tokens.all[first..=last];
    if last == first || parts.iter().any(|part| part.shape == Shape::Hidden) {
        return;
    }
    let bytes = &tokens.folded.bytes[parts[0].start..parts[parts.len() - 1].end];
    let (lettered, rest) = match bytes {
        [b'a', rest @ ..] if matches!(rest.len(), 8 | 9) => (true, rest),
        rest => (false, rest),
    };
    if !(8..=10).contains(&rest.len()) {
        return;
    }
    let Some(digits) = rest
        .iter()
        .map(|byte| digit(*byte))
        .collect::<Option<Vec<u8>>>()
    else {
        return;
    };
    let plain = rest.iter().filter(|byte| byte.is_ascii_digit()).count();
    let cue = |class: Class| tokens.cue_before(first, 5, class);
    let letter = || (first.saturating_sub(4)..first).any(|one| tokens.is_letter_of_number(one));
    let kind = match digits.len() {
        8 | 9 if lettered && plain >= DIGITS.min(digits.len() - 3) => Kind::AlienNumber,
        9 if plain > 2 && cue(Class::SSN) => Kind::Ssn,
        9 if plain > 2 && (cue(Class::ALIEN) || letter()) => Kind::AlienNumber,
        10 if plain > 1 && cue(Class::PHONE) => Kind::Phone,
        _ => return,
    };
    if plain == digits.len() {
        return;
    }
    found.push(Finding {
        start: parts[0].start,
        end: parts[parts.len() - 1].end,
        kind,
        value: String::from_utf8(digits).ok(),
    });
}

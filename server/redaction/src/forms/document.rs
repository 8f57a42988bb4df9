//! Numbers of documents that are letters and digits: passports, receipts, CURP.

use super::Finding;
use crate::Kind;
use crate::token::{Case, Shape, Tokens};
use crate::words;

/// How far a document's number is from its name.
const NEAR: usize = 6;

/// Where letters and digits that stand together begin and end.
fn chunk(tokens: &Tokens, at: usize) -> (usize, usize) {
    let mut first = at;
    while first > 0 && tokens.all[first].glued && at - first < NEAR {
        first -= 1;
    }
    let mut last = at;
    while tokens.all.get(last + 1).is_some_and(|next| next.glued) && last - at < NEAR {
        last += 1;
    }
    (first, last)
}

fn push(tokens: &Tokens, first: usize, last: usize, found: &mut Vec<Finding>) {
    let value = tokens.folded.bytes[tokens.all[first].start..tokens.all[last].end]
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|byte| char::from(*byte))
        .collect();
    found.push(Finding {
        start: tokens.all[first].start,
        end: tokens.all[last].end,
        kind: Kind::Document,
        value: Some(value),
    });
}

/// A number whose form says what it is. The token at `at` is digits.
pub fn by_form(tokens: &Tokens, at: usize, found: &mut Vec<Finding>) {
    let (first, last) = chunk(tokens, at);
    let spaced = first == at && at > 0 && matches!(tokens.gap(at), b" " | b"-");
    let first = if spaced
        && tokens.all[at - 1].len() <= 3
        && !tokens.all[at - 1].glued
        && tokens.all[at - 1].case != Case::Small
    {
        at - 1
    } else {
        first
    };
    if first == last {
        return;
    }
    let parts = &tokens.all[first..=last];
    let capitals = parts[0].case != Case::Small;
    let mut sizes = [0; 2 * NEAR + 2];
    for (size, part) in sizes.iter_mut().zip(parts) {
        *size = part.len();
    }
    let sizes = &sizes[..parts.len()];
    let begins = parts[0].is_word();
    let joined = first != at - usize::from(spaced && first < at) || !spaced || first == at;
    let fits = begins
        && match *sizes {
            // A passport: G12345678, AB1234567. A single small letter may be any program's.
            [1, 8 | 9] => capitals || tokens.text(first) != b"v",
            [2, 6..=8] | [3 | 4, 6] => capitals && joined,
            // A receipt of USCIS: EAC2190012345.
            [3, 10] | [6, 8, 1, 3] => true,
            // RFC and CURP.
            [4, 6, ..] => sizes.len() <= 6,
            [3, 6, _] => capitals,
            // A Mexican voter's card.
            _ => false,
        };
    // An I-94 has a letter and a digit at its end, an FBI number two letters and a digit.
    let digits_first = !begins
        && match *sizes {
            [7..=9 | 13, 1] => capitals_last(tokens, last),
            [8 | 9, 1, 1] | [6, 2, 1] => capitals_last(tokens, last - 1),
            _ => false,
        };
    if fits || digits_first {
        push(tokens, first, last, found);
    }
}

fn capitals_last(tokens: &Tokens, last: usize) -> bool {
    tokens.all[last].case != Case::Small
}

/// Names of documents that nothing else is called.
const SURE: &str = "passport pasaporte cedula booking inmate fin dui dpi subject expediente";
/// What a car has: letters and digits, apart or not.
const PLATES: &str = "plate plates placa placas";
/// Names that much else is called.
const VAGUE: &str = "card tarjeta case caso account cuenta receipt recibo document documento";

/// A number that follows the name of its document.
pub fn after_cue(tokens: &Tokens, cue: usize, found: &mut Vec<Finding>) {
    let shortest = match tokens.text(cue) {
        b"bed" => 2,
        name if words::one_of(name, SURE) => 4,
        name if words::one_of(name, VAGUE) => 6,
        _ => 5,
    };
    let plate = words::one_of(tokens.text(cue), PLATES);
    let mut at = cue + 1;
    while at < tokens.all.len() && at <= cue + NEAR {
        let gap = tokens.gap(at);
        let other = tokens.all[at].shape == Shape::Id;
        if other || gap.contains(&b'\n') || gap.len() > 4 || gap.contains(&b';') {
            return;
        }
        let (first, end) = chunk(tokens, at);
        let mut last = end;
        if first != at {
            at += 1;
            continue;
        }
        while last - first < NEAR
            && tokens.all.get(last + 1).is_some_and(|next| {
                next.is_digits() || next.glued || next.is_word() && next.len() <= 2
            })
            && matches!(tokens.gap(last + 1), b"" | b"-" | b" " | b"." | b"/")
            && (tokens.gap(last + 1) != b" "
                || tokens.all[last + 1].is_digits()
                    && (tokens.all[last].is_digits()
                        || plate && tokens.all[last].case == Case::Upper))
        {
            last += 1;
        }
        let length: usize = tokens.all[first..=last]
            .iter()
            .map(crate::token::Token::len)
            .sum();
        let digits = tokens.all[first..=last]
            .iter()
            .filter(|one| one.is_digits())
            .map(crate::token::Token::len)
            .sum::<usize>();
        if tokens.all[first].shape != Shape::Hidden
            && digits >= 2.min(shortest)
            && length >= shortest
            && length <= 24
            && digits * 3 >= length
        {
            push(tokens, first, last, found);
            return;
        }
        at = last + 1;
    }
}

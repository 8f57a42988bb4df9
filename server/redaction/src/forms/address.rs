//! Postal addresses, as they are written in English and Spanish.

use super::Finding;
use crate::Kind;
use crate::token::{Case, Token, Tokens};
use crate::words::{self, Class};

/// How far a street's name reaches.
const NAME: usize = 5;
/// How far an address goes on after its street.
const REST: usize = 14;

fn push(tokens: &Tokens, first: usize, last: usize, found: &mut Vec<Finding>) {
    found.push(Finding {
        start: tokens.all[first].start,
        end: tokens.all[last].end,
        kind: Kind::Address,
        value: None,
    });
}

/// Whether a gap holds an address together.
fn is_near(gap: &[u8]) -> bool {
    gap.len() <= 4 && gap.iter().all(|byte| b" ,.#-/'\"\n".contains(byte))
}

/// An address that begins with its number: "1420 Oak Hollow St., Apt 3".
pub fn from_number(tokens: &Tokens, at: usize, found: &mut Vec<Finding>) {
    let token = &tokens.all[at];
    if token.len() > 6 || token.glued {
        return;
    }
    if zip(tokens, at) {
        push(tokens, at.saturating_sub(1), at, found);
        return;
    }
    let end = (at + 1 + NAME).min(tokens.all.len());
    let near = &tokens.all[at + 1..end];
    if !near.iter().any(|token| token.class.any(Class::STREET)) {
        return;
    }
    let mut kind = None;
    for next in at + 1..end {
        let gap = tokens.gap(next);
        let word = &tokens.all[next];
        if gap.len() > 2 || !gap.iter().all(|byte| b" .-'\n".contains(byte)) {
            break;
        }
        // "77 Avenue U".
        let lettered = next == at + 1
            && word.class.any(Class::STREET)
            && word.case != Case::Small
            && tokens.all.get(next + 1).is_some_and(|one| {
                one.len() == 1 && one.case == Case::Capital && tokens.gap(next + 1) == b" "
            });
        if lettered {
            kind = Some(next);
            break;
        }
        if word.class.any(Class::STREET) && next > at + 1 {
            let side = words::one_of(
                tokens.text(at + 1),
                "n s e w ne nw se sw north south east west",
            );
            let named = side || (at + 1..next).any(|one| is_named(&tokens.all[one]));
            let sure = !words::one_of(
                tokens.text(next),
                "way place run court square path st drive trail loop av crossing circle",
            );
            if named || sure && word.case != Case::Small || sure && next == at + 2 {
                kind = Some(next);
            }
            if kind.is_some()
                && !tokens
                    .all
                    .get(next + 1)
                    .is_some_and(|after| after.class.any(Class::STREET))
            {
                break;
            }
        }
        let holds = word.class.any(Class::FUNCTION)
            && word.case == Case::Small
            && !words::one_of(tokens.text(next), "la el los las de del the of");
        if holds || word.is_digits() && next > at + 2 {
            break;
        }
    }
    if let Some(kind) = kind {
        push(tokens, at, rest(tokens, kind), found);
    }
}

fn is_named(token: &Token) -> bool {
    let name = token.is_word() && token.case != Case::Small;
    name || token.is_digits() || token.class.any(Class::NAME)
}

/// Whether the digits are a ZIP code: after a word for one, or after a state.
fn zip(tokens: &Tokens, at: usize) -> bool {
    if tokens.all[at].len() != 5 || at == 0 || tokens.gap(at).len() > 2 {
        return false;
    }
    let before = tokens.text(at - 1);
    let state = before.len() == 2 && tokens.all[at - 1].case == Case::Upper && is_state(before);
    state || words::one_of(before, "zip zipcode cp postal")
}

fn is_state(word: &[u8]) -> bool {
    const STATES: &[u8] = b"al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr";
    STATES
        .split(|byte| *byte == b' ')
        .any(|state| state == word)
}

/// Where an address ends whose street ends at token `at`.
fn rest(tokens: &Tokens, at: usize) -> usize {
    let mut last = at;
    let mut next = at + 1;
    let end = (at + REST).min(tokens.all.len());
    while next < end && is_near(tokens.gap(next)) {
        let token = &tokens.all[next];
        let gap = tokens.gap(next);
        let sentence = gap.contains(&b'.')
            && gap.len() > 1
            && token.case == Case::Capital
            && !token.class.any(Class::UNIT.and(Class::CALLE))
            && at != next - 1;
        if sentence || gap.contains(&b'\n') && gap.len() > 2 {
            break;
        }
        let before = &tokens.all[next - 1];
        let unit = before.class.any(Class::UNIT) || gap.contains(&b'#');
        if token.is_digits() || unit && token.len() <= 3 {
            last = next;
        } else if token.class.any(Class::UNIT) || token.class.any(Class::CALLE) {
            let numbered = tokens.all.get(next + 1..(next + 4).min(tokens.all.len()));
            let numbered = numbered.is_some_and(|more| {
                more.iter()
                    .any(|one| one.is_digits() || one.case != Case::Small || one.len() == 1)
            });
            if !numbered {
                break;
            }
            last = next;
        } else if token.case == Case::Upper && token.len() == 2 && is_state(tokens.text(next))
            || token.case != Case::Small && !token.class.any(Class::FUNCTION)
            || token.glued
        {
            last = next;
        } else if !words::one_of(tokens.text(next), "de del la las los el y") {
            break;
        }
        next += 1;
    }
    last
}

/// An address that begins with its kind of street: "Calle 5 de Mayo 123, Col. Centro". Tells the token after it.
pub fn after_kind(tokens: &Tokens, at: usize, found: &mut Vec<Finding>) -> Option<usize> {
    let mut named = false;
    let mut number = None;
    let end = (at + 8).min(tokens.all.len());
    let mut next = at + 1;
    while next < end && is_near(tokens.gap(next)) {
        let token = &tokens.all[next];
        if token.is_digits() && token.len() <= 5 {
            number = Some(next);
            if named || next > at + 1 {
                break;
            }
        } else if token.case != Case::Small || token.class.any(Class::NAME) && token.len() > 3 {
            named = true;
        } else {
            let joins = words::one_of(tokens.text(next), "de del la las los el y no con");
            let known = Class::FUNCTION
                .and(Class::UNIT)
                .and(Class::MONTH)
                .and(Class::CALLE);
            let holds = token.class.any(Class::FUNCTION) && !joins;
            if holds || named && !token.class.any(known) {
                break;
            }
        }
        next += 1;
    }
    let capital_kind = tokens.all[at].case != Case::Small;
    let first_named = tokens.all.get(at + 1).is_some_and(|one| {
        one.is_word() && one.case != Case::Small || one.class.any(Class::PARTICLE)
    });
    let last = match number {
        Some(number) => number,
        None if named && first_named && (capital_kind || is_sure(tokens.text(at))) => at + 1,
        None => return None,
    };
    let last = rest(tokens, last);
    let before = at.checked_sub(1).filter(|before| {
        tokens.all[*before].is_digits() && tokens.gap(at) == b" " && tokens.all[*before].len() <= 5
    });
    push(tokens, before.unwrap_or(at), last, found);
    Some(last + 1)
}

/// Kinds of street that nothing else is called.
fn is_sure(word: &[u8]) -> bool {
    words::one_of(
        word,
        "calle avenida colonia barrio callejon calzada fraccionamiento residencial caserio aldea canton urbanizacion",
    )
}

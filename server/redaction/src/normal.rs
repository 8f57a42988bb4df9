//! One way to write what can be written in many, so that equal things have equal pseudonyms.

use crate::Kind;
use crate::fold::Folded;
use crate::forms::{self, Finding};
use crate::token::Tokens;
use crate::words::Class;

/// How long the digits of an A-number are.
const ALIEN: usize = 9;
/// Digits of a telephone that are compared: a country's code is not always written.
const PHONE: usize = 10;

/// The one way to write `value`.
pub fn normal(kind: Kind, value: &str) -> String {
    let folded = Folded::new(value);
    let tokens = Tokens::new(&folded);
    let form = || {
        let found = forms::find(&tokens);
        found.into_iter().find(|one| one.kind == kind)
    };
    match kind {
        Kind::Name => words(&tokens, 0, tokens.all.len()),
        Kind::Credential => value.trim().to_owned(),
        Kind::Date | Kind::Email => match form() {
            Some(Finding {
                value: Some(value), ..
            }) => value,
            _ => plain(&tokens, 0, tokens.all.len()),
        },
        _ => of(kind, &tokens, 0, tokens.all.len()),
    }
}

/// The one way to write what stands in the folded text from `start` to `end`.
pub fn of_range(kind: Kind, tokens: &Tokens, start: usize, end: usize) -> String {
    let first = tokens.all.partition_point(|token| token.end <= start);
    let last = tokens.all.partition_point(|token| token.start < end);
    of(kind, tokens, first, last)
}

/// The same, of the tokens from `first` up to `last`.
fn of(kind: Kind, tokens: &Tokens, first: usize, last: usize) -> String {
    match kind {
        Kind::Name => words(tokens, first, last),
        Kind::AlienNumber => format!("{:0>ALIEN$}", digits(tokens, first, last)),
        Kind::Ssn => digits(tokens, first, last),
        Kind::Phone => {
            let digits = digits(tokens, first, last);
            digits[digits.len().saturating_sub(PHONE)..].to_owned()
        }
        Kind::Document => plain(tokens, first, last).replace(' ', ""),
        _ => plain(tokens, first, last),
    }
}

fn text<'a>(tokens: &'a Tokens, at: usize) -> &'a str {
    std::str::from_utf8(tokens.text(at)).unwrap_or_default()
}

fn plain(tokens: &Tokens, first: usize, last: usize) -> String {
    let words: Vec<&str> = (first..last).map(|at| text(tokens, at)).collect();
    words.join(" ")
}

/// The digits, also of numbers in words.
pub fn digits(tokens: &Tokens, first: usize, last: usize) -> String {
    let mut digits = String::new();
    let mut at = first;
    while at < last {
        if tokens.all[at].is_digits() {
            digits.push_str(text(tokens, at));
        } else if let Some((spelled, end)) = forms::spelled(tokens, at) {
            digits.push_str(&spelled);
            at = end;
            continue;
        }
        at += 1;
    }
    digits
}

/// The words of a name, in one order.
fn words(tokens: &Tokens, first: usize, last: usize) -> String {
    let part = |at: &usize| !tokens.all[*at].class.any(Class::PARTICLE);
    let mut words: Vec<&str> = (first..last)
        .filter(part)
        .map(|at| text(tokens, at))
        .collect();
    if words.is_empty() {
        return plain(tokens, first, last);
    }
    words.sort_unstable();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_things_are_written_the_same() {
        for (kind, ways) in [
            (
                Kind::Name,
                &[
                    "María José de la Cruz",
                    "DE LA CRUZ, MARIA JOSE",
                    "José María Cruz",
                ][..],
            ),
            (
                Kind::AlienNumber,
                &["A012345678", "12345678", "A-012-345-678", "a 12 345 678"],
            ),
            (
                Kind::AlienNumber,
                &["nine one two three four five six seven eight", "A912345678"],
            ),
            (
                Kind::Phone,
                &["+1 (512) 555-0142", "512.555.0142", "15125550142"],
            ),
            (
                Kind::Date,
                &[
                    "1990-05-15",
                    "15 de mayo de 1990",
                    "May 15th, 1990",
                    "05/15/1990",
                    "15.05.1990",
                    "15-MAY-90",
                    "quince de mayo de mil novecientos noventa",
                    "19900515",
                ],
            ),
            (
                Kind::Email,
                &[
                    "Ana.Ejemplo@Example.com",
                    "ana dot ejemplo at example dot com",
                    "ana.ejemplo (arroba) example punto com",
                ],
            ),
            (Kind::Document, &["G-123 456 78", "g12345678"]),
        ] {
            for way in ways {
                assert_eq!(normal(kind, way), normal(kind, ways[0]), "{way}");
            }
        }
    }
}

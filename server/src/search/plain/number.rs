//! A-numbers among the other numbers of a text: telephones, receipts, ages. What is called an A-number and cannot be one is asked
//! back; what is not called so must look like one.

use super::super::number::is_social_security;
use super::lexicon::Class;
use super::token::{Kind, Range, Tokens};

/// Digits of an A-number as the site wants it.
const DIGITS: usize = 9;
/// The oldest that are still about have so many.
const FEWEST: usize = 7;

/// An A-number as somebody wrote it.
pub struct Number {
    /// Nine digits; `None` when what was written cannot be an A-number.
    pub digits: Option<String>,
    /// What may have been meant: letters that look like digits.
    pub likely: Option<String>,
    /// Zeros were put in front.
    pub padded: bool,
    /// Where it stands.
    pub range: Range,
}

/// The A-numbers of a text, and whether it has a number that is written as a Social Security number is; takes the tokens of all
/// long numbers.
pub fn find(text: &mut Tokens) -> (Vec<Number>, bool) {
    let mut numbers: Vec<Number> = Vec::new();
    let mut social_security = false;
    let mut at = 0;
    while at < text.len() {
        let Some(row) = row(text, at) else {
            at += 1;
            continue;
        };
        at = row.range.end;
        social_security |= row.is_social_security();
        if let Some(number) = read(text, &row)
            && !numbers
                .iter()
                .any(|known| known.digits.is_some() && known.digits == number.digits)
        {
            numbers.push(number);
        }
        if row.is_long() {
            text.take(row.range);
        }
    }
    (numbers, social_security)
}

/// Digits that belong together, with what stands before them.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each mark may stand with any other"
)]
struct Row {
    range: Range,
    groups: Vec<String>,
    /// An `A` stands before them.
    lettered: bool,
    /// A `+` or an opening bracket does.
    dialled: bool,
    /// Another word is tied to them: `WAC2190012345`.
    tied: bool,
    /// Letters stand among the digits.
    mixed: bool,
}

impl Row {
    fn digits(&self) -> String {
        self.groups.concat()
    }

    fn is_long(&self) -> bool {
        self.lettered || self.tied || self.digits().len() >= FEWEST
    }

    fn lengths(&self) -> Vec<usize> {
        self.groups.iter().map(String::len).collect()
    }

    fn is_social_security(&self) -> bool {
        !self.mixed && is_social_security(self.lengths())
    }
}

fn row(text: &Tokens, at: usize) -> Option<Row> {
    if text.is_taken(at) {
        return None;
    }
    let mut from = at;
    let mut lettered = false;
    let mut tied = false;
    let mut dialled = false;
    if text.word(at) == "a" {
        from = (at + 1..at + 4).find(|at| {
            !matches!(text.mark(*at), Some('#' | '-' | ':' | '.' | '–'))
                && !matches!(text.word(*at), "no" | "num")
        })?;
        lettered = true;
    } else if let Some(Kind::Word) = text.get(at).map(|token| token.kind) {
        tied = text.is_tight(at + 1) && !text.digits(at + 1).is_empty();
        // The letters O and I for digits, right after the A: `AO12345678`.
        from = at + 1;
        if !tied {
            return None;
        }
    } else if matches!(text.mark(at), Some('+' | '(')) {
        dialled = true;
        from = at + 1;
    }
    if text.digits(from).is_empty() {
        return None;
    }
    let mut groups = Vec::new();
    let mut end = from;
    let mut mixed = false;
    loop {
        let digits = text.digits(end);
        if text.is_taken(end) {
            break;
        }
        if !digits.is_empty() {
            groups.push(digits.to_owned());
            end += 1;
            continue;
        }
        let follows = !text.digits(end + 1).is_empty() && !text.is_taken(end + 1);
        let tie = matches!(text.mark(end), Some('-' | '.' | '–' | '‐')) && text.is_tight(end + 1)
            || dialled && matches!(text.mark(end), Some(')' | '(' | '-'));
        if follows && tie {
            end += 1;
            continue;
        }
        let word = text.word(end);
        let ordinal = matches!(
            word,
            "st" | "nd"
                | "rd"
                | "th"
                | "yo"
                | "ro"
                | "am"
                | "pm"
                | "y"
                | "yr"
                | "yrs"
                | "h"
                | "hrs"
        );
        if text.is_tight(end) && !word.is_empty() && !ordinal && word.chars().count() <= 2 {
            mixed = true;
            groups.push(text.get(end)?.raw.clone());
            end += 1;
            continue;
        }
        break;
    }
    Some(Row {
        range: at..end,
        groups,
        lettered,
        dialled,
        tied,
        mixed,
    })
}

fn read(text: &Tokens, row: &Row) -> Option<Number> {
    let number = |digits: Option<String>, likely: Option<String>, padded| {
        Some(Number {
            digits,
            likely,
            padded,
            range: row.range.clone(),
        })
    };
    let called = nearest(text, row.range.start);
    let written = row.digits();
    let of_another_kind = row.dialled
        || matches!(called, Some(kind) if [Class::PAPER, Class::TELEPHONE].contains(&kind));
    if row.tied || of_another_kind && !row.lettered {
        return None;
    }
    let is_named = called == Some(Class::NUMBER);
    if row.mixed {
        let likely = written
            .to_lowercase()
            .replace('o', "0")
            .replace(['i', 'l'], "1");
        let could = likely.bytes().all(|b| b.is_ascii_digit()) && likely.len() == DIGITS;
        let long = written.len() >= FEWEST;
        return if (row.lettered || is_named) && long {
            number(None, could.then_some(likely), false)
        } else {
            None
        };
    }
    let whole = matches!(row.lengths()[..], [9] | [3, 3, 3]);
    // "A 2 años": the Spanish preposition and the English article.
    let lettered = row.lettered && (written.len() >= FEWEST || text.is_tight(row.range.start + 1));
    match written.len() {
        _ if row.is_social_security() && (lettered || is_named) => number(None, None, false),
        DIGITS if lettered || is_named || whole => number(Some(written), None, false),
        FEWEST..DIGITS if lettered || is_named => {
            number(Some(format!("{written:0>DIGITS$}")), None, true)
        }
        _ if lettered || is_named && written.len() > 3 => number(None, None, false),
        _ => None,
    }
}

/// What the words before a number call it; the nearest says it.
fn nearest(text: &Tokens, at: usize) -> Option<Class> {
    (at.saturating_sub(5)..at)
        .rev()
        .take_while(|at| !text.is_end(*at))
        .find_map(|at| {
            let word = text.word(at);
            let strong = matches!(
                word,
                "alien"
                    | "a-number"
                    | "anumber"
                    | "uscis"
                    | "extranjero"
                    | "registration"
                    | "registracion"
            );
            let a = word == "a"
                && (text.mark(at + 1) == Some('#')
                    || matches!(text.word(at + 1), "number" | "num" | "numero" | "no" | "nr")
                    || matches!(
                        text.word_before(at),
                        "numero" | "number" | "num" | "no" | "letra"
                    ));
            if strong || a {
                Some(Class::NUMBER)
            } else if text.is(at, Class::TELEPHONE) {
                Some(Class::TELEPHONE)
            } else if text.is(at, Class::PAPER) {
                Some(Class::PAPER)
            } else {
                None
            }
        })
}

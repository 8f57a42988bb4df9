//! Dates as people write them, in numbers and words of both languages. A date that can be read in two ways keeps both.

use jiff::civil::Date;

use super::count;
use super::lexicon::{Class, is_slip};
use super::token::{Range, Tokens};

/// What a date that somebody wrote means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// One day.
    Day(Date),
    /// One of two days: the month first, and the day first.
    Either(Date, Date),
    /// A part is missing.
    Part,
    /// There is no such day.
    Unclear,
}

const MONTHS: [[&str; 5]; 12] = [
    ["january", "jan", "enero", "ene", ""],
    ["february", "feb", "febrero", "", ""],
    ["march", "mar", "marzo", "mzo", ""],
    ["april", "apr", "abril", "abr", ""],
    ["may", "mayo", "", "", ""],
    ["june", "jun", "junio", "", ""],
    ["july", "jul", "julio", "", ""],
    ["august", "aug", "agosto", "ago", ""],
    ["september", "sept", "septiembre", "setiembre", "sep"],
    ["october", "oct", "octubre", "", ""],
    ["november", "nov", "noviembre", "", ""],
    ["december", "dec", "diciembre", "dic", ""],
];

/// A date.
pub struct Written {
    /// What it means.
    pub meaning: Meaning,
    /// Where it stands.
    pub range: Range,
    /// The month's name is misspelt.
    pub misspelt: bool,
}

/// The date that begins there.
pub fn written(text: &Tokens, at: usize, today: Date) -> Option<Written> {
    numeric(text, at, today)
        .or_else(|| digits_only(text, at))
        .or_else(|| with_month(text, at, today))
}

/// `05/15/1990`, `15-5-90`, `1990.05.15`.
fn numeric(text: &Tokens, at: usize, today: Date) -> Option<Written> {
    let separator = |at: usize| {
        text.mark(at)
            .filter(|mark| matches!(mark, '/' | '-' | '.' | '–'))
    };
    let (one, two, three) = (text.digits(at), text.digits(at + 2), text.digits(at + 4));
    let first = separator(at + 1)?;
    if separator(at + 3) != Some(first) || two.is_empty() || two.len() > 2 || three.is_empty() {
        return None;
    }
    // A longer row of numbers is no date.
    let goes_on =
        separator(at + 5).is_some() && text.is_tight(at + 6) && !text.digits(at + 6).is_empty();
    let went_on = at >= 2
        && separator(at - 1).is_some()
        && text.is_tight(at)
        && !text.digits(at - 2).is_empty();
    if goes_on || went_on {
        return None;
    }
    let number = |digits: &str| digits.parse::<i8>().ok();
    let meaning = match (one.len(), three.len()) {
        (4, 1 | 2) => Date::new(one.parse().ok()?, number(two)?, number(three)?)
            .map_or(Meaning::Unclear, Meaning::Day),
        (1 | 2, 4 | 2) if first != '.' || three.len() == 4 => {
            let (year, _) = year(text, at + 4, today)?;
            let (a, b) = (number(one)?, number(two)?);
            match (Date::new(year, a, b), Date::new(year, b, a)) {
                (Ok(day), Ok(other)) if day == other => Meaning::Day(day),
                (Ok(month_first), Ok(day_first)) => Meaning::Either(month_first, day_first),
                (Ok(day), Err(_)) | (Err(_), Ok(day)) => Meaning::Day(day),
                (Err(_), Err(_)) => Meaning::Unclear,
            }
        }
        _ => return None,
    };
    Some(Written {
        meaning,
        range: at..at + 5,
        misspelt: false,
    })
}

/// `19900515` and `05151990`, where a word right before says that it is a birth.
fn digits_only(text: &Tokens, at: usize) -> Option<Written> {
    let digits = text.digits(at);
    let is_birth = (1..=3).any(|back| at >= back && text.is(at - back, Class::BIRTH));
    if digits.len() != 8 || !is_birth {
        return None;
    }
    let read = |y: Range, m: Range, d: Range| {
        let number = |range: Range| digits.get(range)?.parse::<i16>().ok();
        let small = |range| i8::try_from(number(range)?).ok();
        Date::new(number(y)?, small(m)?, small(d)?)
            .ok()
            .filter(|day| day.year() >= 1900)
    };
    let meaning = match (
        read(0..4, 4..6, 6..8),
        read(4..8, 0..2, 2..4),
        read(4..8, 2..4, 0..2),
    ) {
        (Some(day), _, _) | (None, Some(day), None) | (None, None, Some(day)) => Meaning::Day(day),
        (None, Some(one), Some(other)) if one == other => Meaning::Day(one),
        (None, Some(one), Some(other)) => Meaning::Either(one, other),
        (None, None, None) => Meaning::Unclear,
    };
    Some(Written {
        meaning,
        range: at..at + 1,
        misspelt: false,
    })
}

/// Dates whose month has a name: the day before or after it, the year last or first.
fn with_month(text: &Tokens, at: usize, today: Date) -> Option<Written> {
    let day_first = || {
        let (day, next) = day(text, at)?;
        let next = skip(text, next);
        let (month, slip) = month(text, next)?;
        let (year, end) = year(text, skip(text, next + 1), today)?;
        Some((year, month, day, slip, end))
    };
    let month_first = || {
        let (month, slip) = month(text, at)?;
        let (day, next) = day(text, skip(text, at + 1))?;
        let (year, end) = year(text, skip(text, next), today)?;
        Some((year, month, day, slip, end))
    };
    let year_first = || {
        let year = text
            .digits(at)
            .parse()
            .ok()
            .filter(|year| (1900..2100).contains(year))?;
        let next = skip(text, at + 1);
        let (month, slip) = month(text, next)?;
        let (day, end) = day(text, skip(text, next + 1))?;
        Some((year, month, day, slip, end))
    };
    let (year, month, day, misspelt, end) = day_first().or_else(month_first).or_else(year_first)?;
    Some(Written {
        meaning: Date::new(year, month, i8::try_from(day).ok()?)
            .map_or(Meaning::Unclear, Meaning::Day),
        range: at..end,
        misspelt,
    })
}

/// Past what stands between the parts of a date.
fn skip(text: &Tokens, mut at: usize) -> usize {
    let between = |at: usize| {
        matches!(
            text.word(at),
            "of" | "de" | "del" | "the" | "in" | "ano" | "year" | "d"
        ) || matches!(
            text.mark(at),
            Some(',' | '-' | '/' | '.' | '\'' | '’' | '‘')
        )
    };
    let last = at + 3;
    while at < last && between(at) {
        at += 1;
    }
    at
}

fn day(text: &Tokens, at: usize) -> Option<(u8, usize)> {
    let digits = text.digits(at);
    if digits.is_empty() {
        return count::day(text, at);
    }
    if digits.len() > 2 {
        return None;
    }
    let day = digits.parse().ok()?;
    let ending = matches!(
        text.word(at + 1),
        "st" | "nd" | "rd" | "th" | "ro" | "er" | "do" | "to" | "vo" | "no" | "mo"
    ) || matches!(text.mark(at + 1), Some('º' | '°' | 'ª'))
        || text
            .get(at + 1)
            .is_some_and(|token| matches!(token.raw.as_str(), "º" | "ª"));
    Some((day, at + 1 + usize::from(ending && text.is_tight(at + 1))))
}

/// The number of the month there, and whether its name is misspelt.
pub fn month(text: &Tokens, at: usize) -> Option<(i8, bool)> {
    let word = text.word(at);
    if word.is_empty() {
        return None;
    }
    let named = |fits: &dyn Fn(&str) -> bool| {
        let index = MONTHS
            .iter()
            .position(|names| names.iter().any(|name| fits(name)))?;
        i8::try_from(index + 1).ok()
    };
    named(&|name| name == word)
        .map(|month| (month, false))
        .or_else(|| {
            let slips = MONTHS
                .iter()
                .filter(|names| names.iter().any(|name| is_slip(word, name)))
                .count();
            // "Juio" may be two months.
            (slips == 1)
                .then(|| named(&|name| is_slip(word, name)))
                .flatten()
                .map(|month| (month, true))
        })
}

/// A year of four digits, of two, or in words. One of two is the latest that is not to come.
pub fn year(text: &Tokens, at: usize, today: Date) -> Option<(i16, usize)> {
    let digits = text.digits(at);
    match digits.len() {
        0 => count::year(text, at).or_else(|| {
            let (year, end) = count::below_hundred(text, at)?;
            (year >= 30).then(|| (1900 + i16::from(year), end))
        }),
        2 => {
            let year: i16 = digits.parse().ok()?;
            let century = if year > today.year() % 100 {
                1900
            } else {
                2000
            };
            Some((century + year, at + 1))
        }
        4 => Some((digits.parse().ok()?, at + 1)),
        _ => None,
    }
}

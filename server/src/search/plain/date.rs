//! Dates as people write them, and which of them is a birth date. A date that can be read in two ways, or that lacks a part, is
//! never completed: it is asked back. Parsers of dates in English exist as crates; none reads Spanish, keeps both readings of
//! 05/06/1990, or tells a birth from an arrest. `jiff` says which days there are.

use jiff::civil::Date;

use super::count;
use super::lexicon::{Class, is_slip};
use super::token::{Range, Tokens};

/// Nobody alive is older, in years.
const OLDEST: i16 = 120;
/// A date without a word that says what of is taken for a birth only of somebody as old as this, in years.
const GROWN: i16 = 16;
/// How many tokens before a date may say what it is of.
const BEFORE: usize = 9;
/// How many tokens after it may.
const AFTER: usize = 4;

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

/// A birth date.
pub struct Birth {
    /// What it means.
    pub meaning: Meaning,
    /// Where it stands.
    pub range: Range,
    /// The month's name was misspelt.
    pub misspelt: bool,
}

/// A date.
struct Written {
    meaning: Meaning,
    range: Range,
    misspelt: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Birth,
    Event,
    Unsaid,
}

/// The birth dates of a text; takes the tokens of all dates.
pub fn births(text: &mut Tokens, today: Date) -> Vec<Birth> {
    let mut births: Vec<(Birth, Of)> = Vec::new();
    let order = order(text);
    let mut at = 0;
    while at < text.len() {
        let Some(mut written) = written(text, at, today) else {
            at += 1;
            continue;
        };
        if let Some((year, end)) = corrected_year(text, written.range.end, today) {
            let other = |day: Date| Date::new(year, day.month(), day.day());
            written.meaning = match written.meaning {
                Meaning::Day(day) => other(day).map_or(Meaning::Unclear, Meaning::Day),
                Meaning::Either(one, two) => match (other(one), other(two)) {
                    (Ok(one), Ok(two)) => Meaning::Either(one, two),
                    _ => Meaning::Unclear,
                },
                unclear => unclear,
            };
            written.range.end = end;
        }
        at = written.range.end.max(at + 1);
        if let Meaning::Either(month_first, day_first) = written.meaning {
            match order {
                Some(Order::MonthFirst) => written.meaning = Meaning::Day(month_first),
                Some(Order::DayFirst) => written.meaning = Meaning::Day(day_first),
                None => {}
            }
        }
        text.take(written.range.clone());
        let of = what_of(text, &written.range);
        let grown = match written.meaning {
            Meaning::Day(day) | Meaning::Either(day, _) => day.year() <= today.year() - GROWN,
            Meaning::Part | Meaning::Unclear => true,
        };
        if of == Of::Birth || of == Of::Unsaid && grown {
            let Written {
                meaning,
                range,
                misspelt,
            } = written;
            // "May 15, no, sorry, May 16": the later one is meant.
            let of = match births.pop() {
                Some((_, before)) if corrected(text, range.start) => before,
                last => {
                    births.extend(last);
                    of
                }
            };
            births.push((
                Birth {
                    meaning: possible(meaning, today),
                    range,
                    misspelt,
                },
                of,
            ));
        }
    }
    // What is said to be a birth date is meant, not what only may be one.
    if births.iter().any(|(_, of)| *of == Of::Birth) {
        births.retain(|(_, of)| *of == Of::Birth);
    }
    if births.is_empty()
        && let Some(range) = part(text, today)
    {
        text.take(range.clone());
        births.push((
            Birth {
                meaning: Meaning::Part,
                range,
                misspelt: false,
            },
            Of::Birth,
        ));
    }
    births.into_iter().map(|(birth, _)| birth).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    MonthFirst,
    DayFirst,
}

/// Which of day and month comes first, where the text says it of its own dates: "dd/mm", "primero el día".
fn order(text: &Tokens) -> Option<Order> {
    let is_day = |word: &str| matches!(word, "dd" | "day" | "dia" | "d");
    let is_month = |word: &str| matches!(word, "mm" | "month" | "mes" | "m");
    (0..text.len()).find_map(|at| {
        // "mm/dd", "day/month", "month first", "primero el mes".
        let two = text.mark(at + 1).is_some();
        let (one, other) = (text.word(at), text.word(at + 2));
        if two && is_month(one) && is_day(other) {
            return Some(Order::MonthFirst);
        }
        if two && is_day(one) && is_month(other) {
            return Some(Order::DayFirst);
        }
        let first = matches!(text.word(at + 1), "first" | "primero")
            || matches!(text.word_before(at), "primero" | "first")
            || matches!(text.word_before(at), "el" | "the") && text.word(at.saturating_sub(2)) == "primero";
        match one {
            "day" | "dia" if first => Some(Order::DayFirst),
            "month" | "mes" if first => Some(Order::MonthFirst),
            _ => None,
        }
    })
}

/// Whether the words right before say that what was said before them was wrong.
fn corrected(text: &Tokens, at: usize) -> bool {
    (at.saturating_sub(5)..at).any(|at| {
        matches!(
            text.word(at),
            "sorry" | "perdon" | "digo" | "oops" | "wait" | "rather" | "correction" | "correccion" | "corrijo" | "equivoque" | "mean" | "actually"
        )
    })
}

/// A year that corrects that of the date before it: "May 15 1990, sorry, 1991".
fn corrected_year(text: &Tokens, at: usize, today: Date) -> Option<(i16, usize)> {
    let at = (at..at + 6).find(|at| text.digits(*at).len() == 4)?;
    let is_last = text.mark(at + 1).is_none_or(|mark| !matches!(mark, '/' | '-'));
    let year = text.digits(at).parse().ok()?;
    let fits = (today.year() - OLDEST..=today.year()).contains(&year);
    (fits && is_last && corrected(text, at) && text.word_before(at) != "in").then_some((year, at + 1))
}

/// How many years old somebody is said to be, and where. It is never made a date.
pub fn age(text: &mut Tokens) -> Option<(u8, Range)> {
    for at in 0..text.len() {
        if text.is_taken(at) {
            continue;
        }
        let (Some(years), end) = (match text.digits(at) {
            "" => count::below_hundred(text, at).map_or((None, at), |(n, end)| (Some(n), end)),
            digits if digits.len() <= 3 => (digits.parse::<u8>().ok(), at + 1),
            _ => (None, at),
        }) else {
            continue;
        };
        if !(1..=120).contains(&years) {
            continue;
        }
        let before = text.word_before(at);
        let before = if before.is_empty() || matches!(before, "is" | "de" | "es" | "of") {
            let further = at.saturating_sub(2);
            if text.is(further, Class::AGE) { text.word(further) } else { before }
        } else {
            before
        };
        let next = end + usize::from(text.mark(end) == Some('-'));
        let unit = text.word(next);
        let called = matches!(before, "age" | "aged" | "edad");
        let old = unit == "yo"
            || unit.starts_with("year-old")
            || matches!(unit, "years" | "year" | "yrs" | "yr" | "y") && matches!(text.word(next + 1), "old" | "of")
            || matches!(unit, "years" | "year") && text.mark(next + 1) == Some('-')
            || matches!(unit, "anos" | "anitos") && !matches!(before, "hace" | "lleva" | "llevaba" | "llevamos" | "por" | "desde" | "hacen");
        if called || old {
            let range = at..if old { next + 1 } else { end };
            text.take(range.clone());
            return Some((years, range));
        }
    }
    None
}

/// Nobody was born tomorrow, or is older than anybody.
fn possible(meaning: Meaning, today: Date) -> Meaning {
    let fits = |day: Date| day <= today && day.year() >= today.year() - OLDEST;
    match meaning {
        Meaning::Day(day) if fits(day) => meaning,
        Meaning::Either(one, other) => match (fits(one), fits(other)) {
            (true, true) => meaning,
            (true, false) => Meaning::Day(one),
            (false, true) => Meaning::Day(other),
            (false, false) => Meaning::Unclear,
        },
        _ => Meaning::Unclear,
    }
}

/// What the words around a date say that it is of; the nearest says it.
fn what_of(text: &Tokens, range: &Range) -> Of {
    let said = |at: usize| {
        if text.is(at, Class::BIRTH) {
            Some(Of::Birth)
        } else if text.is(at, Class::EVENT) {
            Some(Of::Event)
        } else {
            None
        }
    };
    let before = (range.start.saturating_sub(BEFORE)..range.start)
        .rev()
        .take_while(|at| !text.is_end(*at))
        .find_map(said);
    // After it: "05/15/1990 (DOB)", "15 de mayo de 1990 es su fecha de nacimiento".
    let after = (range.end..range.end + AFTER)
        .take_while(|at| !text.is_end(*at) && text.mark(*at) != Some(','))
        .find_map(said);
    match (before, after) {
        (Some(Of::Event), Some(Of::Birth)) => Of::Birth,
        (before, after) => before.or(after).unwrap_or(Of::Unsaid),
    }
}

/// A part of a birth date: a year, a month, a day and month.
fn part(text: &Tokens, today: Date) -> Option<Range> {
    for cue in (0..text.len()).filter(|at| text.is(*at, Class::BIRTH)) {
        for at in (cue + 1..cue + 8).take_while(|at| !text.is_end(*at)) {
            let near = |at: usize| !text.digits(at).is_empty() || text.word(at) == "de";
            let is_year = year(text, at, today).is_some_and(|(year, end)| {
                (text.digits(at).len() == 4 || end > at + 1)
                    && (today.year() - OLDEST..=today.year()).contains(&year)
            });
            let is_month = month(text, at).is_some_and(|(_, slip)| !slip)
                && (text.word(at).len() > 4 || near(at + 1) || near(at.saturating_sub(1)));
            if !text.is_taken(at) && (is_year || is_month) {
                return Some(at..at + 1);
            }
            if text.is(at, Class::EVENT) {
                break;
            }
        }
    }
    None
}

fn written(text: &Tokens, at: usize, today: Date) -> Option<Written> {
    numeric(text, at, today)
        .or_else(|| digits_only(text, at))
        .or_else(|| with_month(text, at, today))
}

/// `05/15/1990`, `15-5-90`, `1990.05.15`.
fn numeric(text: &Tokens, at: usize, today: Date) -> Option<Written> {
    let separator = |at: usize| text.mark(at).filter(|mark| matches!(mark, '/' | '-' | '.' | '–'));
    let (one, two, three) = (text.digits(at), text.digits(at + 2), text.digits(at + 4));
    let first = separator(at + 1)?;
    if separator(at + 3) != Some(first) || two.is_empty() || two.len() > 2 || three.is_empty() {
        return None;
    }
    // A longer row of numbers is no date.
    let goes_on = separator(at + 5).is_some() && text.is_tight(at + 6) && !text.digits(at + 6).is_empty();
    let went_on = at >= 2 && separator(at - 1).is_some() && text.is_tight(at) && !text.digits(at - 2).is_empty();
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
        let year = text.digits(at).parse().ok().filter(|year| (1900..2100).contains(year))?;
        let next = skip(text, at + 1);
        let (month, slip) = month(text, next)?;
        let (day, end) = day(text, skip(text, next + 1))?;
        Some((year, month, day, slip, end))
    };
    let (year, month, day, misspelt, end) = day_first().or_else(month_first).or_else(year_first)?;
    Some(Written {
        meaning: Date::new(year, month, i8::try_from(day).ok()?).map_or(Meaning::Unclear, Meaning::Day),
        range: at..end,
        misspelt,
    })
}

/// Past what stands between the parts of a date.
fn skip(text: &Tokens, mut at: usize) -> usize {
    let between = |at: usize| {
        matches!(text.word(at), "of" | "de" | "del" | "the" | "in" | "ano" | "year" | "d")
            || matches!(text.mark(at), Some(',' | '-' | '/' | '.' | '\'' | '’' | '‘'))
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
    let ending = matches!(text.word(at + 1), "st" | "nd" | "rd" | "th" | "ro" | "er" | "do" | "to" | "vo" | "no" | "mo")
        || matches!(text.mark(at + 1), Some('º' | '°' | 'ª'))
        || text.get(at + 1).is_some_and(|token| matches!(token.raw.as_str(), "º" | "ª"));
    Some((day, at + 1 + usize::from(ending && text.is_tight(at + 1))))
}

/// The number of the month there, and whether its name is misspelt.
fn month(text: &Tokens, at: usize) -> Option<(i8, bool)> {
    let word = text.word(at);
    if word.is_empty() {
        return None;
    }
    let named = |fits: &dyn Fn(&str) -> bool| {
        let index = MONTHS.iter().position(|names| names.iter().any(|name| fits(name)))?;
        i8::try_from(index + 1).ok()
    };
    named(&|name| name == word)
        .map(|month| (month, false))
        .or_else(|| {
            let slips = MONTHS.iter().filter(|names| names.iter().any(|name| is_slip(word, name))).count();
            // "Juio" may be two months.
            (slips == 1).then(|| named(&|name| is_slip(word, name))).flatten().map(|month| (month, true))
        })
}

/// A year of four digits, of two, or in words. One of two is the latest that is not to come.
fn year(text: &Tokens, at: usize, today: Date) -> Option<(i16, usize)> {
    let digits = text.digits(at);
    match digits.len() {
        0 => count::year(text, at).or_else(|| {
            let (year, end) = count::below_hundred(text, at)?;
            (year >= 30).then(|| (1900 + i16::from(year), end))
        }),
        2 => {
            let year: i16 = digits.parse().ok()?;
            let century = if year > today.year() % 100 { 1900 } else { 2000 };
            Some((century + year, at + 1))
        }
        4 => Some((digits.parse().ok()?, at + 1)),
        _ => None,
    }
}

//! Which of the dates of a text is a birth date. A date that can be read in two ways, or that lacks a part, is
//! never completed: it is asked back. Parsers of dates in English exist as crates; none reads Spanish, keeps both readings of
//! 05/06/1990, or tells a birth from an arrest. `jiff` says which days there are.

use jiff::civil::Date;

use super::calendar::{Meaning, Written, month, written, year};
use super::count;
use super::lexicon::Class;
use super::token::{Range, Tokens};

/// Nobody alive is older, in years.
const OLDEST: i16 = 120;
/// A date without a word that says what of is taken for a birth only of somebody as old as this, in years.
const GROWN: i16 = 16;
/// How many tokens before a date may say what it is of.
const BEFORE: usize = 9;
/// How many tokens after it may.
const AFTER: usize = 4;

/// A birth date.
pub struct Birth {
    /// What it means.
    pub meaning: Meaning,
    /// Where it stands.
    pub range: Range,
    /// The month's name was misspelt.
    pub misspelt: bool,
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
            || matches!(text.word_before(at), "el" | "the")
                && text.word(at.saturating_sub(2)) == "primero";
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
            "sorry"
                | "perdon"
                | "digo"
                | "oops"
                | "wait"
                | "rather"
                | "correction"
                | "correccion"
                | "corrijo"
                | "equivoque"
                | "mean"
                | "actually"
        )
    })
}

/// A year that corrects that of the date before it: "May 15 1990, sorry, 1991".
fn corrected_year(text: &Tokens, at: usize, today: Date) -> Option<(i16, usize)> {
    let at = (at..at + 6).find(|at| text.digits(*at).len() == 4)?;
    let is_last = text
        .mark(at + 1)
        .is_none_or(|mark| !matches!(mark, '/' | '-'));
    let year = text.digits(at).parse().ok()?;
    let fits = (today.year() - OLDEST..=today.year()).contains(&year);
    (fits && is_last && corrected(text, at) && text.word_before(at) != "in")
        .then_some((year, at + 1))
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
            if text.is(further, Class::AGE) {
                text.word(further)
            } else {
                before
            }
        } else {
            before
        };
        let next = end + usize::from(text.mark(end) == Some('-'));
        let unit = text.word(next);
        let called = matches!(before, "age" | "aged" | "edad");
        let old = unit == "yo"
            || unit.starts_with("year-old")
            || matches!(unit, "years" | "year" | "yrs" | "yr" | "y")
                && matches!(text.word(next + 1), "old" | "of")
            || matches!(unit, "years" | "year") && text.mark(next + 1) == Some('-')
            || matches!(unit, "anos" | "anitos")
                && !matches!(
                    before,
                    "hace" | "lleva" | "llevaba" | "llevamos" | "por" | "desde" | "hacen"
                );
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

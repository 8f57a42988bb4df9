//! Days, as they are written in English and Spanish.

use super::group::Group;
use super::{Finding, numerals};
use crate::Kind;
use crate::token::Tokens;
use crate::words::{self, Class};

/// From this year on a moment is one of now, not of somebody's birth.
const RECENT: u32 = 2024;
/// How far a cue reaches.
const NEAR: usize = 6;

fn is_year(year: u32) -> bool {
    (1900..=2100).contains(&year)
}

fn iso(year: u32, month: u32, day: u32) -> Option<String> {
    let valid = is_year(year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    valid.then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// The year of two digits.
fn full_year(short: u32) -> u32 {
    if short < 30 {
        2000 + short
    } else {
        1900 + short
    }
}

/// Day and month, or month and day: the month comes first unless it cannot.
fn day_and_month(year: u32, first: u32, second: u32) -> Option<String> {
    iso(year, first, second).or_else(|| iso(year, second, first))
}

/// The day that groups of digits tell.
pub fn digits(tokens: &Tokens, first: usize, groups: &[Group], around: [u8; 2]) -> Option<String> {
    let value = |at: usize| groups[at].digits.number();
    let size = |at: usize| groups[at].digits.len();
    let birth = || tokens.cue_before(first, NEAR, Class::BIRTH);
    let start = tokens.all[first].start;
    match groups.len() {
        1 if size(0) == 8 => {
            let digits = groups[0].digits.as_str();
            let part = |from: usize, to: usize| digits[from..to].parse::<u32>().ok();
            let year = part(0, 4)?;
            if (1900..=2100).contains(&year) {
                let day = iso(year, part(4, 6)?, part(6, 8)?);
                return day.filter(|_| year < RECENT || birth());
            }
            let year = part(4, 8).filter(|year| (1900..=2030).contains(year))?;
            day_and_month(year, part(0, 2)?, part(2, 4)?)
        }
        2 => {
            let mark = groups[1].mark;
            let (at, first, second) = (first, value(0)?, value(1)?);
            let dated = |year: u32, month: u32| {
                let month_fits = (1..=12).contains(&month);
                let told = mark == b'/' || year < 2015 || birth();
                let fits = month_fits && is_year(year) && told && matches!(mark, b'/' | b'-');
                fits.then(|| format!("{year:04}-{month:02}"))
            };
            if around != [0, 0] {
                return None;
            }
            match (size(0), size(1)) {
                (1 | 2, 4) => dated(second, first),
                (4, 2) => dated(first, second),
                (1 | 2, 1 | 2)
                    if matches!(mark, b'/' | b'-') && birth()
                        || mark == b'/' && (is_told_as_day(tokens, at) || is_padded(groups)) =>
                {
                    let day = day_and_month(2000, first, second)?;
                    Some(day[5..].to_owned())
                }
                _ => None,
            }
        }
        3 => {
            let mark = groups[1].mark;
            if groups[2].mark != mark || around.contains(&b'.') && mark == b'.' {
                return None;
            }
            let (one, two, three) = (value(0)?, value(1)?, value(2)?);
            match (size(0), size(1), size(2)) {
                (4, 1 | 2, 1 | 2) => {
                    let end = groups_end(tokens, first, groups);
                    let now = one >= RECENT
                        && (is_moment(&tokens.folded.bytes, end) || is_version(tokens, first));
                    let day = || iso(one, two, three).or_else(|| iso(one, three, two));
                    (!now || birth()).then(day).flatten()
                }
                (1 | 2, 1 | 2, 4) => day_and_month(three, one, two),
                (1 | 2, 1 | 2, 2) if mark != b' ' || birth() => {
                    let plain = mark != b'.' || three >= 10 && !is_version(tokens, first);
                    let day = day_and_month(full_year(three), one, two)?;
                    let glued = start > 0 && tokens.all[first].glued;
                    (plain && !glued).then_some(day)
                }
                (2, 1 | 2, 1 | 2) if mark == b'/' => iso(full_year(one), two, three),
                _ => None,
            }
        }
        _ => None,
    }
}

/// "on 9/4", "desde el 9/4": a day rather than a part.
fn is_told_as_day(tokens: &Tokens, first: usize) -> bool {
    first > 0
        && tokens.gap(first) == b" "
        && words::one_of(
            tokens.text(first - 1),
            "on since until till before after was el del desde hasta dia fecha dated cita",
        )
}

/// "09/04": nobody pads parts of something.
fn is_padded(groups: &[Group]) -> bool {
    let padded = |group: &Group| group.digits.as_str().starts_with('0');
    groups.iter().all(|group| group.digits.len() == 2) && groups.iter().any(padded)
}

fn groups_end(tokens: &Tokens, first: usize, groups: &[Group]) -> usize {
    tokens.all[first + groups.len() - 1].end
}

/// Whether a version is told: `v1.10.20`, "protocol 2025-06-18".
fn is_version(tokens: &Tokens, first: usize) -> bool {
    (first.saturating_sub(3)..first).any(|at| {
        words::one_of(
            tokens.text(at),
            "v version versions protocol protocolversion release mcp rev revision",
        )
    })
}

/// The length of `T01:44:54` at the beginning of `bytes`.
fn clock(bytes: &[u8]) -> Option<usize> {
    let form = b"t00:00:00";
    let fits = form.iter().zip(bytes).all(|(form, byte)| match form {
        b't' => matches!(byte, b't' | b' ' | b'+' | b'_'),
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    });
    (bytes.len() >= form.len() && fits).then_some(form.len())
}

/// Whether a time of day follows the day that ends at `end`. Midnight is none: a day alone is written so, too.
fn is_moment(bytes: &[u8], end: usize) -> bool {
    let rest = &bytes[end..];
    clock(rest).is_some_and(|length| &rest[1..length] != b"00:00:00")
}

/// Where the time of day ends that follows a day.
pub fn with_time(bytes: &[u8], end: usize) -> usize {
    let Some(length) = clock(&bytes[end..]) else {
        return end;
    };
    let end = end + length;
    let more = bytes[end..]
        .iter()
        .take(16)
        .take_while(|byte| byte.is_ascii_digit() || b".z".contains(byte))
        .count();
    end + more
}

fn month(word: &[u8]) -> Option<u32> {
    const MONTHS: [&[&[u8]]; 12] = [
        &[b"january", b"jan", b"enero", b"ene"],
        &[b"february", b"feb", b"febrero"],
        &[b"march", b"mar", b"marzo"],
        &[b"april", b"apr", b"abril", b"abr"],
        &[b"may", b"mayo"],
        &[b"june", b"jun", b"junio"],
        &[b"july", b"jul", b"julio"],
        &[b"august", b"aug", b"agosto", b"ago"],
        &[b"september", b"sep", b"sept", b"septiembre", b"setiembre"],
        &[b"october", b"oct", b"octubre"],
        &[b"november", b"nov", b"noviembre"],
        &[b"december", b"dec", b"diciembre", b"dic"],
    ];
    let place = MONTHS.iter().position(|names| names.contains(&word))?;
    u32::try_from(place + 1).ok()
}

/// Whether a gap holds a date together.
fn is_near(gap: &[u8]) -> bool {
    gap.len() <= 3 && gap.iter().all(|byte| b" ,.-/'_\n".contains(byte))
}

fn number(tokens: &Tokens, at: usize) -> Option<u32> {
    let digits = tokens
        .all
        .get(at)
        .filter(|token| token.is_digits() && token.len() <= 4);
    digits?;
    std::str::from_utf8(tokens.text(at)).ok()?.parse().ok()
}

fn is_joint(word: &[u8]) -> bool {
    words::one_of(word, "of de del the el year ano")
}

fn is_ordinal(word: &[u8]) -> bool {
    words::one_of(word, "st nd rd th ro er o")
}

/// What stands at token `at`, read forwards: a day or a year; and the token after it.
fn forwards(tokens: &Tokens, mut at: usize, year: bool) -> Option<(u32, usize)> {
    for _ in 0..3 {
        let token = tokens.all.get(at)?;
        if !is_near(tokens.gap(at)) {
            return None;
        }
        if !(token.is_word() && is_joint(tokens.text(at))) {
            break;
        }
        at += 1;
    }
    if year {
        let size = tokens.all.get(at)?.len();
        return match number(tokens, at) {
            Some(value) if size == 4 && is_year(value) => Some((value, at + 1)),
            Some(value) if size == 2 => Some((full_year(value), at + 1)),
            Some(_) => None,
            None => numerals::year(tokens, at),
        };
    }
    let (day, mut next) = match number(tokens, at) {
        Some(day) if tokens.all[at].len() <= 2 => (day, at + 1),
        Some(_) => return None,
        None => numerals::below_hundred(tokens, at)?,
    };
    let suffix = tokens.all.get(next).is_some_and(|token| token.glued);
    if suffix && is_ordinal(tokens.text(next)) {
        next += 1;
    }
    (1..=31).contains(&day).then_some((day, next))
}

/// The day that stands before the month at token `at`, and its first token.
fn backwards(tokens: &Tokens, at: usize) -> Option<(u32, usize)> {
    let mut before = at;
    for _ in 0..3 {
        if !is_near(tokens.gap(before)) {
            return None;
        }
        before = before.checked_sub(1)?;
        let word = tokens.text(before);
        let suffix = tokens.all[before].glued && is_ordinal(word);
        if !suffix && !is_joint(word) {
            break;
        }
    }
    if let Some(day) = number(tokens, before) {
        let fits = (1..=31).contains(&day) && tokens.all[before].len() <= 2;
        return fits.then_some((day, before));
    }
    (before.saturating_sub(2)..=before).find_map(|from| {
        let (day, end) = numerals::below_hundred(tokens, from)?;
        (end == before + 1 && (1..=31).contains(&day)).then_some((day, from))
    })
}

/// The date that the month at token `at` is part of.
pub fn around_month(tokens: &Tokens, at: usize, found: &mut Vec<Finding>) {
    let Some(month) = month(tokens.text(at)) else {
        return;
    };
    let (mut first, mut next) = (at, at + 1);
    let mut day = None;
    if let Some((before, from)) = backwards(tokens, at) {
        (day, first) = (Some(before), from);
    } else if let Some((after, end)) = forwards(tokens, at + 1, false) {
        (day, next) = (Some(after), end);
    }
    let mut year = forwards(tokens, next, true);
    if let (Some((_, end)), None) = (year, day)
        && tokens.all[end - 1].len() == 2
    {
        year = None;
    }
    if let Some((_, end)) = year {
        next = end;
    }
    let year = year.map(|(year, _)| year);
    let birth = tokens.cue_before(first, NEAR, Class::BIRTH);
    let end = tokens.all[next - 1].end;
    let recent = year.is_some_and(|year| year >= RECENT);
    let now = recent && (day.is_none() || is_moment(&tokens.folded.bytes, end));
    if (day.is_none() && year.is_none()) || (now && !birth) {
        return;
    }
    let value = match (year, day) {
        (Some(year), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
        (Some(year), None) => format!("{year:04}-{month:02}"),
        (None, day) => format!("{month:02}-{:02}", day.unwrap_or_default()),
    };
    found.push(Finding {
        start: tokens.all[first].start,
        end: with_time(&tokens.folded.bytes, end),
        kind: Kind::Date,
        value: Some(value),
    });
}

/// The year that follows a word of birth.
pub fn year_of_birth(tokens: &Tokens, cue: usize, found: &mut Vec<Finding>) {
    for at in cue + 1..(cue + 1 + NEAR).min(tokens.all.len()) {
        let (year, end) = match number(tokens, at) {
            Some(year) if tokens.all[at].len() == 4 => (year, at + 1),
            Some(_) => continue,
            None => match numerals::year(tokens, at) {
                Some(told) => told,
                None => continue,
            },
        };
        if (1900..=2040).contains(&year) {
            found.push(Finding {
                start: tokens.all[at].start,
                end: tokens.all[end - 1].end,
                kind: Kind::Date,
                value: Some(year.to_string()),
            });
            return;
        }
    }
}

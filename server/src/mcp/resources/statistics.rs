//! How searches go, day by day: counts and nothing else. Small counts could point at somebody, and differences of exact ones
//! too: what is under five is told as `<5`, and everything else in steps of five. Nobody can find out the rest by calls of their
//! own: what is told changes only once an hour.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::{Wanted, entry};
use crate::language::Text;
use crate::observe::SearchReport;

/// Days that are kept.
const MOST_DAYS: usize = 30;
/// In seconds.
const HOUR: i64 = 60 * 60;
/// Fewest that are told as a number, and the step of all numbers.
const STEP: u64 = 5;

const NOTE: Text = Text {
    en: "Calls that this server answered since it started, by day (UTC). Counts under five are told as <5, others rounded down to a multiple of five, so that nobody can be picked out. They are brought up to date at every full hour.",
    es: "Llamadas que este servidor respondió desde que arrancó, por día (UTC). Las cifras menores de cinco se dan como <5 y las demás se redondean hacia abajo a múltiplos de cinco, para que no se pueda señalar a nadie. Se actualizan a cada hora en punto.",
};

/// Counts of all callers together.
pub struct Statistics {
    since: Timestamp,
    counts: Mutex<Counts>,
}

struct Counts {
    days: VecDeque<Day>,
    /// The days as they were at `as_of`, newest first.
    told: Vec<Value>,
    /// The last full hour.
    as_of: Timestamp,
}

struct Day {
    date: Date,
    by: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
}

impl Default for Statistics {
    fn default() -> Self {
        Self::new(Timestamp::now())
    }
}

impl Statistics {
    fn new(since: Timestamp) -> Self {
        let counts = Counts {
            days: VecDeque::new(),
            told: Vec::new(),
            as_of: full_hour(since),
        };
        Self {
            since,
            counts: Mutex::new(counts),
        }
    }

    /// Counts a call.
    pub fn note(&self, tool: &'static str, report: &SearchReport) {
        self.note_at(Timestamp::now(), tool, report);
    }

    fn note_at(&self, now: Timestamp, tool: &'static str, report: &SearchReport) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.bring_up_to_date(now);
        let days = &mut counts.days;
        let date = TimeZone::UTC.to_datetime(now).date();
        if days.back().is_none_or(|day| day.date != date) {
            if days.len() == MOST_DAYS {
                days.pop_front();
            }
            let by = BTreeMap::new();
            days.push_back(Day { date, by });
        }
        let Some(day) = days.back_mut() else { return };
        for (kind, value) in [
            ("outcome", report.outcome.as_str()),
            ("tool", tool),
            ("language", report.language),
        ] {
            let counts = day.by.entry(kind).or_default();
            *counts.entry(value).or_default() += 1;
        }
    }

    /// The counts, newest day first.
    pub fn told(&self, wanted: Wanted) -> Value {
        self.told_at(Timestamp::now(), wanted)
    }

    fn told_at(&self, now: Timestamp, wanted: Wanted) -> Value {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.bring_up_to_date(now);
        json!({
            "note": entry(NOTE, wanted),
            "since": self.since.to_string(),
            "as_of": counts.as_of.to_string(),
            "days": counts.told,
        })
    }
}

impl Counts {
    /// Tells what was counted before the full hour. Comes before every count, so that none of this hour is among them.
    fn bring_up_to_date(&mut self, now: Timestamp) {
        let hour = full_hour(now);
        if hour > self.as_of {
            self.told = self.days.iter().rev().map(Day::told).collect();
            self.as_of = hour;
        }
    }
}

impl Day {
    fn told(&self) -> Value {
        let mut told = Map::new();
        told.insert("date".to_owned(), json!(self.date.to_string()));
        for (kind, counts) in &self.by {
            let counts: Map<String, Value> = counts
                .iter()
                .map(|(value, count)| ((*value).to_owned(), vague(*count)))
                .collect();
            told.insert(format!("by_{kind}"), Value::Object(counts));
        }
        Value::Object(told)
    }
}

fn vague(count: u64) -> Value {
    if count < STEP {
        json!(format!("<{STEP}"))
    } else {
        json!(count - count % STEP)
    }
}

fn full_hour(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(HOUR)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::mcp::resources::tests::report;
    use crate::observe::Outcome;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn start() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn small_counts_are_vague_and_large_ones_round() {
        let statistics = Statistics::new(start());
        for _ in 0..13 {
            statistics.note_at(start(), "a_tool", &report(Outcome::Found));
        }
        statistics.note_at(start(), "other_tool", &report(Outcome::NotFound));
        let told = statistics.told_at(start() + DAY, Wanted::Both);
        let day = &told["days"][0];
        assert_eq!(day["by_outcome"], json!({"found": 10, "not_found": "<5"}));
        assert_eq!(day["by_tool"], json!({"a_tool": 10, "other_tool": "<5"}));
        assert_eq!(day["by_language"], json!({"en": 10}));
    }

    #[test]
    fn days_are_bounded_newest_first() {
        let statistics = Statistics::new(start());
        let mut now = start();
        for _ in 0..MOST_DAYS + 5 {
            statistics.note_at(now, "a_tool", &report(Outcome::Found));
            now += DAY;
        }
        let told = statistics.told_at(now, Wanted::Both);
        let days = told["days"].as_array().unwrap();
        assert_eq!(days.len(), MOST_DAYS);
        assert_eq!(days[0]["date"], "2026-02-04");
    }

    #[test]
    fn what_is_told_changes_at_full_hours_only() {
        let statistics = Statistics::new(start());
        let at = |minutes: i64| start() + SignedDuration::from_mins(minutes);
        let told = |minutes| statistics.told_at(at(minutes), Wanted::Both);
        for minute in [1, 2, 3, 4, 58, 59] {
            assert_eq!(told(minute)["days"], json!([]));
            statistics.note_at(at(minute), "a_tool", &report(Outcome::Found));
        }
        // The first count of an hour is none of those before it.
        for minute in 60..70 {
            statistics.note_at(at(minute), "a_tool", &report(Outcome::Found));
            let told = told(minute);
            assert_eq!(told["days"][0]["by_outcome"], json!({"found": 5}));
            assert_eq!(told["as_of"], "2026-01-01T01:00:00Z");
        }
        let later = told(120);
        assert_eq!(later["days"][0]["by_outcome"], json!({"found": 15}));
    }
}

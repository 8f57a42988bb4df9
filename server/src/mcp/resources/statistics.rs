//! How searches go, day by day: counts and nothing else. Small counts could point at somebody, and differences of exact ones
//! too: what is under five is told as `<5`, and everything else in steps of five.

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
/// Fewest that are told as a number, and the step of all numbers.
const STEP: u64 = 5;

const NOTE: Text = Text {
    en: "Calls that this server answered since it started, by day (UTC). Counts under five are told as <5, others rounded down to a multiple of five, so that nobody can be picked out.",
    es: "Llamadas que este servidor respondió desde que arrancó, por día (UTC). Las cifras menores de cinco se dan como <5 y las demás se redondean hacia abajo a múltiplos de cinco, para que no se pueda señalar a nadie.",
};

/// Counts of all callers together.
pub struct Statistics {
    since: Timestamp,
    days: Mutex<VecDeque<Day>>,
}

struct Day {
    date: Date,
    by: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
}

impl Default for Statistics {
    fn default() -> Self {
        Self {
            since: Timestamp::now(),
            days: Mutex::default(),
        }
    }
}

impl Statistics {
    /// Counts a call.
    pub fn note(&self, tool: &'static str, report: &SearchReport) {
        self.note_on(today(), tool, report);
    }

    fn note_on(&self, date: Date, tool: &'static str, report: &SearchReport) {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
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
        let days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        let days: Vec<Value> = days.iter().rev().map(Day::told).collect();
        json!({
            "note": entry(NOTE, wanted),
            "since": self.since.to_string(),
            "days": days,
        })
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

fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::resources::tests::report;
    use crate::observe::Outcome;

    #[test]
    fn small_counts_are_vague_and_large_ones_round() {
        let statistics = Statistics::default();
        for _ in 0..13 {
            statistics.note("a_tool", &report(Outcome::Found));
        }
        statistics.note("other_tool", &report(Outcome::NotFound));
        let told = statistics.told(Wanted::Both);
        let day = &told["days"][0];
        assert_eq!(day["by_outcome"], json!({"found": 10, "not_found": "<5"}));
        assert_eq!(day["by_tool"], json!({"a_tool": 10, "other_tool": "<5"}));
        assert_eq!(day["by_language"], json!({"en": 10}));
    }

    #[test]
    fn days_are_bounded_newest_first() {
        let statistics = Statistics::default();
        let mut date: Date = "2026-01-01".parse().unwrap();
        for _ in 0..MOST_DAYS + 5 {
            statistics.note_on(date, "a_tool", &report(Outcome::Found));
            date = date.tomorrow().unwrap();
        }
        let told = statistics.told(Wanted::Both);
        let days = told["days"].as_array().unwrap();
        assert_eq!(days.len(), MOST_DAYS);
        assert_eq!(days[0]["date"], date.yesterday().unwrap().to_string());
    }
}

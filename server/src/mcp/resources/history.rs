//! What a caller asked for so far: times, tools and outcomes, and nothing that tells whom they looked for. Kept in this
//! process's memory alone, for the caller alone. One who cannot be told from others has no history.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Wanted, entry};
use crate::language::Text;
use crate::observe::{Outcome, SearchReport};

/// Most calls of one caller.
const MOST_CALLS: usize = 50;
/// Most callers; of more, who was quiet the longest is forgotten.
const MOST_CALLERS: usize = 1_000;

const NOTE: Text = Text {
    en: "Only your own calls, without names, numbers or dates of birth. Kept in the memory of the server that answered you: after a restart, or where several servers share the work, calls are missing here.",
    es: "Solo sus propias llamadas, sin nombres, números ni fechas de nacimiento. Se guardan en la memoria del servidor que le respondió: tras un reinicio, o si varios servidores se reparten el trabajo, aquí faltan llamadas.",
};
const NOBODY: Text = Text {
    en: "You cannot be told from other callers, so no history is kept for you.",
    es: "No se le puede distinguir de otros, así que no se guarda historial.",
};

/// Everyone's calls.
#[derive(Default)]
pub struct History(Mutex<Callers>);

#[derive(Default)]
struct Callers {
    clock: u64,
    calls: HashMap<String, Calls>,
}

#[derive(Default)]
struct Calls {
    last: u64,
    all: VecDeque<Call>,
}

struct Call {
    at: Timestamp,
    tool: &'static str,
    outcome: Outcome,
    people: usize,
    language: &'static str,
}

impl History {
    /// Takes a call of `owner`.
    pub fn note(&self, owner: &str, tool: &'static str, report: &SearchReport) {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        callers.clock += 1;
        let clock = callers.clock;
        if callers.calls.len() >= MOST_CALLERS && !callers.calls.contains_key(owner) {
            let quiet = callers.calls.iter().min_by_key(|(_, calls)| calls.last);
            if let Some(quiet) = quiet.map(|(owner, _)| owner.clone()) {
                callers.calls.remove(&quiet);
            }
        }
        let calls = callers.calls.entry(owner.to_owned()).or_default();
        calls.last = clock;
        if calls.all.len() == MOST_CALLS {
            calls.all.pop_front();
        }
        calls.all.push_back(Call {
            at: Timestamp::now(),
            tool,
            outcome: report.outcome,
            people: report.people,
            language: report.language,
        });
    }

    /// The calls of `owner`, newest first.
    pub fn of(&self, owner: Option<&str>, wanted: Wanted) -> Value {
        let Some(owner) = owner else {
            return json!({"note": entry(NOBODY, wanted), "calls": []});
        };
        let callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let calls: Vec<Value> = callers.calls.get(owner).map_or_else(Vec::new, |calls| {
            let told = |call: &Call| {
                json!({
                    "at": call.at.to_string(),
                    "tool": call.tool,
                    "outcome": call.outcome,
                    "people": call.people,
                    "language": call.language,
                })
            };
            calls.all.iter().rev().map(told).collect()
        });
        json!({"note": entry(NOTE, wanted), "most": MOST_CALLS, "calls": calls})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::resources::tests::report;

    fn calls(history: &History, owner: &str) -> usize {
        let value = history.of(Some(owner), Wanted::Both);
        value["calls"].as_array().unwrap().len()
    }

    #[test]
    fn everyone_sees_their_own_calls_and_no_others() {
        let history = History::default();
        history.note("one", "a_tool", &report(Outcome::Found));
        history.note("other", "a_tool", &report(Outcome::NotFound));
        assert_eq!(calls(&history, "one"), 1);
        let seen = history.of(Some("other"), Wanted::Both);
        assert_eq!(seen["calls"][0]["outcome"], "not_found");
        assert_eq!(calls(&history, "third"), 0);
        let nobody = history.of(None, Wanted::Both);
        assert_eq!(nobody["calls"], json!([]));
    }

    #[test]
    fn a_caller_has_a_bounded_history_newest_first() {
        let history = History::default();
        for _ in 0..2 * MOST_CALLS {
            history.note("one", "a_tool", &report(Outcome::NotFound));
        }
        history.note("one", "a_tool", &report(Outcome::Found));
        assert_eq!(calls(&history, "one"), MOST_CALLS);
        let seen = history.of(Some("one"), Wanted::Both);
        assert_eq!(seen["calls"][0]["outcome"], "found");
    }

    #[test]
    fn of_too_many_callers_the_quiet_are_forgotten() {
        let history = History::default();
        for number in 0..MOST_CALLERS {
            history.note(&number.to_string(), "a_tool", &report(Outcome::Found));
        }
        history.note("0", "a_tool", &report(Outcome::Found));
        history.note("new", "a_tool", &report(Outcome::Found));
        assert_eq!(calls(&history, "0"), 2);
        assert_eq!(calls(&history, "1"), 0);
        assert_eq!(calls(&history, "new"), 1);
    }
}

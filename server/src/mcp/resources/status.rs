//! What works now, in plain words, read off how the last searches went.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Wanted, entry, said};
use crate::language::Text;
use crate::mcp::texts;
use crate::observe::Outcome;
use crate::texts::Answers;

/// How long a search says something about now.
const RECENT: Duration = Duration::from_mins(15);
/// Most searches that are remembered.
const MOST: usize = 200;

const WORKING: Text = Text {
    en: "The locator answers.",
    es: "El localizador responde.",
};
const PARTLY: Text = Text {
    en: "The locator answers some searches and others not. If yours was not answered, try again in a few minutes.",
    es: "El localizador responde algunas búsquedas y otras no. Si la suya no tuvo respuesta, inténtelo otra vez en unos minutos.",
};
const UNKNOWN: Text = Text {
    en: "Nobody has searched here for a while, so it is not known whether the locator answers. A search will tell.",
    es: "Hace rato que nadie busca aquí, así que no se sabe si el localizador responde. Una búsqueda lo dirá.",
};

/// How the last searches went.
#[derive(Default)]
pub struct Recent(Mutex<VecDeque<(Instant, Outcome)>>);

impl Recent {
    /// Takes how a search went. What the caller got wrong says nothing about the locator.
    pub fn note(&self, outcome: Outcome) {
        if outcome == Outcome::Invalid {
            return;
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == MOST {
            all.pop_front();
        }
        all.push_back((Instant::now(), outcome));
    }

    /// What works now.
    pub fn told(&self, told: &Answers, wanted: Wanted) -> Value {
        let (status, words) = judge(&self.recent(Instant::now()), told, wanted);
        let limits: Vec<Value> = texts::LIMITS
            .into_iter()
            .map(|limit| entry(limit, wanted))
            .collect();
        json!({
            "status": status,
            "in_words": words,
            "as_of": Timestamp::now().to_string(),
            "version": env!("CARGO_PKG_VERSION"),
            "limits_of_the_locator": limits,
        })
    }

    fn recent(&self, now: Instant) -> Vec<Outcome> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .filter(|(at, _)| now.saturating_duration_since(*at) < RECENT)
            .map(|(_, outcome)| *outcome)
            .collect()
    }
}

/// What the last searches, oldest first, say about now.
fn judge(recent: &[Outcome], told: &Answers, wanted: Wanted) -> (&'static str, Value) {
    let Some(last) = recent.last() else {
        return ("unknown", entry(UNKNOWN, wanted));
    };
    let whole = |outcome: &Outcome| outcome.is_answer() && *outcome != Outcome::Partial;
    if recent.iter().all(whole) {
        ("working", entry(WORKING, wanted))
    } else if recent.iter().any(|outcome| outcome.is_answer()) {
        ("partly_working", entry(PARTLY, wanted))
    } else {
        ("not_working", said(told.summaries.of(*last), wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::texts::Texts;

    fn judged(recent: &[Outcome]) -> (&'static str, Value) {
        let told = &Texts::shipped().answers;
        judge(recent, told, Wanted::One(Language::En))
    }

    #[test]
    fn what_works_is_read_off_the_last_searches() {
        for (recent, status) in [
            (vec![], "unknown"),
            (vec![Outcome::Found, Outcome::NotFound], "working"),
            (vec![Outcome::Found, Outcome::Challenged], "partly_working"),
            (vec![Outcome::Partial], "partly_working"),
            (vec![Outcome::Unavailable], "not_working"),
        ] {
            assert_eq!(judged(&recent).0, status);
        }
        let (_, words) = judged(&[Outcome::Unavailable, Outcome::Challenged]);
        let told = &Texts::shipped().answers;
        assert_eq!(words, told.summaries.challenged.en);
    }

    #[test]
    fn old_searches_and_callers_mistakes_say_nothing() {
        let recent = Recent::default();
        recent.note(Outcome::Invalid);
        assert!(recent.recent(Instant::now()).is_empty());
        for _ in 0..2 * MOST {
            recent.note(Outcome::Found);
        }
        assert_eq!(recent.recent(Instant::now()).len(), MOST);
        assert!(recent.recent(Instant::now() + RECENT).is_empty());
    }
}

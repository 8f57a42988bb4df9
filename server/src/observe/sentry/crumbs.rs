//! The last calls of each session, by kind only, so that an error tells what led to it. Bounded, in memory.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use sentry_types::protocol::v7::{Breadcrumb, Level, Map};

use super::fault::Fault;
use super::told;
use crate::observe::{CallEvent, Outcome};

/// Most calls that are kept of a session.
const CALLS: usize = 20;
/// Sessions after which those are forgotten that have been silent since as many before.
const SESSIONS: usize = 500;

/// The last calls of the last sessions.
#[derive(Default)]
pub struct Crumbs(Mutex<Trails>);

/// When as many sessions have called as are kept, what is left of the earlier ones is forgotten, and these become the earlier
/// ones: at most twice as many are kept, and nothing has to be sorted.
#[derive(Default)]
struct Trails {
    recent: HashMap<String, VecDeque<Crumb>>,
    earlier: HashMap<String, VecDeque<Crumb>>,
}

struct Crumb {
    at: SystemTime,
    method: &'static str,
    subject: Option<&'static str>,
    outcome: Option<Outcome>,
    error: Option<&'static str>,
}

impl Crumbs {
    /// Adds a call to its session.
    pub fn add(&self, event: &CallEvent) {
        if let Some(session) = &event.session {
            self.push(session, Crumb::of(event));
        }
    }

    fn push(&self, session: &str, crumb: Crumb) {
        let mut trails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let trail = trails.of(session);
        if trail.len() == CALLS {
            trail.pop_front();
        }
        trail.push_back(crumb);
    }

    /// What a session has called, oldest first.
    pub fn before(&self, session: &str) -> Vec<Breadcrumb> {
        let mut trails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trails.of(session).iter().map(Crumb::told).collect()
    }
}

impl Trails {
    fn of(&mut self, session: &str) -> &mut VecDeque<Crumb> {
        if !self.recent.contains_key(session) {
            if self.recent.len() == SESSIONS {
                self.earlier = mem::take(&mut self.recent);
            }
            let trail = self.earlier.remove(session).unwrap_or_default();
            self.recent.insert(session.to_owned(), trail);
        }
        self.recent.entry(session.to_owned()).or_default()
    }
}

impl Crumb {
    fn of(event: &CallEvent) -> Self {
        Self {
            at: event.at.into(),
            method: event.method,
            subject: told::subject(event),
            outcome: event.search.as_ref().map(|search| search.outcome),
            error: Fault::of(event).map(|fault| fault.kind),
        }
    }

    fn told(&self) -> Breadcrumb {
        let ended = self.error.or(self.outcome.map(Outcome::as_str));
        let data = [
            ("mcp.method.name", Some(self.method)),
            ("mcp.subject", self.subject),
            ("icelocator.outcome", self.outcome.map(Outcome::as_str)),
            ("error.type", self.error),
        ];
        Breadcrumb {
            timestamp: self.at,
            category: Some("mcp".to_owned()),
            level: if self.error.is_some() {
                Level::Warning
            } else {
                Level::Info
            },
            message: ended.map(str::to_owned),
            data: data
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
                .collect::<Map<_, _>>(),
            ..Breadcrumb::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(crumbs: &Crumbs) -> usize {
        let trails = crumbs.0.lock().unwrap();
        trails.recent.len() + trails.earlier.len()
    }

    fn crumb() -> Crumb {
        Crumb {
            at: SystemTime::UNIX_EPOCH,
            method: "ping",
            subject: None,
            outcome: None,
            error: None,
        }
    }

    #[test]
    fn few_calls_of_few_sessions_are_kept_and_those_who_still_call_are_not_forgotten() {
        let crumbs = Crumbs::default();
        for _ in 0..3 * CALLS {
            crumbs.push("busy", crumb());
        }
        for number in 0..10 * SESSIONS {
            crumbs.push(&number.to_string(), crumb());
            if number % 100 == 0 {
                crumbs.push("busy", crumb());
            }
            assert!(sessions(&crumbs) <= 2 * SESSIONS);
        }
        assert_eq!(crumbs.before("busy").len(), CALLS);
        assert_eq!(crumbs.before("0").len(), 0);
    }
}

//! How it is with what sends things away.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// How long a find of the last look shows.
const SHOWN: Duration = Duration::from_mins(10);

/// How it is with a sink.
#[derive(Clone, Debug)]
pub struct Health {
    /// The sink's name.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// Since when it is so.
    pub since: Timestamp,
    /// Items that wait, those on their way included.
    pub queued: usize,
    /// Items that arrived.
    pub delivered: u64,
    /// Items that did not and will not.
    pub dropped: u64,
    /// What went wrong last, in a word, however long ago.
    pub last_failure: Option<&'static str>,
}

/// How it is with a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is wrong.
    Ok,
    /// There is no secret that could be used.
    Waiting,
    /// The last request went wrong.
    Failing,
    /// Within the last ten minutes something was held back that must not leave.
    Blocked,
}

impl State {
    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Waiting => "waiting",
            Self::Failing => "failing",
            Self::Blocked => "blocked",
        }
    }
}

/// The state of a sink, kept.
#[derive(Debug)]
pub struct Condition(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    state: State,
    since: Timestamp,
    last_failure: Option<&'static str>,
    blocked: Option<Timestamp>,
}

impl Default for Condition {
    fn default() -> Self {
        Self(Mutex::new(Kept {
            state: State::Ok,
            since: Timestamp::now(),
            last_failure: None,
            blocked: None,
        }))
    }
}

impl Condition {
    /// Something arrived. Whether that is news.
    pub fn is_well(&self) -> bool {
        self.change(State::Ok, None)
    }

    /// Something did not arrive. Whether that is news.
    pub fn is_not_well(&self, state: State, failure: &'static str) -> bool {
        self.change(state, Some(failure))
    }

    /// Something was held back.
    pub fn has_blocked(&self) {
        let mut kept = self.lock();
        kept.blocked = Some(Timestamp::now());
        kept.last_failure = Some("blocked");
    }

    fn change(&self, state: State, failure: Option<&'static str>) -> bool {
        let mut kept = self.lock();
        let is_other = kept.state != state;
        if is_other {
            kept.state = state;
            kept.since = Timestamp::now();
        }
        // Whoever puts a Secret right step by step hears of each.
        let is_news = is_other || (state == State::Waiting && failure != kept.last_failure);
        kept.last_failure = failure.or(kept.last_failure);
        is_news
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it is.
    pub fn health(
        &self,
        name: &'static str,
        queued: usize,
        delivered: u64,
        dropped: u64,
    ) -> Health {
        let kept = self.lock();
        let blocked = kept
            .blocked
            .filter(|at| at.duration_until(Timestamp::now()).unsigned_abs() < SHOWN)
            .filter(|_| kept.state == State::Ok);
        Health {
            name,
            state: blocked.map_or(kept.state, |_| State::Blocked),
            since: blocked.unwrap_or(kept.since),
            queued,
            delivered,
            dropped,
            last_failure: kept.last_failure,
        }
    }
}

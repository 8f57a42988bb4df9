//! How many calls went well: release health, counted a minute at a time. Every call is a session of Sentry's server mode.

use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sentry_types::protocol::v7::SessionAggregateItem;

const MINUTE: u64 = 60;
/// Minutes of which counts are kept when nobody fetches them.
const MINUTES: usize = 60;

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// Well, as far as it was up to us.
    Well,
    /// Wrong.
    Wrong,
    /// Into a bug that ended it.
    Down,
}

/// Counts that nobody has fetched yet.
#[derive(Default)]
pub struct Health(Mutex<Vec<SessionAggregateItem>>);

impl Health {
    /// Counts a call that began at `at`.
    pub fn count(&self, at: SystemTime, went: Went) {
        let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let minute = since.as_secs() / MINUTE * MINUTE;
        let started = UNIX_EPOCH + Duration::from_secs(minute);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = counts
            .iter()
            .rposition(|count| count.started == started)
            .unwrap_or_else(|| {
                if counts.len() == MINUTES {
                    counts.remove(0);
                }
                counts.push(SessionAggregateItem {
                    started,
                    distinct_id: None,
                    exited: 0,
                    errored: 0,
                    abnormal: 0,
                    crashed: 0,
                });
                counts.len() - 1
            });
        let count = &mut counts[index];
        let of = match went {
            Went::Well => &mut count.exited,
            Went::Wrong => &mut count.errored,
            Went::Down => &mut count.crashed,
        };
        *of = of.saturating_add(1);
    }

    /// What was counted since the last time.
    pub fn fetch(&self) -> Vec<SessionAggregateItem> {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_795_744_020 + second)
    }

    #[test]
    fn calls_are_counted_by_minute_and_by_how_they_went() {
        let health = Health::default();
        for (second, went) in [
            (0, Went::Well),
            (59, Went::Well),
            (3, Went::Wrong),
            (61, Went::Down),
            (1, Went::Wrong),
        ] {
            health.count(at(second), went);
        }
        let counted: Vec<_> = health
            .fetch()
            .into_iter()
            .map(|count| (count.started, count.exited, count.errored, count.crashed))
            .collect();
        assert_eq!(counted, [(at(0), 2, 2, 0), (at(60), 0, 0, 1)]);
        assert!(health.fetch().is_empty());
    }

    #[test]
    fn counts_that_nobody_fetches_stay_few() {
        let health = Health::default();
        for minute in 0..1_000 {
            health.count(at(minute * 60), Went::Well);
        }
        let counts = health.fetch();
        assert_eq!(counts.len(), MINUTES);
        assert_eq!(counts[MINUTES - 1].started, at(999 * 60));
    }
}

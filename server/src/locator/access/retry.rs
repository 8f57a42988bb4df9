//! What went wrong with a request, and what can mend it: another try, another way, or neither.

use std::time::Duration;

use rand::Rng as _;

use crate::locator::Failure;

/// Most requests for one page.
pub const TRIES: u32 = 3;
/// Longest wait before the second of them; it doubles with each.
const BASE: Duration = Duration::from_millis(500);
/// Longest wait before any.
const LONGEST: Duration = Duration::from_secs(8);

/// A request that brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Miss {
    /// What a caller is told.
    pub failure: Failure,
    /// What became of it.
    pub cause: Cause,
}

/// What became of a request that brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It never reached the site.
    Unreached,
    /// The connection broke.
    Broken,
    /// The site is overloaded or down for a moment (502, 503, 504).
    Down,
    /// The site asked to wait, and said how long.
    ToldToWait,
    /// No answer came in the time that one page may take.
    Late,
    /// No answer came in the moment that was left: that says nothing of anybody.
    Hurried,
    /// It is as it is.
    Last,
}

impl Miss {
    /// One that nothing mends.
    pub const fn last(failure: Failure) -> Self {
        Self {
            failure,
            cause: Cause::Last,
        }
    }

    /// Why another try may mend it, in a word. A proxy that does not lead to the site is not tried again, another one is.
    pub fn reason_to_retry(self, through_proxy: bool) -> Option<&'static str> {
        match self.cause {
            Cause::Unreached | Cause::Broken if through_proxy => None,
            Cause::Unreached => Some("unreached"),
            Cause::Broken => Some("broken"),
            Cause::Down => Some("down"),
            Cause::ToldToWait => Some("told_to_wait"),
            Cause::Late | Cause::Hurried | Cause::Last => None,
        }
    }

    /// Whether another way may lead to the site. Never so when the site itself has answered.
    pub fn is_of_the_way(self, through_proxy: bool) -> bool {
        match self.cause {
            Cause::Unreached | Cause::Broken => true,
            Cause::Late => through_proxy,
            Cause::Down | Cause::ToldToWait | Cause::Hurried | Cause::Last => false,
        }
    }
}

/// How long to wait before try number `next` (the first is 0): anything up to twice as long as before, so that many who
/// failed together do not come back together.
pub fn back_off(next: u32) -> Duration {
    let most = BASE
        .saturating_mul(1 << next.saturating_sub(1).min(10))
        .min(LONGEST);
    rand::rng().random_range(Duration::ZERO..=most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_stay_bounded_and_differ() {
        for (next, most) in [(1, BASE), (2, 2 * BASE), (3, 4 * BASE), (40, LONGEST)] {
            let waits: Vec<_> = (0..200).map(|_| back_off(next)).collect();
            assert!(waits.iter().all(|wait| *wait <= most), "{next}");
            assert!(waits.iter().any(|wait| *wait > most / 2), "{next}");
            assert!(waits.iter().any(|wait| *wait < most / 2), "{next}");
        }
    }

    #[test]
    fn no_other_way_is_looked_for_when_the_site_has_answered() {
        for failure in [
            Failure::Challenged,
            Failure::RateLimited { retry_after: None },
            Failure::PageChanged,
        ] {
            let miss = Miss::last(failure);
            assert!(!miss.is_of_the_way(true) && !miss.is_of_the_way(false));
            assert_eq!(miss.reason_to_retry(false), None);
        }
        for cause in [Cause::Down, Cause::ToldToWait] {
            let failure = Failure::Unavailable { retry_after: None };
            assert!(!Miss { failure, cause }.is_of_the_way(true));
        }
    }
}

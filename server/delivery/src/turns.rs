//! Whose turn it is: all at once as long as all goes well; after a failure one at a time, and that after a rest which
//! grows from failure to failure, whichever batch it was.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::Rng as _;
use tokio::sync::MutexGuard;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// The rest after the first failure; doubled with each.
const FIRST: Duration = Duration::from_secs(1);
/// The longest rest.
const LONGEST: Duration = Duration::from_secs(30);
/// The longest rest that a destination may ask for.
const LONGEST_ASKED: Duration = Duration::from_mins(2);

pub(crate) struct Turns {
    rest: Mutex<Rest>,
    one: tokio::sync::Mutex<()>,
    draining: CancellationToken,
}

#[derive(Clone, Copy)]
struct Rest {
    failures: u32,
    until: Instant,
    /// Whether the destination said how long.
    asked: bool,
}

/// Somebody's turn, as long as it is held.
pub(crate) type Turn<'a> = Option<MutexGuard<'a, ()>>;

impl Turns {
    pub(crate) fn new(draining: CancellationToken) -> Self {
        Self {
            rest: Mutex::new(Rest {
                failures: 0,
                until: Instant::now(),
                asked: false,
            }),
            one: tokio::sync::Mutex::new(()),
            draining,
        }
    }

    /// Waits for a turn.
    pub(crate) async fn wait(&self) -> Turn<'_> {
        if self.rest().failures == 0 {
            return None;
        }
        let turn = self.one.lock().await;
        let rest = self.rest();
        if rest.failures == 0 {
            return None;
        }
        if rest.asked || self.draining.is_cancelled() {
            sleep_until(rest.until).await;
        } else {
            tokio::select! {
                () = sleep_until(rest.until) => {}
                // The time that is left is short: once more at once, and rests begin anew.
                () = self.draining.cancelled() => self.set(Rest { failures: 1, ..rest }),
            }
        }
        Some(turn)
    }

    /// The destination answered as it should.
    pub(crate) fn good(&self) {
        self.set(Rest {
            failures: 0,
            until: Instant::now(),
            asked: false,
        });
    }

    /// It did not; `asked` is how long it said to wait.
    pub(crate) fn bad(&self, asked: Option<Duration>) {
        let failures = self.rest().failures.saturating_add(1);
        let rest = asked.map_or_else(
            || {
                let doubled = FIRST.saturating_mul(1 << (failures - 1).min(10));
                doubled
                    .min(LONGEST)
                    .mul_f64(rand::rng().random_range(0.8..1.2))
            },
            |asked| asked.clamp(FIRST, LONGEST_ASKED),
        );
        self.set(Rest {
            failures,
            until: Instant::now() + rest,
            asked: asked.is_some(),
        });
    }

    fn rest(&self) -> Rest {
        *self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, rest: Rest) {
        *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = rest;
    }
}

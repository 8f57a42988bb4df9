//! What every request to the site passes before it is sent: few at a time, at a pace, within the budget, and none while the
//! site asked to wait. Who comes first goes first. Who cannot be served before its deadline is told at once how long it
//! would take, instead of waiting in vain. Dropped while it waits, a request takes nothing with it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use icelocator_config::{Pacing, Reloadable};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use rand::Rng as _;
use tokio::sync::{Mutex as Turn, Semaphore, SemaphorePermit, watch};
use tokio::time::timeout_at;

use super::budget::Budget;
use crate::locator::Failure;
use crate::observe::catalogue;

/// Most requests that are under way at once. Each may hold a page of the largest size.
const AT_ONCE: usize = 16;

/// The gate.
pub struct Gate {
    places: Semaphore,
    pacing: Option<Pacing>,
    /// How many wait.
    waiting: AtomicU32,
    /// When the next paced request may be sent. Who holds it is next.
    paced: Turn<Instant>,
    /// Who holds it is the next to take from the budget.
    spending: Turn<()>,
    budget: Budget,
    /// Until when the site asked to wait.
    quiet: Mutex<Option<Instant>>,
    waits: Histogram<f64>,
    refused: Counter<u64>,
}

/// A place among those that are under way.
pub type Place<'a> = SemaphorePermit<'a>;

/// Why a request waits.
#[derive(Clone, Copy)]
enum Reason {
    Place,
    Pacing,
    Budget,
    Site,
}

impl Reason {
    const ALL: [Self; 4] = [Self::Place, Self::Pacing, Self::Budget, Self::Site];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Pacing => "pacing",
            Self::Budget => "budget",
            Self::Site => "site",
        }
    }

    fn label(self) -> [KeyValue; 1] {
        [KeyValue::new("reason", self.as_str())]
    }
}

impl Gate {
    /// A gate with this pace for those that are paced.
    pub fn new(
        pacing: Option<Pacing>,
        settings: watch::Receiver<Reloadable>,
        meter: &Meter,
    ) -> Self {
        let refused = catalogue::UPSTREAM_REFUSED.counter(meter);
        for reason in Reason::ALL {
            refused.add(0, &reason.label());
        }
        Self {
            places: Semaphore::new(AT_ONCE),
            pacing,
            waiting: AtomicU32::new(0),
            paced: Turn::new(Instant::now()),
            spending: Turn::new(()),
            budget: Budget::new(settings),
            quiet: Mutex::new(None),
            waits: catalogue::UPSTREAM_WAIT.histogram(meter),
            refused,
        }
    }

    /// The site asked to wait for so long.
    pub fn keep_quiet(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        *quiet = Some(quiet.map_or(until, |before| before.max(until)));
    }

    /// Waits until one request may be sent; it keeps its place until the answer is read.
    pub async fn pass(&self, is_paced: bool, deadline: Instant) -> Result<Place<'_>, Failure> {
        if Instant::now() >= deadline {
            return Err(Failure::Timeout);
        }
        let pacing = self.pacing.as_ref().filter(|_| is_paced);
        self.until_allowed(deadline).await?;
        let ahead = Waiting::begin(&self.waiting);
        self.may_hope(ahead.before, pacing, deadline)?;

        let began = Instant::now();
        let place = timeout_at(deadline.into(), self.places.acquire())
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or_else(|| self.refuse(Reason::Place, None))?;
        self.waited(Reason::Place, began);
        match pacing {
            None => self.spend(deadline).await?,
            Some(pacing) => {
                let began = Instant::now();
                let mut next = timeout_at(deadline.into(), self.paced.lock())
                    .await
                    .map_err(|_| self.refuse(Reason::Pacing, Some(pacing.min_interval.get())))?;
                if *next > deadline {
                    let wait = next.saturating_duration_since(Instant::now());
                    return Err(self.refuse(Reason::Pacing, Some(wait)));
                }
                tokio::time::sleep_until((*next).into()).await;
                self.waited(Reason::Pacing, began);
                self.spend(deadline).await?;
                *next = Instant::now() + apart(pacing);
            }
        }
        // It may have been asked meanwhile.
        self.until_allowed(deadline).await?;
        Ok(place)
    }

    /// Whether the last of so many can go before the deadline.
    fn may_hope(
        &self,
        ahead: u32,
        pacing: Option<&Pacing>,
        deadline: Instant,
    ) -> Result<(), Failure> {
        let pace = pacing.map_or(Duration::ZERO, |pacing| pacing.min_interval.get());
        let period = self.budget.period();
        let (apart, reason) = if pace > period {
            (pace, Reason::Pacing)
        } else {
            (period, Reason::Budget)
        };
        let wait = apart.saturating_mul(ahead);
        if wait.is_zero() {
            return Ok(());
        }
        if Instant::now()
            .checked_add(wait)
            .is_none_or(|then| then > deadline)
        {
            return Err(self.refuse(reason, Some(wait)));
        }
        Ok(())
    }

    async fn spend(&self, deadline: Instant) -> Result<(), Failure> {
        if self.budget.period().is_zero() {
            return Ok(());
        }
        let began = Instant::now();
        let turn = timeout_at(deadline.into(), self.spending.lock()).await;
        let _turn = turn.map_err(|_| self.refuse(Reason::Budget, Some(self.budget.period())))?;
        self.budget
            .take(deadline)
            .await
            .map_err(|wait| self.refuse(Reason::Budget, Some(wait)))?;
        self.waited(Reason::Budget, began);
        Ok(())
    }

    /// Waits as long as the site asked to, if that is before the deadline.
    async fn until_allowed(&self, deadline: Instant) -> Result<(), Failure> {
        let began = Instant::now();
        while let Some(until) = self.quiet_until() {
            if until > deadline {
                let wait = until.saturating_duration_since(Instant::now());
                return Err(self.refuse(Reason::Site, Some(wait)));
            }
            tokio::time::sleep_until(until.into()).await;
        }
        self.waited(Reason::Site, began);
        Ok(())
    }

    fn quiet_until(&self) -> Option<Instant> {
        let quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        quiet.filter(|until| *until > Instant::now())
    }

    fn waited(&self, reason: Reason, began: Instant) {
        self.waits
            .record(began.elapsed().as_secs_f64(), &reason.label());
    }

    fn refuse(&self, reason: Reason, retry_after: Option<Duration>) -> Failure {
        self.refused.add(1, &reason.label());
        match reason {
            // Those under way are slow: that is the site's doing, and says nothing of when to come back.
            Reason::Place => Failure::Timeout,
            Reason::Pacing | Reason::Budget | Reason::Site => Failure::RateLimited { retry_after },
        }
    }
}

/// The time between two paced requests.
fn apart(pacing: &Pacing) -> Duration {
    let jitter = rand::rng().random_range(Duration::ZERO..=pacing.jitter.get());
    pacing.min_interval.get() + jitter
}

/// One of those who wait, until it is dropped.
struct Waiting<'a> {
    count: &'a AtomicU32,
    before: u32,
}

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicU32) -> Self {
        let before = count.fetch_add(1, Ordering::Relaxed);
        Self { count, before }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;
    use icelocator_config::Duration as Span;

    use super::*;

    /// One whose settings change through the sender.
    fn gate(pacing: Option<u64>, requests: Option<u32>) -> (Gate, watch::Sender<Reloadable>) {
        let (live, settings) = watch::channel(Reloadable {
            requests_per_minute: requests,
            ..Reloadable::default()
        });
        let pacing = pacing.map(|millis| Pacing {
            min_interval: Span::from_millis(millis),
            jitter: Span::from_secs(0),
        });
        let meter = opentelemetry::global::meter("test");
        (Gate::new(pacing, settings, &meter), live)
    }

    fn in_secs(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    #[tokio::test]
    async fn paced_requests_are_never_closer_than_the_pace_and_come_in_order() {
        let (gate, _live) = gate(Some(20), None);
        let passed = Mutex::new(Vec::new());
        join_all((0..5).map(|number| {
            let (gate, passed) = (&gate, &passed);
            async move {
                let place = gate.pass(true, in_secs(20)).await;
                assert!(place.is_ok());
                passed.lock().unwrap().push((number, Instant::now()));
            }
        }))
        .await;
        let passed = passed.into_inner().unwrap();
        assert!(passed.is_sorted_by_key(|(number, _)| *number));
        for pair in passed.windows(2) {
            let apart = pair[1].1 - pair[0].1;
            assert!(apart >= Duration::from_millis(15), "{apart:?}");
        }
    }

    #[tokio::test]
    async fn who_cannot_be_served_in_time_is_told_at_once_how_long_it_takes() {
        let (gate, _live) = gate(Some(10_000), None);
        assert!(gate.pass(true, in_secs(1)).await.is_ok());
        let asked = (0..4).map(|_| gate.pass(true, in_secs(15)));
        let mut asked = Box::pin(join_all(asked));
        let told = tokio::time::timeout(Duration::from_millis(50), &mut asked).await;
        assert!(told.is_err(), "the first waits");
        let told = gate.pass(true, in_secs(15)).await;
        match told {
            Err(Failure::RateLimited {
                retry_after: Some(wait),
            }) => {
                assert!(wait >= Duration::from_secs(10), "{wait:?}");
            }
            _ => panic!("not told"),
        }
        // Whoever is not paced does not wait for those who are.
        assert!(gate.pass(false, in_secs(1)).await.is_ok());
    }

    #[tokio::test]
    async fn who_goes_away_leaves_its_turn_to_the_next() {
        let (gate, _live) = gate(Some(60_000), None);
        assert!(gate.pass(true, in_secs(1)).await.is_ok());
        for _ in 0..50 {
            let gone = tokio::time::timeout(Duration::ZERO, gate.pass(true, in_secs(600)));
            assert!(gone.await.is_err());
        }
        assert_eq!(gate.waiting.load(Ordering::Relaxed), 0);
        // Had they kept their turns this would be fifty minutes ahead.
        match gate.pass(true, in_secs(1)).await {
            Err(Failure::RateLimited {
                retry_after: Some(wait),
            }) => assert!(wait <= Duration::from_mins(1), "{wait:?}"),
            _ => panic!("not told"),
        }
    }

    #[tokio::test]
    async fn nobody_passes_while_the_site_asked_to_wait() {
        let (gate, _live) = gate(None, None);
        gate.keep_quiet(Duration::from_mins(5));
        gate.keep_quiet(Duration::from_secs(1));
        match gate.pass(false, in_secs(30)).await {
            Err(Failure::RateLimited {
                retry_after: Some(wait),
            }) => {
                assert!(wait > Duration::from_mins(4), "{wait:?}");
            }
            _ => panic!("passed"),
        }
        let (gate, _live) = self::gate(None, None);
        gate.keep_quiet(Duration::from_millis(20));
        assert!(gate.pass(false, in_secs(20)).await.is_ok());
        assert!(gate.quiet_until().is_none());
    }

    #[tokio::test]
    async fn who_has_no_time_left_is_late_and_not_told_to_slow_down() {
        let (gate, _live) = gate(None, None);
        let told = gate.pass(false, Instant::now()).await;
        assert_eq!(told.err(), Some(Failure::Timeout));
    }

    #[tokio::test]
    async fn few_are_under_way_at_once() {
        let (gate, _live) = gate(None, None);
        let places = join_all((0..AT_ONCE).map(|_| gate.pass(false, in_secs(1)))).await;
        assert!(places.iter().all(Result::is_ok));
        let soon = Instant::now() + Duration::from_millis(20);
        let told = gate.pass(false, soon).await;
        assert_eq!(told.err(), Some(Failure::Timeout));
        drop(places);
        assert!(gate.pass(false, in_secs(1)).await.is_ok());
    }

    #[tokio::test]
    async fn a_spent_budget_is_told_with_the_time_until_the_next() {
        let (gate, _live) = gate(None, Some(1));
        assert!(gate.pass(false, in_secs(1)).await.is_ok());
        match gate.pass(false, in_secs(30)).await {
            Err(Failure::RateLimited {
                retry_after: Some(wait),
            }) => {
                assert!(wait > Duration::from_secs(50), "{wait:?}");
            }
            _ => panic!("passed"),
        }
    }
}

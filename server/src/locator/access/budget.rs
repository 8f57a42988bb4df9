//! This pod's share of the requests that may be sent a minute: an even stream with few at once, changed while it flows.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use icelocator_config::Reloadable;
use tokio::sync::watch;

/// The share.
pub struct Budget {
    settings: watch::Receiver<Reloadable>,
    current: Mutex<Current>,
    clock: DefaultClock,
}

struct Current {
    share: Option<Share>,
    limiter: Option<Arc<DefaultDirectRateLimiter>>,
}

/// Requests a minute, and for how many pods together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Share {
    requests: u32,
    replicas: u32,
}

impl Share {
    fn of(settings: &Reloadable) -> Option<Self> {
        settings.requests_per_minute.map(|requests| Self {
            requests,
            replicas: settings.replicas.max(1),
        })
    }

    /// How many may go at once: a tenth of a minute's.
    fn burst(self) -> u32 {
        (self.requests / self.replicas / 10).max(1)
    }

    /// The time between two requests in the long run, such that with those that go at once a minute has no more than its
    /// share.
    fn period(self) -> Duration {
        let extra = self.burst() - 1;
        let most = f64::from(self.requests) / f64::from(self.replicas) - f64::from(extra);
        Duration::from_secs_f64(60.0 / most)
    }

    fn quota(self) -> Option<Quota> {
        let burst = NonZeroU32::new(self.burst())?;
        Some(Quota::with_period(self.period())?.allow_burst(burst))
    }
}

impl Budget {
    /// The share that these settings give, now and whenever they change.
    pub fn new(settings: watch::Receiver<Reloadable>) -> Self {
        let share = Share::of(&settings.borrow());
        Self {
            settings,
            current: Mutex::new(Current {
                share,
                limiter: limiter(share),
            }),
            clock: DefaultClock::default(),
        }
    }

    /// The time between two requests in the long run; none where nothing was said.
    pub fn period(&self) -> Duration {
        Share::of(&self.settings.borrow()).map_or(Duration::ZERO, Share::period)
    }

    /// Takes one request from the share, waiting for it until `deadline`; else says how long it would have taken.
    pub async fn take(&self, deadline: Instant) -> Result<(), Duration> {
        let mut settings = self.settings.clone();
        loop {
            settings.mark_unchanged();
            let Some(limiter) = self.limiter() else {
                return Ok(());
            };
            let Err(not_until) = limiter.check() else {
                return Ok(());
            };
            let wait = not_until.wait_time_from(self.clock.now());
            if Instant::now() + wait > deadline {
                return Err(wait);
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = changed(&mut settings) => {}
            }
        }
    }

    fn limiter(&self) -> Option<Arc<DefaultDirectRateLimiter>> {
        let share = Share::of(&self.settings.borrow());
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.share != share {
            *current = Current {
                share,
                limiter: limiter(share),
            };
        }
        current.limiter.clone()
    }
}

fn limiter(share: Option<Share>) -> Option<Arc<DefaultDirectRateLimiter>> {
    let quota = share?.quota()?;
    Some(Arc::new(RateLimiter::direct(quota)))
}

/// Until the settings change; for ever where nobody changes them any more.
async fn changed(settings: &mut watch::Receiver<Reloadable>) {
    if settings.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn settings(requests: u32, replicas: u32) -> Reloadable {
        Reloadable {
            replicas,
            requests_per_minute: Some(requests),
            ..Reloadable::default()
        }
    }

    fn now() -> Instant {
        Instant::now()
    }

    #[tokio::test]
    async fn a_share_of_less_than_one_is_one_in_some_minutes() {
        let (_live, settings) = watch::channel(settings(1, 10));
        let budget = Budget::new(settings);
        assert_eq!(budget.period(), Duration::from_mins(10));
        assert_eq!(budget.take(now()).await, Ok(()));
        let wait = budget.take(now() + Duration::from_secs(30)).await;
        let wait = wait.unwrap_err();
        assert!(
            wait > Duration::from_mins(9) && wait <= Duration::from_mins(10),
            "{wait:?}"
        );
    }

    #[tokio::test]
    async fn without_a_budget_nothing_waits() {
        let (_live, settings) = watch::channel(Reloadable::default());
        let budget = Budget::new(settings);
        for _ in 0..1000 {
            assert_eq!(budget.take(now()).await, Ok(()));
        }
    }

    #[tokio::test]
    async fn one_who_waits_goes_on_when_the_budget_grows() {
        let (live, receiver) = watch::channel(settings(1, 1));
        let budget = Budget::new(receiver);
        assert_eq!(budget.take(now()).await, Ok(()));
        let waiting = budget.take(now() + Duration::from_mins(5));
        let grow = async {
            tokio::task::yield_now().await;
            live.send_replace(settings(6_000, 1));
        };
        let both = async { tokio::join!(waiting, grow) };
        let (taken, ()) = tokio::time::timeout(Duration::from_secs(20), both)
            .await
            .unwrap();
        assert_eq!(taken, Ok(()));
        live.send_replace(settings(1, 1_000));
        assert_eq!(budget.take(now()).await, Ok(()));
        assert!(budget.take(now()).await.is_err());
        live.send_replace(Reloadable::default());
        assert_eq!(budget.take(now()).await, Ok(()));
    }

    #[tokio::test]
    async fn nobody_left_to_change_it_changes_nothing() {
        let (live, settings) = watch::channel(settings(6_000, 1));
        drop(live);
        let budget = Budget::new(settings);
        let deadline = now() + Duration::from_secs(20);
        for _ in 0..700 {
            assert_eq!(budget.take(deadline).await, Ok(()));
        }
    }

    proptest! {
        #[test]
        fn a_minute_never_has_more_than_the_whole_budget(requests in 1u32..=6_000, replicas in 1u32..=1_000) {
            let share = Share { requests, replicas };
            let minute = Duration::from_mins(1).as_secs_f64() / share.period().as_secs_f64();
            let most = (minute + f64::from(share.burst() - 1)) * f64::from(replicas);
            prop_assert!(most <= f64::from(requests) * 1.000_001, "{most}");
            prop_assert!(share.quota().is_some());
        }
    }
}

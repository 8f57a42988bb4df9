//! Which resource has its turn: each at most once at a time, events gathered for a moment, failures further and further
//! apart.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::Rng as _;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::kinds::ResourceKey;

/// Events that come within this time of the first are one pass.
pub const DEBOUNCE: Duration = Duration::from_secs(1);
/// The pause after the first failure; it doubles with each further one.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// The longest pause between two failures.
const LAST_RETRY: Duration = Duration::from_mins(5);

/// What becomes of a resource after a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Look again after this time, or at the next event.
    After(Duration),
    /// Try again soon, later after each further failure.
    Retry,
}

#[derive(Debug, Default)]
struct Entry {
    /// When its turn comes; `None`: not asked for.
    at: Option<Instant>,
    running: bool,
    failures: u32,
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<ResourceKey, Entry>,
    /// Everything asked for that is not running, soonest first.
    waiting: BTreeSet<(Instant, ResourceKey)>,
    closed: bool,
}

/// The queue.
#[derive(Debug, Default)]
pub struct Queue {
    state: Mutex<State>,
    changed: Notify,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happened to a resource.
    pub fn add(&self, key: &ResourceKey) {
        self.add_after(key, DEBOUNCE);
    }

    /// Something happened to several resources.
    pub fn add_all<'a>(&self, keys: impl IntoIterator<Item = &'a ResourceKey>) {
        for key in keys {
            self.add(key);
        }
    }

    /// Asks for a resource after `pause`, or earlier if that was asked for before.
    pub fn add_after(&self, key: &ResourceKey, pause: Duration) {
        self.state().ask(key, Instant::now() + pause);
        self.changed.notify_one();
    }

    /// The next resource whose turn it is; `None` once the queue is closed. What is given out is not given out again
    /// before [`Queue::done`].
    pub async fn next(&self) -> Option<ResourceKey> {
        loop {
            let changed = self.changed.notified();
            let soonest = {
                let mut state = self.state();
                if state.closed {
                    return None;
                }
                match state.waiting.first() {
                    Some((at, _)) if *at <= Instant::now() => return state.take_first(),
                    Some((at, _)) => Some(*at),
                    None => None,
                }
            };
            match soonest {
                Some(at) => tokio::select! { () = changed => {}, () = sleep_until(at) => {} },
                None => changed.await,
            }
        }
    }

    /// A pass is over.
    pub fn done(&self, key: &ResourceKey, next: Next) {
        {
            let mut state = self.state();
            let Some(entry) = state.entries.get_mut(key) else {
                return;
            };
            entry.running = false;
            let pause = match next {
                Next::After(pause) => {
                    entry.failures = 0;
                    pause
                }
                Next::Retry => {
                    entry.failures += 1;
                    retry_after(entry.failures)
                }
            };
            let asked = entry.at.take();
            let at = Instant::now() + pause;
            state.ask(key, asked.map_or(at, |asked| asked.min(at)));
        }
        self.changed.notify_one();
    }

    /// A pass found its resource gone: it is not looked at again, unless it was asked for meanwhile, made anew.
    pub fn gone(&self, key: &ResourceKey) {
        {
            let mut state = self.state();
            let asked = state.entries.remove(key).and_then(|entry| entry.at);
            if let Some(at) = asked {
                state.ask(key, at);
            }
        }
        self.changed.notify_one();
    }

    /// How many resources wait although their turn has come.
    pub fn depth(&self) -> usize {
        let now = Instant::now();
        self.state()
            .waiting
            .iter()
            .take_while(|(at, _)| *at <= now)
            .count()
    }

    /// How long the resource that has waited longest has waited since its turn came.
    pub fn lag(&self) -> Option<Duration> {
        let state = self.state();
        let (at, _) = state.waiting.first()?;
        Instant::now().checked_duration_since(*at)
    }

    /// Gives nothing out any more.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_one();
    }
}

impl State {
    fn ask(&mut self, key: &ResourceKey, at: Instant) {
        let entry = self.entries.entry(key.clone()).or_default();
        if entry.at.is_some_and(|asked| asked <= at) {
            return;
        }
        let before = entry.at.replace(at);
        if entry.running {
            return;
        }
        if let Some(before) = before {
            self.waiting.remove(&(before, key.clone()));
        }
        self.waiting.insert((at, key.clone()));
    }

    fn take_first(&mut self) -> Option<ResourceKey> {
        let (_, key) = self.waiting.pop_first()?;
        let entry = self.entries.entry(key.clone()).or_default();
        entry.at = None;
        entry.running = true;
        Some(key)
    }
}

/// Doubles with each failure up to a cap; jitter keeps what failed together from coming back together.
fn retry_after(failures: u32) -> Duration {
    let pause = FIRST_RETRY
        .saturating_mul(1 << failures.saturating_sub(1).min(16))
        .min(LAST_RETRY);
    pause.mul_f64(rand::rng().random_range(0.8..1.2))
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn key(name: &str) -> ResourceKey {
        ResourceKey::new("default", name)
    }

    fn now_or_never(queue: &Queue) -> Option<ResourceKey> {
        queue.next().now_or_never().flatten()
    }

    #[tokio::test(start_paused = true)]
    async fn events_within_a_moment_are_one_pass() {
        let queue = Queue::default();
        queue.add(&key("demo"));
        tokio::time::advance(Duration::from_millis(900)).await;
        queue.add(&key("demo"));
        assert_eq!(now_or_never(&queue), None);
        tokio::time::advance(Duration::from_millis(100)).await;
        assert_eq!(
            now_or_never(&queue),
            Some(key("demo")),
            "a later event does not put the pass off"
        );
        queue.done(&key("demo"), Next::After(Duration::from_mins(10)));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(now_or_never(&queue), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_resource_is_never_worked_on_twice_at_once() {
        let queue = Queue::default();
        queue.add_after(&key("demo"), Duration::ZERO);
        assert_eq!(queue.next().await, Some(key("demo")));
        queue.add(&key("demo"));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(now_or_never(&queue), None);
        queue.done(&key("demo"), Next::After(Duration::from_mins(10)));
        assert_eq!(
            now_or_never(&queue),
            Some(key("demo")),
            "what came meanwhile is not lost"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_fails_does_not_hold_up_the_others() {
        let queue = Queue::default();
        queue.add_after(&key("bad"), Duration::ZERO);
        assert_eq!(queue.next().await, Some(key("bad")));
        queue.done(&key("bad"), Next::Retry);
        queue.add_after(&key("good"), Duration::ZERO);
        assert_eq!(queue.next().await, Some(key("good")));
    }

    #[tokio::test(start_paused = true)]
    async fn failures_come_further_and_further_apart_up_to_a_cap() {
        let queue = Queue::default();
        queue.add_after(&key("bad"), Duration::ZERO);
        let mut pauses = Vec::new();
        for _ in 0..14 {
            let before = Instant::now();
            assert_eq!(queue.next().await, Some(key("bad")));
            pauses.push(before.elapsed());
            queue.done(&key("bad"), Next::Retry);
        }
        assert!(pauses[1] <= Duration::from_millis(1201), "{pauses:?}");
        assert!(pauses[5] > pauses[1] * 8, "{pauses:?}");
        assert!(
            pauses[13] <= LAST_RETRY.mul_f64(1.2) + Duration::from_millis(1),
            "{pauses:?}"
        );
        assert!(pauses[13] >= LAST_RETRY.mul_f64(0.8), "{pauses:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_ends_the_slowing_down() {
        let queue = Queue::default();
        queue.add_after(&key("demo"), Duration::ZERO);
        for _ in 0..6 {
            queue.next().await;
            queue.done(&key("demo"), Next::Retry);
        }
        queue.next().await;
        queue.done(&key("demo"), Next::After(Duration::from_secs(1)));
        queue.next().await;
        let before = Instant::now();
        queue.done(&key("demo"), Next::Retry);
        queue.next().await;
        assert!(before.elapsed() < Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_comes_before_a_far_off_retry() {
        let queue = Queue::default();
        queue.add_after(&key("demo"), Duration::ZERO);
        for _ in 0..9 {
            queue.next().await;
            queue.done(&key("demo"), Next::Retry);
        }
        let before = Instant::now();
        queue.add(&key("demo"));
        assert_eq!(queue.next().await, Some(key("demo")));
        assert_eq!(before.elapsed(), DEBOUNCE);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_gone_does_not_come_back_unless_it_was_made_anew() {
        let queue = Queue::default();
        queue.add_after(&key("gone"), Duration::ZERO);
        assert_eq!(queue.next().await, Some(key("gone")));
        queue.gone(&key("gone"));
        tokio::time::advance(Duration::from_mins(20)).await;
        assert_eq!(now_or_never(&queue), None);

        queue.add_after(&key("anew"), Duration::ZERO);
        assert_eq!(queue.next().await, Some(key("anew")));
        queue.add(&key("anew"));
        queue.gone(&key("anew"));
        assert_eq!(queue.next().await, Some(key("anew")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_queue_ends_who_waits() {
        let queue = std::sync::Arc::new(Queue::default());
        let waiting = tokio::spawn({
            let queue = queue.clone();
            async move { queue.next().await }
        });
        tokio::task::yield_now().await;
        queue.close();
        assert_eq!(waiting.await.unwrap(), None);
    }
}

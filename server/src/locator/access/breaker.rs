//! Stops asking a site that fails: when too many of the latest requests failed none is sent for a while, then one to see
//! whether it is back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use icelocator_config::CircuitBreaker as Settings;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};

use crate::observe::catalogue;

/// Fewest requests within the window that say anything.
const FEWEST: u32 = 10;
/// Parts of the window; a part is forgotten as a whole.
const PARTS: u32 = 10;
/// How long those are told to wait who come while the one request is under way.
const SOON: Duration = Duration::from_secs(1);

/// The breaker.
pub struct Breaker {
    ratio: f64,
    part: Duration,
    open_for: Duration,
    began: Instant,
    state: Arc<Mutex<State>>,
    transitions: Counter<u64>,
}

enum State {
    /// Requests are sent, and counted.
    Closed(VecDeque<Part>),
    /// None is sent until then.
    Open(Instant),
    /// One is sent; whether it is under way.
    HalfOpen(bool),
}

/// What was counted in one part of the window.
struct Part {
    number: u128,
    all: u32,
    failed: u32,
}

impl State {
    /// As the gauge tells it.
    fn number(&self) -> u64 {
        match self {
            Self::Closed(_) => 0,
            Self::HalfOpen(_) => 1,
            Self::Open(_) => 2,
        }
    }
}

impl Breaker {
    /// A closed one.
    pub fn new(settings: &Settings, meter: &Meter) -> Self {
        let state = Arc::new(Mutex::new(State::Closed(VecDeque::new())));
        let told = Arc::clone(&state);
        catalogue::BREAKER_STATE.observable_gauge(meter, move |gauge| {
            gauge.observe(lock(&told).number(), &[]);
        });
        let transitions = catalogue::BREAKER_TRANSITIONS.counter(meter);
        for to in ["open", "half_open", "closed"] {
            transitions.add(0, &[KeyValue::new("to", to)]);
        }
        Self {
            // No failure at all is no reason: even a ratio of nothing needs one.
            ratio: settings.failure_ratio.get().max(f64::MIN_POSITIVE),
            part: settings.window.get() / PARTS,
            open_for: settings.open_for.get(),
            began: Instant::now(),
            state,
            transitions,
        }
    }

    /// How long no request will be sent, if it is so.
    pub fn closed_for(&self) -> Option<Duration> {
        self.closed_for_at(Instant::now())
    }

    fn closed_for_at(&self, now: Instant) -> Option<Duration> {
        match &*lock(&self.state) {
            State::Closed(_) | State::HalfOpen(false) => None,
            State::Open(until) => {
                Some(until.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
            }
            State::HalfOpen(true) => Some(SOON),
        }
    }

    /// A ticket for one request, or how long none is sent.
    pub fn admit(&self) -> Result<Ticket<'_>, Duration> {
        self.admit_at(Instant::now())
    }

    fn admit_at(&self, now: Instant) -> Result<Ticket<'_>, Duration> {
        if let Some(wait) = self.closed_for_at(now) {
            return Err(wait);
        }
        let mut state = lock(&self.state);
        let probe = match &mut *state {
            State::Closed(_) => false,
            State::Open(_) => {
                self.turn(&mut state, State::HalfOpen(true), "half_open");
                true
            }
            // Somebody was quicker.
            State::HalfOpen(true) => return Err(SOON),
            State::HalfOpen(under_way) => {
                *under_way = true;
                true
            }
        };
        Ok(Ticket {
            breaker: self,
            probe,
        })
    }

    fn turn(&self, state: &mut State, to: State, word: &'static str) {
        *state = to;
        self.transitions.add(1, &[KeyValue::new("to", word)]);
    }

    fn learn(&self, probe: bool, failed: bool, now: Instant) {
        let mut state = lock(&self.state);
        if probe {
            if failed {
                self.turn(&mut state, State::Open(now + self.open_for), "open");
            } else {
                self.turn(&mut state, State::Closed(VecDeque::new()), "closed");
            }
            return;
        }
        // What was sent before it opened says nothing new.
        let State::Closed(parts) = &mut *state else {
            return;
        };
        let number = now.duration_since(self.began).as_nanos() / self.part.as_nanos().max(1);
        while parts
            .front()
            .is_some_and(|part| part.number + u128::from(PARTS) <= number)
        {
            parts.pop_front();
        }
        if parts.back().is_none_or(|part| part.number != number) {
            parts.push_back(Part {
                number,
                all: 0,
                failed: 0,
            });
        }
        if let Some(part) = parts.back_mut() {
            part.all += 1;
            part.failed += u32::from(failed);
        }
        let all: u32 = parts.iter().map(|part| part.all).sum();
        let bad: u32 = parts.iter().map(|part| part.failed).sum();
        if failed && all >= FEWEST && f64::from(bad) >= self.ratio * f64::from(all) {
            self.turn(&mut state, State::Open(now + self.open_for), "open");
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The leave to send one request. Dropped, it says nothing of the site; if it was the one to see whether it is back,
/// another may be.
pub struct Ticket<'a> {
    breaker: &'a Breaker,
    probe: bool,
}

impl Ticket<'_> {
    /// Says how the request ended.
    pub fn learn(self, failed: bool) {
        self.learn_at(failed, Instant::now());
    }

    fn learn_at(mut self, failed: bool, now: Instant) {
        let probe = std::mem::take(&mut self.probe);
        self.breaker.learn(probe, failed, now);
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if !self.probe {
            return;
        }
        if let State::HalfOpen(under_way) = &mut *lock(&self.breaker.state) {
            *under_way = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use icelocator_config::{Duration as Span, Ratio};

    use super::*;

    fn breaker() -> Breaker {
        let settings = Settings {
            failure_ratio: Ratio::per_mille(500),
            window: Span::from_mins(1),
            open_for: Span::from_secs(30),
        };
        Breaker::new(&settings, &opentelemetry::global::meter("test"))
    }

    fn ask(breaker: &Breaker, failed: bool, now: Instant) -> bool {
        match breaker.admit_at(now) {
            Ok(ticket) => {
                ticket.learn_at(failed, now);
                true
            }
            Err(_) => false,
        }
    }

    /// Opened at this time.
    fn opened(now: Instant) -> Breaker {
        let breaker = breaker();
        for _ in 0..FEWEST {
            assert!(ask(&breaker, true, now));
        }
        breaker
    }

    #[test]
    fn few_failures_say_nothing_and_half_of_many_open_it() {
        let (breaker, now) = (breaker(), Instant::now());
        for failed in [true; 9] {
            assert!(ask(&breaker, failed, now));
        }
        let breaker = self::breaker();
        for failed in [false, true].repeat(4) {
            assert!(ask(&breaker, failed, now));
        }
        assert!(ask(&breaker, false, now) && ask(&breaker, true, now));
        assert!(!ask(&breaker, true, now), "5 of 10 failed");
    }

    #[test]
    fn what_is_older_than_the_window_is_forgotten() {
        let (breaker, now) = (breaker(), Instant::now());
        for _ in 0..9 {
            ask(&breaker, true, now);
        }
        let later = now + Duration::from_mins(2);
        assert!(ask(&breaker, true, later) && ask(&breaker, true, later));
    }

    #[test]
    fn it_says_how_long_it_stays_open_and_then_lets_one_through() {
        let now = Instant::now();
        let breaker = opened(now);
        let wait = breaker.admit_at(now + Duration::from_secs(10)).err();
        assert_eq!(wait, Some(Duration::from_secs(20)));
        let later = now + Duration::from_secs(31);
        let probe = breaker.admit_at(later).unwrap_or_else(|_| panic!());
        assert_eq!(breaker.admit_at(later).err(), Some(SOON), "only one");
        probe.learn_at(false, later);
        assert!(ask(&breaker, true, later) && ask(&breaker, true, later));
    }

    #[test]
    fn a_site_that_still_fails_closes_it_again_for_as_long() {
        let now = Instant::now();
        let breaker = opened(now);
        let later = now + Duration::from_secs(31);
        assert!(ask(&breaker, true, later));
        let wait = breaker.admit_at(later).err();
        assert_eq!(wait, Some(Duration::from_secs(30)));
    }

    #[test]
    fn one_who_goes_away_leaves_the_trial_to_another() {
        let now = Instant::now();
        let breaker = opened(now);
        let later = now + Duration::from_secs(31);
        drop(breaker.admit_at(later));
        assert!(ask(&breaker, false, later));
        assert!(breaker.closed_for_at(later).is_none());
    }

    #[test]
    fn late_news_from_before_does_not_open_it_for_longer() {
        let now = Instant::now();
        let breaker = breaker();
        let late = breaker.admit_at(now).unwrap_or_else(|_| panic!());
        for _ in 0..FEWEST {
            ask(&breaker, true, now);
        }
        late.learn_at(true, now + Duration::from_secs(29));
        let later = now + Duration::from_secs(31);
        assert!(breaker.admit_at(later).is_ok());
    }
}

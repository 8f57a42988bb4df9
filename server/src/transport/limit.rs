//! How many calls are worked on at once, and how many messages are read. One more is told at once to come back, which is
//! kinder than a queue that ends in time-outs. One caller who is known does not take them all: half is left to the others.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::metrics::{Counter, Gauge, Meter, UpDownCounter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::caller::Caller;
use crate::observe::catalogue::{CALLS_IN_FLIGHT, CALLS_LIMIT, CALLS_SHED};

/// Most messages that are read at once. Only when one is read is it known to be a call, so that slow senders do not hold
/// a call's place.
const MOST_READ: u32 = 256;
/// Places beside those for calls, for what is over in a moment: that a server has its hands full does not make it silent.
const BESIDE: u32 = 16;
/// What may take its time. What was not understood may be anything.
const LASTING: [&str; 3] = ["tools/call", "subscriptions/listen", "other"];

/// The places for calls.
#[derive(Clone)]
pub struct Places {
    most: Arc<AtomicU32>,
    taken: Arc<watch::Sender<u32>>,
    calls_of: Shares,
    reading: Arc<Semaphore>,
    reading_of: Shares,
    limit: Gauge<u64>,
    in_flight: UpDownCounter<i64>,
    shed: Counter<u64>,
}

/// A place that a call holds until this is dropped.
pub struct Place {
    taken: Arc<watch::Sender<u32>>,
    in_flight: UpDownCounter<i64>,
    _share: Option<Share>,
}

/// Leave to read a message, until this is dropped.
pub struct Reading {
    _permit: OwnedSemaphorePermit,
    _share: Option<Share>,
}

/// How much each caller has of something. Who has nothing of it is not remembered.
#[derive(Clone, Default)]
struct Shares(Arc<Mutex<HashMap<String, u32>>>);

/// One part of what a caller has, until this is dropped.
struct Share {
    shares: Shares,
    caller: String,
}

impl Shares {
    fn take(&self, caller: &str, most: u32) -> Option<Share> {
        let mut shares = self.lock();
        let count = shares.get(caller).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        shares.insert(caller.to_owned(), count + 1);
        Some(Share {
            shares: self.clone(),
            caller: caller.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut shares = self.shares.lock();
        if let Some(count) = shares.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                shares.remove(&self.caller);
            }
        }
    }
}

impl Places {
    /// Room for `most` calls.
    pub fn new(most: u32, meter: &Meter) -> Self {
        let in_flight = CALLS_IN_FLIGHT.up_down_counter(meter);
        let shed = CALLS_SHED.counter(meter);
        // From the start, so that a rule sees a zero and not a gap.
        in_flight.add(0, &[]);
        shed.add(0, &[]);
        let places = Self {
            most: Arc::default(),
            taken: Arc::default(),
            calls_of: Shares::default(),
            reading: Arc::new(Semaphore::new(MOST_READ as usize)),
            reading_of: Shares::default(),
            limit: CALLS_LIMIT.gauge(meter),
            in_flight,
            shed,
        };
        places.resize(most);
        places
    }

    /// From now on there is room for `most` calls. Where more are under way, none begins until enough of them have ended.
    pub fn resize(&self, most: u32) {
        self.most.store(most, Ordering::Relaxed);
        self.limit.record(u64::from(most), &[]);
    }

    /// Leave to read a message, if not too many are being read.
    pub fn take_reading(&self) -> Option<Reading> {
        let permit = Arc::clone(&self.reading).try_acquire_owned().ok();
        let reading = permit.map(|permit| Reading {
            _permit: permit,
            _share: None,
        });
        self.or_shed(reading)
    }

    /// Leave to go on reading now that it is known from whom, if not too many are being read of theirs.
    pub fn go_on_reading(&self, reading: Reading, caller: &Caller) -> Option<Reading> {
        let Some(caller) = &caller.pseudonym else {
            return Some(reading);
        };
        let share = self.reading_of.take(caller, half(MOST_READ));
        let reading = share.map(|share| Reading {
            _share: Some(share),
            ..reading
        });
        self.or_shed(reading)
    }

    /// A place for whoever has this process to themselves, if there is one.
    pub fn take(&self) -> Option<Place> {
        self.or_shed(self.place(self.most(), None))
    }

    /// A place for a message of `caller` with this method, if there is one for it.
    pub fn take_for(&self, caller: &Caller, method: &str) -> Option<Place> {
        self.or_shed(self.place_for(caller, method))
    }

    fn place_for(&self, caller: &Caller, method: &str) -> Option<Place> {
        let most = self.most();
        if !LASTING.contains(&method) {
            return self.place(most + BESIDE, None);
        }
        let share = match &caller.pseudonym {
            Some(caller) => Some(self.calls_of.take(caller, half(most))?),
            None => None,
        };
        self.place(most, share)
    }

    fn place(&self, most: u32, share: Option<Share>) -> Option<Place> {
        let got = self.taken.send_if_modified(|taken| {
            let free = *taken < most;
            *taken += u32::from(free);
            free
        });
        if !got {
            return None;
        }
        self.in_flight.add(1, &[]);
        Some(Place {
            taken: Arc::clone(&self.taken),
            in_flight: self.in_flight.clone(),
            _share: share,
        })
    }

    fn most(&self) -> u32 {
        self.most.load(Ordering::Relaxed)
    }

    fn or_shed<T>(&self, got: Option<T>) -> Option<T> {
        if got.is_none() {
            self.shed.add(1, &[]);
        }
        got
    }

    /// Waits until no call is under way. Lets no new one begin.
    pub async fn close(&self) {
        self.most.store(0, Ordering::Relaxed);
        // The sender is ours: it cannot be gone.
        let _ = self.taken.subscribe().wait_for(|taken| *taken == 0).await;
    }
}

/// Where there is one only, it is everybody's.
fn half(all: u32) -> u32 {
    all.div_ceil(2)
}

impl Drop for Place {
    fn drop(&mut self) {
        self.taken.send_modify(|taken| *taken -= 1);
        self.in_flight.add(-1, &[]);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;
    use crate::caller::Kind;

    const CALL: &str = "tools/call";

    fn caller(name: &str) -> Caller {
        Caller {
            kind: Kind::Bearer,
            pseudonym: Some(name.to_owned()),
        }
    }

    fn places(most: u32) -> Places {
        Places::new(most, &opentelemetry::global::meter("test"))
    }

    #[test]
    fn there_is_room_for_so_many_and_again_when_one_leaves() {
        let places = places(2);
        let (one, _other) = (places.take(), places.take());
        assert!(one.is_some() && places.take().is_none());
        drop(one);
        assert!(places.take().is_some());
    }

    #[test]
    fn fewer_places_hold_for_those_who_come_after() {
        let places = places(3);
        let mut taken: Vec<_> = (0..3).map(|_| places.take()).collect();
        places.resize(1);
        taken.truncate(1);
        assert!(places.take().is_none());
        taken.clear();
        assert!(places.take().is_some());
        places.resize(4);
        assert!((0..4).all(|_| {
            taken.push(places.take());
            taken.iter().all(Option::is_some)
        }));
        assert!(places.take().is_none());
    }

    #[test]
    fn one_caller_leaves_half_of_the_places_to_others() {
        let places = places(5);
        let take = |name| places.take_for(&caller(name), CALL);
        let mut of_ana: Vec<_> = (0..3).map(|_| take("ana")).collect();
        assert!(of_ana.iter().all(Option::is_some));
        assert!(take("ana").is_none());
        let (one, other) = (take("luz"), take("luz"));
        assert!(one.is_some() && other.is_some());
        assert!(take("eva").is_none(), "all are taken");
        of_ana.pop();
        assert!(take("ana").is_some());
        drop((of_ana, one, other));
        assert!(places.calls_of.lock().is_empty());
    }

    #[test]
    fn where_nobody_says_who_they_are_anybody_may_have_all() {
        let places = places(2);
        let take = || places.take_for(&Caller::default(), CALL);
        let (one, other) = (take(), take());
        assert!(one.is_some() && other.is_some() && take().is_none());
    }

    #[test]
    fn what_is_over_in_a_moment_finds_a_place_beside_the_calls() {
        let places = places(1);
        let take = |method| places.take_for(&caller("ana"), method);
        let _call = take(CALL).unwrap();
        for lasting in LASTING {
            assert!(take(lasting).is_none(), "{lasting}");
        }
        let beside: Vec<_> = (0..BESIDE).map(|_| take("ping")).collect();
        assert!(beside.iter().all(Option::is_some));
        assert!(take("ping").is_none());
    }

    #[test]
    fn one_caller_leaves_half_of_the_reading_to_others() {
        let places = places(1);
        let read = |name: &str| {
            let reading = places.take_reading()?;
            places.go_on_reading(reading, &caller(name))
        };
        let of_ana: Vec<_> = (0..MOST_READ / 2).map(|_| read("ana")).collect();
        assert!(of_ana.iter().all(Option::is_some));
        assert!(read("ana").is_none());
        assert!(read("luz").is_some());
        let of_nobody = (0..MOST_READ / 2).map(|_| {
            let reading = places.take_reading()?;
            places.go_on_reading(reading, &Caller::default())
        });
        let of_nobody: Vec<_> = of_nobody.collect();
        assert!(of_nobody.iter().all(Option::is_some));
        drop(of_ana);
        assert!(read("ana").is_some());
        assert!(places.reading_of.lock().is_empty());
    }

    #[test]
    fn closing_waits_for_the_last_call() {
        let places = places(1);
        let last = places.take();
        let mut closing = Box::pin(places.close());
        assert!(closing.as_mut().now_or_never().is_none());
        drop(last);
        assert!(places.take().is_none());
        assert!(places.close().now_or_never().is_some());
    }
}

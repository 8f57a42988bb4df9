//! How many calls are worked on at once, and how many messages are read. One more is told at once to come back, which is
//! kinder than a queue that ends in time-outs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use opentelemetry::metrics::{Counter, Gauge, Meter, UpDownCounter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::observe::catalogue::{CALLS_IN_FLIGHT, CALLS_LIMIT, CALLS_SHED};

/// Most messages that are read at once. Only when one is read is it known to be a call, so that slow senders do not hold
/// a call's place.
const MOST_READ: usize = 256;

/// The places for calls.
#[derive(Clone)]
pub struct Places {
    most: Arc<AtomicU32>,
    taken: Arc<watch::Sender<u32>>,
    reading: Arc<Semaphore>,
    limit: Gauge<u64>,
    in_flight: UpDownCounter<i64>,
    shed: Counter<u64>,
}

/// A place that a call holds until this is dropped.
pub struct Place {
    taken: Arc<watch::Sender<u32>>,
    in_flight: UpDownCounter<i64>,
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
            reading: Arc::new(Semaphore::new(MOST_READ)),
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
    pub fn take_reading(&self) -> Option<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.reading).try_acquire_owned().ok();
        if permit.is_none() {
            self.shed.add(1, &[]);
        }
        permit
    }

    /// A place, if there is one.
    pub fn take(&self) -> Option<Place> {
        let most = self.most.load(Ordering::Relaxed);
        let got = self.taken.send_if_modified(|taken| {
            let free = *taken < most;
            *taken += u32::from(free);
            free
        });
        if !got {
            self.shed.add(1, &[]);
            return None;
        }
        self.in_flight.add(1, &[]);
        Some(Place {
            taken: Arc::clone(&self.taken),
            in_flight: self.in_flight.clone(),
        })
    }

    /// Waits until no call is under way. Lets no new one begin.
    pub async fn close(&self) {
        self.most.store(0, Ordering::Relaxed);
        // The sender is ours: it cannot be gone.
        let _ = self.taken.subscribe().wait_for(|taken| *taken == 0).await;
    }
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

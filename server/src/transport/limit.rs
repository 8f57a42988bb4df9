//! How many calls are worked on at once, and how many messages are read. One more is told at once to come back, which is
//! kinder than a queue that ends in time-outs.

use std::sync::Arc;

use opentelemetry::metrics::{Counter, Meter, UpDownCounter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::observe::catalogue::{CALLS_IN_FLIGHT, CALLS_LIMIT, CALLS_SHED};

/// Most messages that are read at once. Only when one is read is it known to be a call, so that slow senders do not hold
/// a call's place.
const MOST_READ: usize = 256;

/// The places for calls.
#[derive(Clone)]
pub struct Places {
    most: u32,
    free: Arc<Semaphore>,
    reading: Arc<Semaphore>,
    in_flight: UpDownCounter<i64>,
    shed: Counter<u64>,
}

/// A place that a call holds until this is dropped.
pub struct Place {
    in_flight: UpDownCounter<i64>,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// Room for `most` calls.
    pub fn new(most: u32, meter: &Meter) -> Self {
        CALLS_LIMIT.gauge(meter).record(u64::from(most), &[]);
        let in_flight = CALLS_IN_FLIGHT.up_down_counter(meter);
        let shed = CALLS_SHED.counter(meter);
        // From the start, so that a rule sees a zero and not a gap.
        in_flight.add(0, &[]);
        shed.add(0, &[]);
        Self {
            most,
            free: Arc::new(Semaphore::new(most as usize)),
            reading: Arc::new(Semaphore::new(MOST_READ)),
            in_flight,
            shed,
        }
    }

    /// Leave to read a message, if not too many are being read.
    pub fn take_reading(&self) -> Option<SemaphorePermit<'_>> {
        let permit = self.reading.try_acquire().ok();
        if permit.is_none() {
            self.shed.add(1, &[]);
        }
        permit
    }

    /// A place, if there is one.
    pub fn take(&self) -> Option<Place> {
        let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() else {
            self.shed.add(1, &[]);
            return None;
        };
        self.in_flight.add(1, &[]);
        Some(Place {
            in_flight: self.in_flight.clone(),
            _permit: permit,
        })
    }

    /// Waits until no call is under way. Lets no new one begin.
    pub async fn close(&self) {
        if let Ok(all) = self.free.acquire_many(self.most).await {
            all.forget();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.in_flight.add(-1, &[]);
    }
}

//! Where items are put in, and all outboxes of a process together.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::metrics::{SINK_ITEMS, SINK_QUEUE_BYTES, SINK_QUEUE_ITEMS, SINK_RETRIES};
use crate::place::{Counts, End, Place};
use crate::worker::{Measures, Worker};
use crate::{Destination, Guard, Health, Settings};

/// Where items for one destination are put in.
pub struct Outbox<D: Destination> {
    destination: Arc<D>,
    counts: Arc<Counts>,
    queue: UnboundedSender<(Place, D::Item)>,
}

impl<D: Destination> Outbox<D> {
    /// Puts in an item. Never waits: where there is no room, or when the outbox has been drained, the item is dropped and
    /// counted.
    pub fn put(&self, item: D::Item) {
        let weight = self.destination.weight(&item);
        match self.counts.place(weight) {
            // A place that comes back from a closed queue counts as not drained.
            Some(place) => drop(self.queue.send((place, item))),
            None => self.counts.count(End::QueueFull),
        }
    }
}

/// All outboxes of a process: what they have in common, how it is with them, and their end.
pub struct Outboxes {
    meter: Meter,
    guard: Guard,
    user_agent: &'static str,
    draining: CancellationToken,
    counts: Arc<Mutex<Vec<Arc<Counts>>>>,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

impl Outboxes {
    /// None yet. `guard` looks at every item; `user_agent` is what we say that we are.
    pub fn new(meter: &Meter, guard: Guard, user_agent: &'static str) -> Self {
        let counts = Arc::default();
        observe(meter, &counts);
        Self {
            meter: meter.clone(),
            guard,
            user_agent,
            draining: CancellationToken::new(),
            counts,
            workers: Mutex::default(),
        }
    }

    /// One more. Must be called within a runtime: sending goes on beside all else.
    pub fn open<D: Destination>(
        &self,
        destination: D,
        settings: Settings,
    ) -> Result<Outbox<D>, reqwest::Error> {
        debug_assert!(settings.batch_items > 0 && settings.concurrency > 0);
        let destination = Arc::new(destination);
        let counts = Arc::new(Counts::new(destination.name(), &settings));
        let (queue, items) = mpsc::unbounded_channel();
        let worker = Worker::new(
            Arc::clone(&destination),
            settings,
            Arc::clone(&counts),
            Measures::new(&self.meter, destination.name()),
            self.guard.exit(destination.name()),
            self.user_agent,
            self.draining.clone(),
        )?;
        locked(&self.counts).push(Arc::clone(&counts));
        locked(&self.workers).push(tokio::spawn(worker.run(items)));
        Ok(Outbox {
            destination,
            counts,
            queue,
        })
    }

    /// How it is with each.
    pub fn health(&self) -> Vec<Health> {
        let counts = locked(&self.counts);
        counts.iter().map(|counts| counts.health()).collect()
    }

    /// Takes nothing more and sends what waits; what is left at the deadline is dropped and counted.
    pub async fn drain(&self, deadline: Duration) {
        self.draining.cancel();
        let deadline = Instant::now() + deadline;
        let workers = std::mem::take(&mut *locked(&self.workers));
        let ends = workers.into_iter().map(async |mut worker| {
            if tokio::time::timeout_at(deadline, &mut worker)
                .await
                .is_err()
            {
                worker.abort();
                // Once it is gone, so is what it held, and all of it counted.
                let _ = worker.await;
            }
        });
        join_all(ends).await;
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows all counts, however many outboxes there will be.
fn observe(meter: &Meter, counts: &Arc<Mutex<Vec<Arc<Counts>>>>) {
    let all = Arc::clone(counts);
    SINK_ITEMS.observable_counter(meter, move |observer| {
        for counts in locked(&all).iter() {
            for (result, count) in counts.ends() {
                let result = KeyValue::new("result", result);
                observer.observe(count, &[sink(counts), result]);
            }
        }
    });
    let all = Arc::clone(counts);
    SINK_RETRIES.observable_counter(meter, move |observer| {
        for counts in locked(&all).iter() {
            let retries = counts.retries.load(Ordering::Relaxed);
            observer.observe(retries, &[sink(counts)]);
        }
    });
    let all = Arc::clone(counts);
    SINK_QUEUE_ITEMS.observable_gauge(meter, move |observer| {
        for counts in locked(&all).iter() {
            observer.observe(counts.items() as u64, &[sink(counts)]);
        }
    });
    let all = Arc::clone(counts);
    SINK_QUEUE_BYTES.observable_gauge(meter, move |observer| {
        for counts in locked(&all).iter() {
            observer.observe(counts.bytes() as u64, &[sink(counts)]);
        }
    });
}

fn sink(counts: &Counts) -> KeyValue {
    KeyValue::new("sink", counts.name)
}

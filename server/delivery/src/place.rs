//! Places in an outbox, and how it is with it. An item has a place from when it is put in until its end is known; a place
//! that is let go without an end counts as not drained, so nothing is ever lost uncounted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use icelocator_telemetry::{Condition, Health, State};

use crate::Settings;

/// What becomes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Delivered,
    QueueFull,
    Refused,
    RetriesExhausted,
    NotDrained,
    EncodeFailed,
    Blocked,
}

impl End {
    /// All of them, by their names in labels, in their order.
    pub(crate) const NAMES: [&'static str; 7] = [
        "delivered",
        "queue_full",
        "refused",
        "retries_exhausted",
        "not_drained",
        "encode_failed",
        "blocked",
    ];
}

/// Counts and state of one outbox.
pub(crate) struct Counts {
    pub(crate) name: &'static str,
    most_items: usize,
    most_bytes: usize,
    items: AtomicUsize,
    bytes: AtomicUsize,
    ends: [AtomicU64; End::NAMES.len()],
    pub(crate) retries: AtomicU64,
    condition: Condition,
}

impl Counts {
    pub(crate) fn new(name: &'static str, settings: &Settings) -> Self {
        Self {
            name,
            most_items: settings.queue_items,
            most_bytes: settings.queue_bytes,
            items: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            ends: Default::default(),
            retries: AtomicU64::new(0),
            condition: Condition::default(),
        }
    }

    /// A place for an item of this weight, if there is one.
    pub(crate) fn place(self: &Arc<Self>, weight: usize) -> Option<Place> {
        if !reserve(&self.items, 1, self.most_items) {
            return None;
        }
        if !reserve(&self.bytes, weight, self.most_bytes) {
            self.items.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Place {
            counts: Arc::clone(self),
            weight,
            end: End::NotDrained,
        })
    }

    pub(crate) fn count(&self, end: End) {
        self.ends[end as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many items ended so, with the name of that end.
    pub(crate) fn ends(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.ends.iter().map(|count| count.load(Ordering::Relaxed));
        End::NAMES.into_iter().zip(counts)
    }

    pub(crate) fn items(&self) -> usize {
        self.items.load(Ordering::Acquire)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn is_well(&self) {
        self.condition.is_well();
    }

    pub(crate) fn is_not_well(&self, state: State, failure: &'static str) {
        self.condition.is_not_well(state, failure);
    }

    pub(crate) fn has_blocked(&self) {
        self.condition.has_blocked();
    }

    pub(crate) fn health(&self) -> Health {
        let delivered = self.ends[0].load(Ordering::Relaxed);
        let ended: u64 = self.ends().map(|(_, count)| count).sum();
        self.condition
            .health(self.name, self.items(), delivered, ended - delivered)
    }
}

fn reserve(held: &AtomicUsize, more: usize, most: usize) -> bool {
    held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
        held.checked_add(more).filter(|&sum| sum <= most)
    })
    .is_ok()
}

/// The place of one item.
pub(crate) struct Place {
    counts: Arc<Counts>,
    weight: usize,
    end: End,
}

impl Place {
    pub(crate) fn end(mut self, end: End) {
        self.end = end;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Counted before it is free: who sees that nothing waits sees what became of it, too.
        self.counts.count(self.end);
        self.counts.bytes.fetch_sub(self.weight, Ordering::Relaxed);
        self.counts.items.fetch_sub(1, Ordering::Release);
    }
}

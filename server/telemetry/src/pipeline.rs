//! One signal's way to one collector: what waits, what became of it, how it is.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::guard::{Exit, Guard};
use crate::health::{Condition, Health};

/// Most spans, and most log records, that wait for a collector.
pub const QUEUE: usize = 2048;

/// Why something did not arrive.
#[derive(Clone, Copy, Debug)]
pub enum Loss {
    /// Too much waits already.
    QueueFull,
    /// The collector could not be reached, or not be made to take it.
    ExportFailed,
    /// The collector does not want it.
    Refused,
    /// The last look found something in it.
    Blocked,
    /// Too many traces were waiting to be decided on.
    Undecided,
}

/// All losses, by their names in labels, in their order.
pub const LOSSES: [&str; 5] = [
    "queue_full",
    "export_failed",
    "refused",
    "blocked",
    "undecided",
];

/// One signal's way to one collector.
#[derive(Debug)]
pub struct Pipeline {
    /// What it is called as a sink.
    pub sink: &'static str,
    /// What it is called where drops are counted.
    pub signal: &'static str,
    pub exit: Exit,
    pub condition: Condition,
    waiting: AtomicUsize,
    delivered: AtomicU64,
    lost: [AtomicU64; LOSSES.len()],
}

impl Pipeline {
    pub fn new(sink: &'static str, signal: &'static str, guard: &Guard) -> Self {
        Self {
            sink,
            signal,
            exit: guard.exit(sink),
            condition: Condition::default(),
            waiting: AtomicUsize::new(0),
            delivered: AtomicU64::new(0),
            lost: Default::default(),
        }
    }

    /// Takes a place in the queue, if there is one.
    pub fn enter(&self) -> bool {
        let has_place = self.waiting.fetch_add(1, Ordering::Relaxed) < QUEUE;
        if !has_place {
            self.leave(1);
            self.lose(Loss::QueueFull, 1);
        }
        has_place
    }

    /// Gives places back.
    pub fn leave(&self, count: usize) {
        self.waiting.fetch_sub(count, Ordering::Relaxed);
    }

    pub fn deliver(&self, count: usize) {
        self.delivered.fetch_add(count as u64, Ordering::Relaxed);
    }

    // Atomics, not an instrument: this is called from within the logging of the metrics' own exporter.
    pub fn lose(&self, loss: Loss, count: usize) {
        self.lost[loss as usize].fetch_add(count as u64, Ordering::Relaxed);
    }

    /// How much was lost, and how.
    pub fn losses(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.lost.iter().map(|count| count.load(Ordering::Relaxed));
        LOSSES.into_iter().zip(counts)
    }

    pub fn health(&self) -> Health {
        let lost = self.losses().map(|(_, count)| count).sum();
        self.condition.health(
            self.sink,
            self.waiting.load(Ordering::Relaxed),
            self.delivered.load(Ordering::Relaxed),
            lost,
        )
    }
}

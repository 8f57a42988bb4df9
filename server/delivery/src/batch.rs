//! Items, encoded and looked at, until there are enough for a request.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use icelocator_telemetry::Exit;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, timeout_at};

use crate::place::{Counts, End, Place};
use crate::{Destination, Settings};

/// What goes into one request.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) places: Vec<Place>,
    pub(crate) items: Vec<Vec<u8>>,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, (place, item): (Place, Vec<u8>)) {
        self.bytes += item.len();
        self.places.push(place);
        self.items.push(item);
    }

    /// The end of all its items.
    pub(crate) fn end(self, end: End) {
        for place in self.places {
            place.end(end);
        }
    }
}

/// Makes batches.
pub(crate) struct Batches<D: Destination> {
    pub(crate) queue: UnboundedReceiver<(Place, D::Item)>,
    pub(crate) destination: Arc<D>,
    pub(crate) settings: Settings,
    pub(crate) exit: Exit,
    pub(crate) counts: Arc<Counts>,
    /// What is being filled, and until when.
    filling: Batch,
    until: Option<Instant>,
    /// What had no room in it.
    next: Option<(Place, Vec<u8>)>,
}

impl<D: Destination> Batches<D> {
    pub(crate) fn new(
        queue: UnboundedReceiver<(Place, D::Item)>,
        destination: Arc<D>,
        settings: Settings,
        exit: Exit,
        counts: Arc<Counts>,
    ) -> Self {
        Self {
            queue,
            destination,
            settings,
            exit,
            counts,
            filling: Batch::default(),
            until: None,
            next: None,
        }
    }

    /// The next batch; `None` when the queue is closed and empty. Whoever stops waiting for it loses nothing.
    pub(crate) async fn next(&mut self) -> Option<Batch> {
        loop {
            if let Some(item) = self.next.take() {
                self.fill(item);
            }
            if self.filling.items.len() >= self.settings.batch_items || self.next.is_some() {
                return Some(self.take());
            }
            let received = match self.until {
                None => self.queue.recv().await,
                Some(until) => match timeout_at(until, self.queue.recv()).await {
                    Ok(received) => received,
                    Err(_) => return Some(self.take()),
                },
            };
            match received {
                Some((place, item)) => {
                    if let Some(encoded) = self.encode(place, &item) {
                        self.fill(encoded);
                    }
                }
                None if self.filling.items.is_empty() => return None,
                None => return Some(self.take()),
            }
        }
    }

    fn fill(&mut self, item: (Place, Vec<u8>)) {
        let is_first = self.filling.items.is_empty();
        if !is_first && self.filling.bytes + item.1.len() > self.settings.batch_bytes {
            self.next = Some(item);
            return;
        }
        self.until
            .get_or_insert_with(|| Instant::now() + self.settings.linger);
        self.filling.push(item);
    }

    fn take(&mut self) -> Batch {
        self.until = None;
        std::mem::take(&mut self.filling)
    }

    /// An item fit to leave.
    fn encode(&self, place: Place, item: &D::Item) -> Option<(Place, Vec<u8>)> {
        let found = catch_unwind(AssertUnwindSafe(|| {
            let encoded = self.destination.encode(item)?;
            let is_blocked = self.exit.blocks(&encoded);
            Some((encoded, is_blocked))
        }));
        match found {
            Ok(Some((encoded, false))) if encoded.len() <= self.settings.batch_bytes => {
                return Some((place, encoded));
            }
            Ok(Some((_, true))) => {
                self.counts.has_blocked();
                place.end(End::Blocked);
            }
            Ok(_) | Err(_) => place.end(End::EncodeFailed),
        }
        None
    }
}

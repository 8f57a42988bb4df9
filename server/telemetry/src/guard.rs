//! The last look at what leaves. What the redactor has missed stays here, that one item, and is counted.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

use crate::metric::{Kind, Metric};

/// What the last look found.
pub const BLOCKED: Metric = Metric {
    name: "icelocator.privacy.blocked",
    kind: Kind::Counter,
    unit: "{item}",
    labels: &["sink", "kind"],
    help: "Items that did not leave because the last look at them found something that identifies a person, by its kind",
};

/// Stands for kinds that nobody announced.
const OTHER: &str = "other";

type Find = dyn Fn(&[u8]) -> Option<&'static str> + Send + Sync;

/// Looks at every item before it leaves, and counts for each exit what it held back.
#[derive(Clone)]
pub struct Guard(Arc<Watch>);

struct Watch {
    find: Option<Box<Find>>,
    /// Those that were announced, and [`OTHER`].
    kinds: Vec<&'static str>,
    exits: Mutex<Vec<(&'static str, Counts)>>,
}

/// One for each kind.
type Counts = Arc<[AtomicU64]>;

impl Guard {
    /// `find` says of what kind the first thing is that must not leave; `kinds` are all that it may say.
    pub fn new(
        kinds: impl IntoIterator<Item = &'static str>,
        find: impl Fn(&[u8]) -> Option<&'static str> + Send + Sync + 'static,
    ) -> Self {
        let mut kinds: Vec<_> = kinds.into_iter().filter(|kind| *kind != OTHER).collect();
        kinds.push(OTHER);
        Self(Arc::new(Watch {
            find: Some(Box::new(find)),
            kinds,
            exits: Mutex::default(),
        }))
    }

    /// Lets everything pass.
    pub fn none() -> Self {
        Self(Arc::new(Watch {
            find: None,
            kinds: Vec::new(),
            exits: Mutex::default(),
        }))
    }

    /// The exit towards `sink`; each time the same one.
    pub fn exit(&self, sink: &'static str) -> Exit {
        let mut exits = self.exits();
        let known = exits.iter().position(|(name, _)| *name == sink);
        let at = known.unwrap_or_else(|| {
            let kinds = self.0.kinds.iter();
            exits.push((sink, kinds.map(|_| AtomicU64::new(0)).collect()));
            exits.len() - 1
        });
        let counts = Arc::clone(&exits[at].1);
        drop(exits);
        Exit {
            guard: self.clone(),
            sink,
            counts,
        }
    }

    fn exits(&self) -> MutexGuard<'_, Vec<(&'static str, Counts)>> {
        self.0.exits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows the counts as a metric. Every kind is there from the beginning: where a series begins with its first count, no
    /// alert sees it grow.
    pub fn observe(&self, meter: &Meter) {
        if self.0.find.is_none() {
            return;
        }
        let guard = self.clone();
        BLOCKED.observable_counter(meter, move |observer| {
            for (sink, counts) in guard.exits().iter() {
                for (kind, count) in guard.0.kinds.iter().zip(counts.iter()) {
                    let labels = [KeyValue::new("sink", *sink), KeyValue::new("kind", *kind)];
                    observer.observe(count.load(Ordering::Relaxed), &labels);
                }
            }
        });
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

/// Where items leave towards one sink.
#[derive(Clone, Debug)]
pub struct Exit {
    guard: Guard,
    sink: &'static str,
    counts: Counts,
}

impl Exit {
    /// Whether an item has to stay; if so, that is counted and told.
    pub fn blocks(&self, item: &[u8]) -> bool {
        let found = self.find(item);
        if let Some(kind) = found {
            tracing::error!(
                icelocator.sink = self.sink,
                icelocator.kind = kind,
                "held back what would have identified a person: redaction has a gap"
            );
        }
        found.is_some()
    }

    /// Of what kind that is for which an item has to stay; counted, but not told: for what is about to be logged.
    pub(crate) fn find(&self, item: &[u8]) -> Option<&'static str> {
        let watch = &self.guard.0;
        let find = watch.find.as_ref()?;
        // What could not be looked at stays.
        let kind = catch_unwind(AssertUnwindSafe(|| find(item))).unwrap_or(Some(OTHER))?;
        let place = watch.kinds.iter().position(|known| *known == kind);
        let place = place.unwrap_or(watch.kinds.len() - 1);
        self.counts[place].fetch_add(1, Ordering::Relaxed);
        Some(watch.kinds[place])
    }

    /// Whether anything is looked for at all.
    pub(crate) fn is_watched(&self) -> bool {
        self.guard.0.find.is_some()
    }
}

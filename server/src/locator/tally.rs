//! What a search took: counted and timed where the work is done, read when it is over. What was done before a search was
//! given up counts too.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A part of a search that is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// What is asked for is read, and how the site is to be asked is thought of.
    Understanding,
    /// The memory of answers is looked at, or the same answer is waited for that another search asked for.
    Cache,
    /// The site's budget, its pace or a moment of quiet is waited for.
    Waiting,
    /// The site is asked.
    Upstream,
    /// Its pages are read.
    Reading,
    /// Whom it shows is compared with whom is looked for.
    Ranking,
}

impl Stage {
    /// All of them, in the order of a search.
    pub const ALL: [Self; 6] = [
        Self::Understanding,
        Self::Cache,
        Self::Waiting,
        Self::Upstream,
        Self::Reading,
        Self::Ranking,
    ];

    /// Its name in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Understanding => "understanding",
            Self::Cache => "cache",
            Self::Waiting => "waiting",
            Self::Upstream => "upstream",
            Self::Reading => "reading",
            Self::Ranking => "ranking",
        }
    }
}

/// Time by stage. Of searches made at the same time it is the sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stages([Duration; Stage::ALL.len()]);

impl Stages {
    /// Time of one of them.
    pub fn of(&self, stage: Stage) -> Duration {
        self.0[stage as usize]
    }

    /// Takes more time of one of them.
    pub fn add(&mut self, stage: Stage, time: Duration) {
        self.0[stage as usize] += time;
    }

    /// Takes the times of another search.
    pub fn add_all(&mut self, other: &Self) {
        for stage in Stage::ALL {
            self.add(stage, other.of(stage));
        }
    }
}

/// The way that led to the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The strategy's name.
    pub strategy: &'static str,
    /// The egress proxy's.
    pub proxy: Option<Arc<str>>,
}

/// What a search takes, as long as it goes on.
#[derive(Default)]
pub struct Tally {
    retries: AtomicU32,
    pages: AtomicU32,
    nanos: [AtomicU64; Stage::ALL.len()],
    route: Mutex<Option<Route>>,
}

/// Counts the time of a stage until it is dropped, be it because nobody waits any more.
pub struct Timer<'a> {
    nanos: &'a AtomicU64,
    began: Instant,
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        add(self.nanos, self.began.elapsed());
    }
}

impl Tally {
    /// Times a stage.
    pub fn time(&self, stage: Stage) -> Timer<'_> {
        Timer {
            nanos: &self.nanos[stage as usize],
            began: Instant::now(),
        }
    }

    /// Times what is done at once.
    pub fn during<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let _timer = self.time(stage);
        work()
    }

    /// Takes time of a stage.
    pub fn add(&self, stage: Stage, time: Duration) {
        add(&self.nanos[stage as usize], time);
    }

    /// A request was made again.
    pub fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    /// A page of results was read.
    pub fn has_read(&self) {
        self.pages.fetch_add(1, Ordering::Relaxed);
    }

    /// This way led to the site.
    pub fn came_by(&self, route: Route) {
        *self.route.lock().unwrap_or_else(PoisonError::into_inner) = Some(route);
    }

    /// How many requests were made again.
    pub fn retries(&self) -> u32 {
        self.retries.load(Ordering::Relaxed)
    }

    /// How many pages of results were read.
    pub fn pages(&self) -> u32 {
        self.pages.load(Ordering::Relaxed)
    }

    /// The way that led to the site at last.
    pub fn route(&self) -> Option<Route> {
        let route = self.route.lock().unwrap_or_else(PoisonError::into_inner);
        route.clone()
    }

    /// Time by stage so far.
    pub fn stages(&self) -> Stages {
        let mut stages = Stages::default();
        for stage in Stage::ALL {
            let nanos = self.nanos[stage as usize].load(Ordering::Relaxed);
            stages.add(stage, Duration::from_nanos(nanos));
        }
        stages
    }
}

fn add(nanos: &AtomicU64, time: Duration) {
    let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    nanos.fetch_add(time, Ordering::Relaxed);
}

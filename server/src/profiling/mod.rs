//! CPU profiles of this process: which functions its threads were in, a hundred times a second of processor time. One at a
//! time; between profiles nothing is measured and nothing costs.
//!
//! Stacks are read in a signal handler, which may do little: the unwinder is one that allocates nothing and takes no lock,
//! reads no memory that is not there, and has been made ready before (see `warm_up`). What it finds is kept in tables that
//! exist already (some 20 MB, made with the first profile); names are looked up when the profile is over. They come from the
//! program's own table of symbols: without one (a stripped program) functions have no names.

pub mod pprof;

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant, SystemTime};

use ::pprof::{Frames, ProfilerGuardBuilder, UnresolvedReport};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use nix::sys::signal::{Signal, raise};
use tokio::sync::{Semaphore, oneshot};

/// Samples in a second of processor time. Not a round number, so that work done every so often is not missed each time.
pub const FREQUENCY: i32 = 99;
/// Where the profiler's overflow file goes: containers can write nothing else.
const MEMORY: &str = "/dev/shm";

/// Takes profiles, one at a time.
#[derive(Clone)]
pub struct Profiler(Arc<Semaphore>);

/// A profile is being taken already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// A profile that is being taken. Let go, it ends and is forgotten.
pub struct Running {
    stop: Sender<()>,
    profile: oneshot::Receiver<Option<Profile>>,
}

/// A profile that has ended and is being put together; `None` if that fails.
pub type Pending = BoxFuture<'static, Option<Profile>>;

/// Where threads were.
#[derive(Clone, Debug)]
pub struct Profile {
    /// When it began.
    pub began: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// Where they were, each place once.
    pub stacks: Vec<Stack>,
}

/// Where a thread was.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The thread's name.
    pub thread: String,
    /// The thread.
    pub thread_id: u64,
    /// The functions that it was in, the innermost first.
    pub frames: Vec<Frame>,
    /// How often it was there.
    pub count: u32,
    /// When it was there first.
    pub first: SystemTime,
}

/// A function that a thread was in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Its name.
    pub function: String,
    /// Its name as the program has it.
    pub symbol: String,
    /// The source file, where the program knows it.
    pub file: Option<String>,
    /// The line, where the program knows it.
    pub line: Option<u32>,
}

impl Default for Profiler {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Profiler {
    /// Begins a profile that ends by itself after `longest`. Waits for nothing. Must be called within a runtime.
    pub fn begin(&self, longest: Duration) -> Result<Running, Busy> {
        let turn = Arc::clone(&self.0).try_acquire_owned().map_err(|_| Busy)?;
        let (stop, stopped) = channel();
        let (done, profile) = oneshot::channel();
        tokio::task::spawn_blocking(move || {
            let profile = take(&stopped, longest);
            drop(turn);
            // An error says that nobody wants it any more.
            let _ = done.send(profile);
        });
        Ok(Running { stop, profile })
    }
}

impl Running {
    /// Waits until it ends by itself.
    pub async fn whole(self) -> Option<Profile> {
        let Self { stop, profile } = self;
        let profile = profile.await.ok().flatten();
        drop(stop);
        profile
    }

    /// Ends it.
    pub fn finish(self) -> Pending {
        let profile = self.profile;
        async move { profile.await.ok().flatten() }.boxed()
    }
}

fn take(stopped: &Receiver<()>, longest: Duration) -> Option<Profile> {
    static READY: Once = Once::new();
    READY.call_once(warm_up);
    let report = measure(stopped, longest);
    if report.is_err() {
        tracing::warn!("a CPU profile could not be taken");
    }
    report.ok().map(Profile::of)
}

/// The unwinder reads the program's own tables when it is used first, and allocates for it. That must not happen inside of a
/// signal handler that has interrupted the allocator: so the first signal comes to this thread, here.
fn warm_up() {
    if Path::new(MEMORY).is_dir() {
        // An error says that somebody has chosen another place.
        let _ = tempfile::env::override_temp_dir(Path::new(MEMORY));
    }
    // Once a second of processor time: none comes before ours.
    if let Ok(guard) = ProfilerGuardBuilder::default().frequency(1).build() {
        let _ = raise(Signal::SIGPROF);
        drop(guard);
    }
}

fn measure(stopped: &Receiver<()>, longest: Duration) -> Result<UnresolvedReport, ::pprof::Error> {
    let guard = ProfilerGuardBuilder::default()
        .frequency(FREQUENCY)
        .build()?;
    let began = Instant::now();
    // Whichever comes first: an error is either.
    let _ = stopped.recv_timeout(longest.saturating_sub(began.elapsed()));
    guard.report().build_unresolved()
}

impl Profile {
    fn of(report: UnresolvedReport) -> Self {
        let stacks = report.data.into_iter().map(|(frames, count)| {
            let frames = Frames::from(frames);
            Stack {
                thread_id: frames.thread_id,
                first: frames.sample_timestamp,
                count: u32::try_from(count).unwrap_or_default(),
                // Of functions that were built into another, the innermost comes first, too.
                frames: frames.frames.iter().flatten().map(Frame::of).collect(),
                thread: frames.thread_name,
            }
        });
        Self {
            began: report.timing.start_time,
            duration: report.timing.duration,
            stacks: stacks.collect(),
        }
    }
}

impl Frame {
    fn of(symbol: &::pprof::Symbol) -> Self {
        Self {
            function: symbol.name(),
            symbol: symbol.sys_name().into_owned(),
            file: symbol
                .filename
                .as_ref()
                .map(|file| file.to_string_lossy().into_owned()),
            line: symbol.lineno,
        }
    }
}

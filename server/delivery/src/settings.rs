//! How much waits, how much is sent at once, and how long anything takes.

use std::path::PathBuf;
use std::time::Duration;

/// How an outbox works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Most items that are kept, those on their way included.
    pub queue_items: usize,
    /// Most bytes of items that are kept, those on their way included, as [`Destination::weight`](crate::Destination::weight)
    /// has them.
    pub queue_bytes: usize,
    /// Most items in a request.
    pub batch_items: usize,
    /// Most bytes of encoded items in a request, what stands between them not included. An item larger than this is dropped.
    pub batch_bytes: usize,
    /// How long the first item of a batch waits for others.
    pub linger: Duration,
    /// Longest time of a request, its answer included.
    pub timeout: Duration,
    /// How often a batch is sent again that the destination may have got.
    pub retries: u32,
    /// Most requests at the same time, as long as all goes well; otherwise one.
    pub concurrency: usize,
    /// Whether request bodies are packed.
    pub gzip: bool,
    /// The file that holds the destination's secret, read again for the requests of each second.
    pub secret: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            queue_items: 10_000,
            queue_bytes: 16 * 1024 * 1024,
            batch_items: 100,
            batch_bytes: 1024 * 1024,
            linger: Duration::from_secs(1),
            timeout: Duration::from_secs(10),
            retries: 3,
            concurrency: 1,
            gzip: false,
            secret: None,
        }
    }
}

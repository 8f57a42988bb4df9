//! From a resource to a running, watched server, in steps: dereference, validate, build, apply, status.
//!
//! Only the first and the last two touch the network. A pass that finds nothing changed writes nothing, also the first
//! one after a restart: what was applied and answered before is read back from the cluster.

pub mod announcer;
pub mod apply;
pub mod build;
pub mod children;
pub mod compare;
pub mod contents;
pub mod dereference;
pub mod grants;
pub mod index;
pub mod pass;
pub mod queue;
pub mod record;
pub mod references;
pub mod render;
pub mod repairs;
pub mod resources;
pub mod scopes;
pub mod status;
pub mod validate;
pub mod verifier;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use crate::kinds::ResourceKey;
use crate::metrics::{Ended, Metrics};
use pass::{Passes, Step};
use queue::{Next, Queue};

/// Passes at once.
const AT_ONCE: u32 = 8;
/// The longest pass; one that takes longer is given up and tried again.
const LONGEST_PASS: Duration = Duration::from_mins(2);
/// A resource is looked at this often although nothing seems to have happened.
const LOOK_ANYWAY: Duration = Duration::from_mins(10);

/// Gives resources their turns.
pub struct Controller {
    pub queue: Arc<Queue>,
    pub passes: Arc<Passes>,
    pub metrics: Metrics,
}

impl Controller {
    /// Runs until the queue is closed, then until every pass that has begun is over.
    pub async fn run(&self) {
        let slots = Arc::new(Semaphore::new(AT_ONCE as usize));
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
                return;
            };
            let Some(key) = self.queue.next().await else {
                drop(slot);
                break;
            };
            let (queue, passes, metrics) = (
                Arc::clone(&self.queue),
                Arc::clone(&self.passes),
                self.metrics.clone(),
            );
            tokio::spawn(async move {
                turn(&queue, &passes, &metrics, &key).await;
                drop(slot);
            });
        }
        let _all = slots.acquire_many(AT_ONCE).await;
    }
}

/// One pass over one resource, whatever becomes of it.
async fn turn(queue: &Queue, passes: &Passes, metrics: &Metrics, key: &ResourceKey) {
    let begun = Instant::now();
    let span = tracing::info_span!(
        "icelocator.reconcile",
        k8s.namespace.name = key.namespace,
        icelocator.name = key.name,
        icelocator.generation = tracing::field::Empty,
        icelocator.writes = tracing::field::Empty,
        icelocator.result = tracing::field::Empty,
    );
    // A panic or an API server that never answers is this resource's trouble, not everyone's.
    let pass = AssertUnwindSafe(passes.pass(key)).catch_unwind();
    let pass = timeout(LONGEST_PASS, pass);
    let step = match pass.instrument(span.clone()).await {
        Ok(Ok(step)) => step,
        Ok(Err(_)) => Step::failed(),
        Err(_) => {
            span.in_scope(|| tracing::error!("a pass took too long and was given up"));
            Step::failed()
        }
    };
    match step {
        Step::Gone => queue.gone(key),
        Step::Done { ended, next } => {
            span.record("icelocator.result", ended.as_str());
            metrics.reconciled(ended, begun.elapsed());
            queue.done(key, next);
        }
    }
}

impl Step {
    fn failed() -> Self {
        Self::Done {
            ended: Ended::Error,
            next: Next::Retry,
        }
    }

    fn settled(ended: Ended) -> Self {
        Self::Done {
            ended,
            next: Next::After(LOOK_ANYWAY),
        }
    }
}

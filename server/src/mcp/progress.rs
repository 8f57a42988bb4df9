//! Progress notifications: only for a client that gave a token for them. They say how far the work is and nothing of whom it
//! is about. Sent every few seconds even when nothing moves, as ingresses cut what is silent for a minute.

use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext, RoleServer};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::language::{Language, Text};

/// Longest silence.
const EVERY: Duration = Duration::from_secs(5);

const SEARCHING: Text = Text {
    en: "Searching",
    es: "Buscando",
};

/// How far a call is, and whom to tell.
#[derive(Default)]
pub struct Progress {
    listener: Option<(Peer<RoleServer>, ProgressToken)>,
    language: Language,
    total: AtomicU32,
    done: AtomicU32,
    silent: AtomicU32,
}

impl Progress {
    /// Of the call that `context` belongs to.
    pub fn of(context: &RequestContext<RoleServer>, language: Language) -> Self {
        let token = context.meta.get_progress_token();
        Self {
            listener: token.map(|token| (context.peer.clone(), token)),
            language,
            ..Self::default()
        }
    }

    /// Does the work and tells that it goes on.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        if self.listener.is_none() {
            return work.await;
        }
        let mut work = pin!(work);
        let mut ticks = interval_at(Instant::now() + EVERY, EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                result = &mut work => return result,
                _ = ticks.tick() => {
                    self.silent.fetch_add(1, Ordering::Relaxed);
                    self.tell().await;
                }
            }
        }
    }

    /// Says that this many of `total` parts are done.
    pub async fn is_at(&self, done: u32, total: u32) {
        self.total.store(total, Ordering::Relaxed);
        self.done.store(done, Ordering::Relaxed);
        self.silent.store(0, Ordering::Relaxed);
        self.tell().await;
    }

    async fn tell(&self) {
        let Some((peer, token)) = &self.listener else {
            return;
        };
        let total = self.total.load(Ordering::Relaxed);
        let done = self.done.load(Ordering::Relaxed);
        let silent = self.silent.load(Ordering::Relaxed);
        let mut progress =
            ProgressNotificationParam::new(token.clone(), value(done, total, silent));
        let searching = self.language.of(SEARCHING);
        if total > 0 {
            progress = progress
                .with_total(f64::from(total))
                .with_message(format!("{searching}: {done}/{total}"));
        } else {
            progress = progress.with_message(searching);
        }
        // A client that is gone cancels the call; there is nothing else to do about it here.
        let _ = peer.notify_progress(progress).await;
    }
}

/// Progress must grow with every notification, also while no part gets done: then it nears the next one.
fn value(done: u32, total: u32, silent: u32) -> f64 {
    let silent = f64::from(silent);
    if total == 0 {
        silent
    } else {
        f64::from(done) + silent / (silent + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_grows_with_every_notification_and_never_passes_the_next_part() {
        let mut last = -1.0;
        for done in 0..3 {
            for silent in 0..1000 {
                let now = value(done, 3, silent);
                assert!(now > last && now < f64::from(done) + 1.0);
                last = now;
            }
        }
        assert!(value(0, 0, 2) > value(0, 0, 1));
    }
}

//! The settings file, read again and again: what may change in a running server takes effect, all else is said to need a
//! restart, and a file that is broken changes nothing.
//!
//! It is read and not watched: a cluster swaps whole folders of links, and a few kilobytes every few seconds cost nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use icelocator_config::{LoadError, Reloadable, ServerConfig};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::observe::catalogue;

/// How often the file is read.
const INTERVAL: Duration = Duration::from_secs(3);

/// Reads the settings file of a running server.
pub struct Reload {
    path: PathBuf,
    running: ServerConfig,
    live: watch::Sender<Reloadable>,
    seen: watch::Sender<Option<ServerConfig>>,
    reloads: Counter<u64>,
}

/// What a file meant to the running server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    /// Nothing new.
    Same,
    /// It took effect.
    Applied,
    /// It needs a new process.
    Restart,
    /// It cannot be used.
    Broken(&'static str),
}

impl Reload {
    /// For a server that runs with `running`, read from `path`; what may change goes to `live`.
    pub fn new(
        path: PathBuf,
        running: ServerConfig,
        live: watch::Sender<Reloadable>,
        meter: &Meter,
    ) -> Self {
        let reloads = catalogue::SETTINGS_RELOADS.counter(meter);
        for result in ["applied", "restart_needed", "broken"] {
            reloads.add(0, &[KeyValue::new("result", result)]);
        }
        Self {
            path,
            seen: watch::Sender::new(Some(running.clone())),
            running,
            live,
            reloads,
        }
    }

    /// Never ends.
    pub async fn run(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let path = self.path.clone();
            // A panic within is a bug, and the file as good as broken.
            let file = tokio::task::spawn_blocking(move || ServerConfig::load(&path)).await;
            if let Ok(file) = file {
                self.tell(self.take(file));
            }
        }
    }

    /// Takes what a file says, unless it said so before.
    fn take(&self, file: Result<ServerConfig, LoadError>) -> Read {
        let file = match file {
            Ok(file) => file,
            // What is broken is told once: until it is whole again nothing has been seen.
            Err(error) => return self.broken(reason(&error)),
        };
        if self.seen.borrow().as_ref() == Some(&file) {
            return Read::Same;
        }
        let restart = file.without_reloadable() != self.running.without_reloadable();
        let reloadable = file.reloadable();
        self.seen.send_replace(Some(file));
        if restart {
            return Read::Restart;
        }
        let changed = self.live.send_if_modified(|live| {
            let changes = *live != reloadable;
            *live = reloadable;
            changes
        });
        if changed { Read::Applied } else { Read::Same }
    }

    fn broken(&self, reason: &'static str) -> Read {
        let told = self.seen.send_replace(None).is_none();
        if told {
            Read::Same
        } else {
            Read::Broken(reason)
        }
    }

    fn tell(&self, read: Read) {
        let result = match read {
            Read::Same => return,
            Read::Applied => {
                let live = self.live.borrow();
                tracing::info!(
                    icelocator.replicas = live.replicas,
                    icelocator.calls = live.limits.max_in_flight,
                    "new limits are in effect"
                );
                "applied"
            }
            Read::Restart => {
                tracing::warn!(
                    "the settings file has changes that need a restart: until then the settings before them stay in effect"
                );
                "restart_needed"
            }
            Read::Broken(reason) => {
                tracing::error!(
                    icelocator.reason = reason,
                    "the settings file cannot be used: the settings before it stay in effect. A server that is started with it says which field is wrong"
                );
                "broken"
            }
        };
        self.reloads.add(1, &[KeyValue::new("result", result)]);
    }
}

fn reason(error: &LoadError) -> &'static str {
    match error {
        LoadError::Read { .. } => "unreadable",
        LoadError::Version(_) => "version",
        LoadError::Invalid(_) => "invalid",
        LoadError::Syntax(_) | LoadError::Write(_) => "syntax",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "configVersion: 1\nlocator: {baseUrl: \"http://a\"}\n";

    fn file(more: &str) -> Result<ServerConfig, LoadError> {
        let auth = if more.contains("auth:") {
            ""
        } else {
            "auth: {anonymous: true}\n"
        };
        ServerConfig::from_yaml(&format!("{BASE}{auth}{more}"))
    }

    fn reload() -> (Reload, watch::Receiver<Reloadable>) {
        let running = file("").unwrap();
        let (live, reloadable) = watch::channel(running.reloadable());
        let meter = opentelemetry::global::meter("test");
        (
            Reload::new(PathBuf::new(), running, live, &meter),
            reloadable,
        )
    }

    #[test]
    fn what_may_change_takes_effect_once() {
        let (reload, live) = reload();
        assert_eq!(reload.take(file("")), Read::Same);
        let more = "replicas: 3\nlimits: {maxInFlight: 5, perCaller: {requestsPerMinute: 7}}";
        assert_eq!(reload.take(file(more)), Read::Applied);
        assert_eq!(live.borrow().replicas, 3);
        assert_eq!(live.borrow().limits.max_in_flight, 5);
        assert_eq!(reload.take(file(more)), Read::Same);
        assert_eq!(reload.take(file("")), Read::Applied);
        assert_eq!(live.borrow().replicas, 1);
    }

    #[test]
    fn anything_else_needs_a_restart_and_leaves_the_limits_alone() {
        let (reload, live) = reload();
        let more = "auth: {bearer: {secretRef: {name: t}}}\nlimits: {maxInFlight: 5}";
        assert_eq!(reload.take(file(more)), Read::Restart);
        assert_eq!(reload.take(file(more)), Read::Same, "is said once");
        assert_eq!(live.borrow().limits.max_in_flight, 64);
        assert_eq!(reload.take(file("limits: {maxInFlight: 5}")), Read::Applied);
        assert_eq!(live.borrow().limits.max_in_flight, 5);
    }

    #[test]
    fn a_broken_file_changes_nothing_and_is_told_once_until_it_is_whole() {
        let (reload, live) = reload();
        assert_eq!(reload.take(file("limits: {maxInFlight: 5}")), Read::Applied);
        for broken in [
            "limits: {maxInFlight: 0}",
            "limits: {perTool: {no_such_tool: {requestsPerMinute: 1}}}",
        ] {
            assert_eq!(
                reload.take(file(broken)),
                Read::Broken("invalid"),
                "{broken}"
            );
            assert_eq!(reload.take(file(broken)), Read::Same, "{broken}");
            assert_eq!(live.borrow().limits.max_in_flight, 5, "{broken}");
            assert_eq!(reload.take(file("limits: {maxInFlight: 5}")), Read::Same);
        }
    }
}

//! When which server is verified, and what came of it. Handshakes run beside the passes over resources, a few at a time:
//! a server that hangs holds up nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::Rng as _;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::queue::Queue;
use crate::api::ServerStatus;
use crate::kinds::ResourceKey;
use crate::verify::{self, Callers, Handshake, HandshakeError, Route};

/// A server that answered is asked again after this time.
const AGAIN: Duration = Duration::from_mins(5);
/// So many failures in a row are what a start looks like; they are not told yet.
const PATIENCE: u32 = 4;
/// Handshakes at once.
const AT_ONCE: usize = 8;

/// What is known of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Not asked yet, or not often enough to say.
    Unknown,
    /// It answered.
    Answered(ServerStatus),
    /// It wants a token, as it should.
    AsksForToken,
    /// It does not answer.
    Failed(HandshakeError),
}

#[derive(Debug, Default)]
struct State {
    /// What was running when it was asked.
    rollout: String,
    /// Whom it was to take.
    callers: Option<Callers>,
    result: Option<Result<Handshake, HandshakeError>>,
    asked: Option<Instant>,
    failures: u32,
    asking: bool,
}

impl State {
    fn verification(&self) -> Verification {
        match &self.result {
            Some(Ok(Handshake::Answered(server))) => Verification::Answered(server.clone()),
            Some(Ok(Handshake::AsksForToken)) => Verification::AsksForToken,
            Some(Err(error)) if self.failures >= PATIENCE => Verification::Failed(error.clone()),
            _ => Verification::Unknown,
        }
    }

    fn pause(&self) -> Duration {
        match (&self.result, self.failures) {
            (None, _) => Duration::ZERO,
            (Some(Ok(_)), _) => AGAIN,
            (_, ..PATIENCE) => Duration::from_secs(1),
            (_, failures) => Duration::from_secs(5 << (failures - PATIENCE).min(4)),
        }
    }
}

/// Verifies servers.
pub struct Verifier {
    route: Route,
    states: Mutex<HashMap<ResourceKey, State>>,
    slots: Semaphore,
}

impl Verifier {
    pub fn new(route: Route) -> Self {
        Self {
            route,
            states: Mutex::default(),
            slots: Semaphore::new(AT_ONCE),
        }
    }

    fn states(&self) -> MutexGuard<'_, HashMap<ResourceKey, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the server of a resource whose pods are ready. `rollout` names what runs, `None` while it is
    /// changing. Asks the server where that is due; the queue hears of the answer.
    pub fn look(
        self: &Arc<Self>,
        key: &ResourceKey,
        callers: Callers,
        rollout: Option<&str>,
        queue: &Arc<Queue>,
    ) -> Verification {
        let mut states = self.states();
        let state = states.entry(key.clone()).or_default();
        let rollout = rollout.unwrap_or(&state.rollout);
        // Pods of before that take others than they are to are not what was asked for, though they answer.
        if state.rollout != rollout || state.callers != Some(callers) {
            *state = State {
                rollout: rollout.to_owned(),
                callers: Some(callers),
                asking: state.asking,
                ..State::default()
            };
        }
        let due = state
            .asked
            .is_none_or(|asked| asked.elapsed() >= state.pause());
        if due && !state.asking {
            state.asking = true;
            let (verifier, key, queue) = (Arc::clone(self), key.clone(), Arc::clone(queue));
            let rollout = state.rollout.clone();
            tokio::spawn(async move { verifier.ask(key, callers, rollout, &queue).await });
        }
        state.verification()
    }

    async fn ask(&self, key: ResourceKey, callers: Callers, rollout: String, queue: &Queue) {
        let Ok(_slot) = self.slots.acquire().await else {
            return;
        };
        let result = verify::handshake(&self.route, &key.namespace, &key.name, callers).await;
        let mut states = self.states();
        let Some(state) = states.get_mut(&key) else {
            return;
        };
        state.asking = false;
        if state.rollout == rollout && state.callers == Some(callers) {
            state.failures = if result.is_ok() {
                0
            } else {
                state.failures + 1
            };
            state.result = Some(result);
            state.asked = Some(Instant::now());
        }
        let known = state.verification();
        let pause = state.pause();
        drop(states);
        if known != Verification::Unknown {
            queue.add_after(&key, Duration::ZERO);
        }
        // Not all in the same moment after a restart.
        queue.add_after(&key, pause.mul_f64(rand::rng().random_range(1.0..1.2)));
    }

    /// The pods are not ready, or the resource is gone: what was known no longer holds.
    pub fn forget(&self, key: &ResourceKey) {
        self.states().remove(key);
    }
}

//! Which deploys were announced, and what came of it. Announcements run beside the passes over resources, a few at a time:
//! a Sentry that hangs holds up nobody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::queue::Queue;
use crate::api::DeployStatus;
use crate::kinds::ResourceKey;
use crate::sentry::{self, AnnounceError, Deploy};

/// Announcements at once.
const AT_ONCE: usize = 4;
/// The pause after the first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_mins(10);
/// So many failures in a row are told.
const PATIENCE: u32 = 2;

/// Whether Sentry knows of what runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// Nobody wants it told.
    NotWanted,
    /// Not yet; the last one that was told, if any, is as it was.
    Waiting,
    Told(DeployStatus),
    Failed {
        release: String,
        error: AnnounceError,
    },
}

#[derive(Debug)]
struct State {
    deploy: Deploy,
    /// What runs.
    template: String,
    result: Option<Result<(), AnnounceError>>,
    asked: Option<Instant>,
    failures: u32,
    asking: bool,
}

impl State {
    fn announcement(&self) -> Announcement {
        let release = self.deploy.release.clone();
        match &self.result {
            Some(Ok(())) => Announcement::Told(DeployStatus {
                release,
                template: self.template.clone(),
            }),
            Some(Err(error)) if self.failures >= PATIENCE => Announcement::Failed {
                release,
                error: error.clone(),
            },
            _ => Announcement::Waiting,
        }
    }

    fn is_due(&self) -> bool {
        let pause = match self.failures {
            0 => Duration::ZERO,
            failures => pause(failures),
        };
        !self.asking
            && !matches!(self.result, Some(Ok(())))
            && self.asked.is_none_or(|asked| asked.elapsed() >= pause)
    }
}

fn pause(failures: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(1 << failures.saturating_sub(1).min(8))
        .min(LONGEST_PAUSE)
}

/// Announces deploys.
pub struct Announcer {
    client: Client,
    sentry: reqwest::Client,
    states: Mutex<HashMap<ResourceKey, State>>,
    slots: Semaphore,
}

impl Announcer {
    pub fn new(client: Client) -> Result<Self, AnnounceError> {
        Ok(Self {
            client,
            sentry: sentry::client()?,
            states: Mutex::default(),
            slots: Semaphore::new(AT_ONCE),
        })
    }

    fn states(&self) -> MutexGuard<'_, HashMap<ResourceKey, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What became of the announcement of `deploy`, of which `template` runs. Announces it where that is due; the queue hears
    /// of the answer.
    pub fn look(
        self: &Arc<Self>,
        key: &ResourceKey,
        deploy: &Deploy,
        template: &str,
        queue: &Arc<Queue>,
    ) -> Announcement {
        let mut states = self.states();
        let asked_for = |state: &State| state.deploy == *deploy && state.template == template;
        if !states.get(key).is_some_and(asked_for) {
            let state = State {
                deploy: deploy.clone(),
                template: template.to_owned(),
                result: None,
                asked: None,
                failures: 0,
                asking: false,
            };
            states.insert(key.clone(), state);
        }
        let Some(state) = states.get_mut(key) else {
            return Announcement::Waiting;
        };
        if state.is_due() {
            state.asking = true;
            let (announcer, key, queue) = (Arc::clone(self), key.clone(), Arc::clone(queue));
            let (deploy, template) = (deploy.clone(), template.to_owned());
            tokio::spawn(async move { announcer.tell(key, deploy, template, &queue).await });
        }
        state.announcement()
    }

    async fn tell(&self, key: ResourceKey, deploy: Deploy, template: String, queue: &Queue) {
        let Ok(_slot) = self.slots.acquire().await else {
            return;
        };
        let result = match self.token(&key, &deploy).await {
            Ok(token) => sentry::announce(&self.sentry, &deploy, &token).await,
            Err(error) => Err(error),
        };
        let mut states = self.states();
        let Some(state) = states
            .get_mut(&key)
            .filter(|state| state.deploy == deploy && state.template == template)
        else {
            return;
        };
        state.asking = false;
        state.asked = Some(Instant::now());
        state.failures = if result.is_ok() {
            0
        } else {
            state.failures.saturating_add(1)
        };
        let again = result.is_err().then(|| pause(state.failures));
        state.result = Some(result);
        drop(states);
        queue.add_after(&key, Duration::ZERO);
        if let Some(pause) = again {
            queue.add_after(&key, pause);
        }
    }

    /// Read when it is needed, and dropped.
    async fn token(&self, key: &ResourceKey, deploy: &Deploy) -> Result<String, AnnounceError> {
        let reference = &deploy.to.token_secret_ref;
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), &key.namespace);
        let secret = secrets
            .get_opt(&reference.name)
            .await
            .map_err(|_| AnnounceError::TokenUnreadable)?;
        let data = secret.and_then(|secret| secret.data).unwrap_or_default();
        let token = data.get(&reference.key).ok_or(AnnounceError::NoToken)?;
        let token = std::str::from_utf8(&token.0).map_err(|_| AnnounceError::NoToken)?;
        // Files end in a line break.
        Ok(token.trim().to_owned())
    }

    /// Nothing is to be announced: what was known no longer matters.
    pub fn forget(&self, key: &ResourceKey) {
        self.states().remove(key);
    }
}

//! Leader election on a `coordination.k8s.io/v1` Lease, so that of several operators one writes.
//!
//! - Every change of the Lease carries the resourceVersion that was read: of two who try, the API server lets one win.
//! - Whether another's lease has run out is measured on this process' own monotonic clock, from the moment at which the
//!   last change of the Lease was seen here. Clocks of different machines are never compared.
//! - A leader that cannot renew stops writing ([`Timing::renew_deadline`]) well before another may lead
//!   ([`Timing::lease`]), and its process ends: what it knows may be stale.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use kube::api::{Api, PostParams};
use tokio::time::{Instant, sleep, timeout_at};

use crate::client::{Gate, Term};
use crate::kinds::FIELD_MANAGER;

#[cfg(test)]
mod tests;

/// Name of the Lease.
pub const LEASE_NAME: &str = "icelocator-operator";

/// How often a release is tried against renewals that are still on their way.
const RELEASE_TRIES: u32 = 3;

/// How leadership is timed.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a lease holds when it is not renewed.
    pub lease: Duration,
    /// How long a leader that cannot renew goes on writing. Shorter than `lease`.
    pub renew_deadline: Duration,
    /// The time between two tries, and between two renewals.
    pub retry: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry: Duration::from_secs(3),
        }
    }
}

/// Where the Lease is kept.
pub trait LeaseStore {
    /// The Lease, if there is one.
    fn get(&self) -> impl Future<Output = Result<Option<Lease>, kube::Error>> + Send;
    /// Makes the Lease; fails when there is one.
    fn create(&self, lease: &Lease) -> impl Future<Output = Result<Lease, kube::Error>> + Send;
    /// Replaces the Lease; fails when it has another resourceVersion.
    fn replace(&self, lease: &Lease) -> impl Future<Output = Result<Lease, kube::Error>> + Send;
}

impl LeaseStore for Api<Lease> {
    async fn get(&self) -> Result<Option<Lease>, kube::Error> {
        self.get_opt(LEASE_NAME).await
    }

    async fn create(&self, lease: &Lease) -> Result<Lease, kube::Error> {
        Self::create(self, &params(), lease).await
    }

    async fn replace(&self, lease: &Lease) -> Result<Lease, kube::Error> {
        Self::replace(self, LEASE_NAME, &params(), lease).await
    }
}

fn params() -> PostParams {
    PostParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    }
}

/// Why leadership ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// Someone else holds the lease.
    #[error("the lease is held by {0}")]
    Taken(String),
    /// The lease could not be renewed in time.
    #[error("the lease could not be renewed in time")]
    NotRenewed,
}

/// What one try came to.
#[derive(Debug, PartialEq, Eq)]
enum Attempt {
    Holding,
    HeldBy(String),
    /// Someone else changed the Lease at the same time.
    Beaten,
}

/// This process' part in the election.
#[derive(Debug)]
pub struct Election<S> {
    store: S,
    identity: String,
    timing: Timing,
    gate: Gate,
    /// The Lease as last seen, and when that state of it was first seen.
    seen: Option<(Lease, Instant)>,
}

impl<S: LeaseStore> Election<S> {
    /// `identity` is unlike any other process', also of an earlier one of the same pod.
    pub fn new(store: S, identity: String, timing: Timing, gate: Gate) -> Self {
        Self {
            store,
            identity,
            timing,
            gate,
            seen: None,
        }
    }

    /// Returns once this process leads; the gate is open then.
    pub async fn win(&mut self) {
        let mut told = None;
        loop {
            let begun = Instant::now();
            match self.attempt().await {
                Ok(Attempt::Holding) => {
                    self.open_gate(begun);
                    tracing::info!("this process leads");
                    return;
                }
                Ok(Attempt::HeldBy(holder)) => {
                    if told.as_ref() != Some(&holder) {
                        tracing::info!(
                            icelocator.holder = holder,
                            "another process leads; waiting"
                        );
                        told = Some(holder);
                    }
                }
                Ok(Attempt::Beaten) => {}
                Err(error) => {
                    tracing::warn!(error = %error, "the lease cannot be read or written; trying again");
                }
            }
            sleep(self.timing.retry).await;
        }
    }

    /// Renews until leadership is lost; the gate is shut then.
    pub async fn hold(&mut self) -> Lost {
        let mut renewed = Instant::now();
        loop {
            sleep(self.timing.retry).await;
            let deadline = renewed + self.timing.renew_deadline;
            let begun = Instant::now();
            let lost = match timeout_at(deadline, self.attempt()).await {
                Ok(Ok(Attempt::Holding)) => {
                    renewed = begun;
                    self.open_gate(begun);
                    continue;
                }
                Ok(Ok(Attempt::HeldBy(holder))) => Lost::Taken(holder),
                Ok(Ok(Attempt::Beaten)) if Instant::now() < deadline => continue,
                Ok(Err(error)) if Instant::now() < deadline => {
                    tracing::warn!(error = %error, "the lease could not be renewed; trying again");
                    continue;
                }
                Ok(Ok(Attempt::Beaten) | Err(_)) | Err(_) => Lost::NotRenewed,
            };
            self.gate.shut();
            return lost;
        }
    }

    /// Gives the lease up, so that another need not wait for it to run out. Only after all writes are done.
    pub async fn release(&mut self) {
        self.gate.shut();
        // A renewal may have been given up half-way: what is stored counts, not what is remembered.
        for _ in 0..RELEASE_TRIES {
            match self.try_release().await {
                Ok(()) => return,
                Err(kube::Error::Api(status)) if status.code == 409 => {}
                Err(error) => {
                    tracing::warn!(error = %error, "the lease could not be released; it runs out by itself");
                    return;
                }
            }
        }
    }

    async fn try_release(&mut self) -> Result<(), kube::Error> {
        self.seen = None;
        let Some(mut lease) = self.store.get().await? else {
            return Ok(());
        };
        if holder(&lease) != Some(&self.identity) {
            return Ok(());
        }
        let spec = lease.spec.get_or_insert_default();
        spec.holder_identity = None;
        spec.renew_time = Some(MicroTime(Timestamp::now()));
        spec.lease_duration_seconds = Some(1);
        lease.metadata.managed_fields = None;
        self.store.replace(&lease).await.map(|_| ())
    }

    fn open_gate(&self, renewed: Instant) {
        self.gate.open(Term {
            begin_until: renewed + self.timing.renew_deadline,
            end_by: renewed + self.timing.lease,
        });
    }

    /// Takes or renews the lease, if it is free or ours.
    async fn attempt(&mut self) -> Result<Attempt, kube::Error> {
        // The leader knows what it wrote last; the resourceVersion says whether that still holds.
        let ours = self
            .seen
            .as_ref()
            .filter(|(lease, _)| holder(lease) == Some(&self.identity));
        let lease = match ours {
            Some((lease, _)) => Some(lease.clone()),
            None => self.store.get().await?,
        };
        let Some(lease) = lease else {
            let result = self.store.create(&self.claim(None)).await;
            return self.claimed(result);
        };
        if let Some(other) = holder(&lease).filter(|holder| **holder != self.identity) {
            let other = other.clone();
            if !self.has_run_out(&lease) {
                return Ok(Attempt::HeldBy(other));
            }
        }
        let result = self.store.replace(&self.claim(Some(lease))).await;
        self.claimed(result)
    }

    fn claimed(&mut self, result: Result<Lease, kube::Error>) -> Result<Attempt, kube::Error> {
        match result {
            Ok(lease) => {
                self.seen = Some((lease, Instant::now()));
                Ok(Attempt::Holding)
            }
            Err(kube::Error::Api(status)) if status.code == 409 => {
                self.seen = None;
                Ok(Attempt::Beaten)
            }
            Err(error) => {
                // Whether the write arrived is unknown: read before the next one.
                self.seen = None;
                Err(error)
            }
        }
    }

    /// Whether another's lease was left unrenewed, by our clock, for as long as it said that it would hold.
    fn has_run_out(&mut self, lease: &Lease) -> bool {
        let same = |seen: &Lease| {
            seen.metadata.resource_version == lease.metadata.resource_version
                && seen.metadata.uid == lease.metadata.uid
        };
        match &self.seen {
            Some((seen, since)) if same(seen) => {
                let said = lease
                    .spec
                    .as_ref()
                    .and_then(|spec| spec.lease_duration_seconds);
                let holds = said.map_or(self.timing.lease, |s| {
                    Duration::from_secs(s.max(1).unsigned_abs().into())
                });
                since.elapsed() >= holds
            }
            _ => {
                self.seen = Some((lease.clone(), Instant::now()));
                false
            }
        }
    }

    /// The Lease as we want it; `before` is what it replaces.
    fn claim(&self, before: Option<Lease>) -> Lease {
        let now = MicroTime(Timestamp::now());
        let mut lease = before.unwrap_or_else(|| Lease {
            metadata: ObjectMeta {
                name: Some(LEASE_NAME.to_owned()),
                ..ObjectMeta::default()
            },
            spec: None,
        });
        lease.metadata.managed_fields = None;
        let spec = lease.spec.get_or_insert_with(LeaseSpec::default);
        if spec.holder_identity.as_ref() != Some(&self.identity) {
            spec.acquire_time = Some(now.clone());
            spec.lease_transitions = Some(
                spec.lease_transitions
                    .map_or(0, |count| count.saturating_add(1)),
            );
            spec.holder_identity = Some(self.identity.clone());
        }
        spec.renew_time = Some(now);
        spec.lease_duration_seconds = i32::try_from(self.timing.lease.as_secs()).ok();
        lease
    }
}

fn holder(lease: &Lease) -> Option<&String> {
    lease
        .spec
        .as_ref()?
        .holder_identity
        .as_ref()
        .filter(|holder| !holder.is_empty())
}

use std::sync::{Arc, Mutex};

use kube::core::Status;
use tokio::time::advance;

use super::*;

/// A Lease as an API server keeps it, with faults on request.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    lease: Option<Lease>,
    version: u64,
    broken: bool,
    /// Requests are never answered.
    hangs: bool,
    /// The next write arrives, but its answer is lost.
    loses_answer: bool,
}

fn error(code: u16) -> kube::Error {
    kube::Error::Api(Status::failure("test", "Test").with_code(code).boxed())
}

impl Server {
    fn with<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    fn holder(&self) -> Option<String> {
        self.with(|inner| inner.lease.as_ref().and_then(holder).cloned())
    }

    fn transitions(&self) -> Option<i32> {
        self.with(|inner| inner.lease.as_ref()?.spec.as_ref()?.lease_transitions)
    }

    async fn reach(&self) -> Result<(), kube::Error> {
        if self.with(|inner| inner.hangs) {
            std::future::pending::<()>().await;
        }
        if self.with(|inner| inner.broken) {
            Err(error(500))
        } else {
            Ok(())
        }
    }

    fn write(&self, mut lease: Lease) -> Result<Lease, kube::Error> {
        self.with(|inner| {
            inner.version += 1;
            lease.metadata.resource_version = Some(inner.version.to_string());
            lease.metadata.uid = Some("uid".to_owned());
            inner.lease = Some(lease.clone());
            if std::mem::take(&mut inner.loses_answer) {
                Err(error(504))
            } else {
                Ok(lease)
            }
        })
    }
}

impl LeaseStore for Server {
    async fn get(&self) -> Result<Option<Lease>, kube::Error> {
        self.reach().await?;
        Ok(self.with(|inner| inner.lease.clone()))
    }

    async fn create(&self, lease: &Lease) -> Result<Lease, kube::Error> {
        self.reach().await?;
        if self.with(|inner| inner.lease.is_some()) {
            return Err(error(409));
        }
        self.write(lease.clone())
    }

    async fn replace(&self, lease: &Lease) -> Result<Lease, kube::Error> {
        self.reach().await?;
        let stored = self.with(|inner| {
            inner
                .lease
                .as_ref()
                .and_then(|lease| lease.metadata.resource_version.clone())
        });
        if stored != lease.metadata.resource_version {
            return Err(error(409));
        }
        self.write(lease.clone())
    }
}

fn candidate(server: &Server, identity: &str) -> (Election<Server>, Gate) {
    let gate = Gate::default();
    let election = Election::new(
        server.clone(),
        identity.to_owned(),
        Timing::default(),
        gate.clone(),
    );
    (election, gate)
}

#[tokio::test(start_paused = true)]
async fn the_first_leads_and_the_second_waits() {
    let server = Server::default();
    let (mut a, gate_a) = candidate(&server, "a");
    let (mut b, gate_b) = candidate(&server, "b");
    a.win().await;
    assert_eq!(b.attempt().await.unwrap(), Attempt::HeldBy("a".to_owned()));
    assert!(gate_a.term().is_some());
    assert!(gate_b.term().is_none());
}

#[tokio::test(start_paused = true)]
async fn of_two_who_reach_for_a_free_lease_one_gets_it() {
    let server = Server::default();
    let (mut a, _) = candidate(&server, "a");
    let (mut b, _) = candidate(&server, "b");
    a.win().await;
    a.release().await;
    // Both read the free lease; b writes first.
    let free = server.get().await.unwrap().unwrap();
    b.win().await;
    let late = server.replace(&a.claim(Some(free))).await;
    assert_eq!(a.claimed(late).unwrap(), Attempt::Beaten);
    assert_eq!(server.holder().as_deref(), Some("b"));
}

#[tokio::test(start_paused = true)]
async fn a_renewed_lease_is_never_taken_however_long_it_lasts() {
    let server = Server::default();
    let (mut a, gate) = candidate(&server, "a");
    let (mut b, _) = candidate(&server, "b");
    a.win().await;
    let holding = tokio::spawn(async move { a.hold().await });
    for _ in 0..100 {
        advance(Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
        assert_eq!(b.attempt().await.unwrap(), Attempt::HeldBy("a".to_owned()));
        assert!(gate.term().is_some());
    }
    holding.abort();
}

#[tokio::test(start_paused = true)]
async fn a_silent_leader_is_replaced_after_the_lease_by_the_watchers_own_clock() {
    let server = Server::default();
    let (mut a, _) = candidate(&server, "a");
    let (mut b, gate_b) = candidate(&server, "b");
    a.win().await;
    // b arrives late: however old the lease is by then, b waits for a whole one before it believes its eyes.
    advance(Duration::from_hours(1)).await;
    let started = Instant::now();
    b.win().await;
    assert!(
        started.elapsed() >= Duration::from_secs(15),
        "{:?}",
        started.elapsed()
    );
    assert!(
        started.elapsed() <= Duration::from_secs(18),
        "{:?}",
        started.elapsed()
    );
    assert!(gate_b.term().is_some());
    assert_eq!(server.holder().as_deref(), Some("b"));
    assert_eq!(server.transitions(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn who_cannot_renew_stops_writing_before_another_can_lead() {
    let server = Server::default();
    let (mut a, gate_a) = candidate(&server, "a");
    let (mut b, gate_b) = candidate(&server, "b");
    a.win().await;
    assert_eq!(b.attempt().await.unwrap(), Attempt::HeldBy("a".to_owned()));
    let cut_off = Server::default();
    cut_off.with(|inner| inner.hangs = true);
    a.store = cut_off;
    let held = tokio::spawn(async move { a.hold().await });
    let challenger = tokio::spawn(async move { b.win().await });
    loop {
        assert!(
            gate_a.term().is_none() || gate_b.term().is_none(),
            "both may write"
        );
        if gate_b.term().is_some() {
            break;
        }
        advance(Duration::from_millis(100)).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(held.await.unwrap(), Lost::NotRenewed);
    challenger.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_write_that_began_in_the_term_is_over_before_the_next_leader() {
    let server = Server::default();
    let (mut a, gate_a) = candidate(&server, "a");
    let (mut b, _) = candidate(&server, "b");
    a.win().await;
    let end_by = gate_a.term().unwrap().end_by;
    b.win().await;
    assert!(Instant::now() >= end_by);
}

#[tokio::test(start_paused = true)]
async fn a_leader_whose_lease_was_taken_notices_at_its_next_renewal() {
    let server = Server::default();
    let (mut a, gate_a) = candidate(&server, "a");
    let (mut b, _) = candidate(&server, "b");
    a.win().await;
    // Time stood still for a's process only.
    b.seen = Some((server.get().await.unwrap().unwrap(), Instant::now()));
    advance(Duration::from_secs(15)).await;
    b.win().await;
    assert_eq!(a.hold().await, Lost::Taken("b".to_owned()));
    assert!(gate_a.term().is_none());
}

#[tokio::test(start_paused = true)]
async fn short_trouble_with_the_api_server_does_not_end_leadership() {
    let server = Server::default();
    let (mut a, gate) = candidate(&server, "a");
    a.win().await;
    let holding = tokio::spawn(async move { a.hold().await });
    server.with(|inner| inner.broken = true);
    for _ in 0..7 {
        advance(Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
    }
    server.with(|inner| inner.broken = false);
    for _ in 0..30 {
        advance(Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
    }
    assert!(!holding.is_finished());
    assert!(gate.term().is_some());
    holding.abort();
}

#[tokio::test(start_paused = true)]
async fn a_renewal_whose_answer_was_lost_is_not_taken_for_a_defeat() {
    let server = Server::default();
    let (mut a, _) = candidate(&server, "a");
    a.win().await;
    server.with(|inner| inner.loses_answer = true);
    assert!(a.attempt().await.is_err());
    assert_eq!(a.attempt().await.unwrap(), Attempt::Holding);
}

#[tokio::test(start_paused = true)]
async fn a_released_lease_is_free_at_once() {
    let server = Server::default();
    let (mut a, gate_a) = candidate(&server, "a");
    let (mut b, _) = candidate(&server, "b");
    a.win().await;
    a.release().await;
    assert!(gate_a.term().is_none());
    let started = Instant::now();
    b.win().await;
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(server.holder().as_deref(), Some("b"));
}

#[tokio::test(start_paused = true)]
async fn only_the_holder_releases() {
    let server = Server::default();
    let (mut a, _) = candidate(&server, "a");
    let (mut b, _) = candidate(&server, "b");
    a.win().await;
    assert_eq!(b.attempt().await.unwrap(), Attempt::HeldBy("a".to_owned()));
    b.release().await;
    assert_eq!(server.holder().as_deref(), Some("a"));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_was_deleted_is_made_again() {
    let server = Server::default();
    let (mut a, _) = candidate(&server, "a");
    a.win().await;
    server.with(|inner| inner.lease = None);
    assert_eq!(
        a.attempt().await.unwrap(),
        Attempt::Beaten,
        "what it knew no longer holds"
    );
    assert_eq!(a.attempt().await.unwrap(), Attempt::Holding);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_given_up_half_way_does_not_keep_the_lease_from_being_released() {
    let server = Server::default();
    let (mut a, _) = candidate(&server, "a");
    a.win().await;
    // It arrives, though nobody waits for the answer any more.
    let renewed = a.claim(server.get().await.unwrap());
    server.write(renewed).unwrap();
    a.release().await;
    assert_eq!(server.holder(), None);
}

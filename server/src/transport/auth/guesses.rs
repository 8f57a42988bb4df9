//! Tokens that are nobody's. Whoever shows many of them in a minute is told to come back later. Only wrong tokens are
//! answered so: behind an ingress all callers come from one address, and a right token lets in whoever else comes from it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::rate::{Quota, TooSoon, account};

/// Wrong tokens of one address a minute, and at once.
const MOST: u32 = 10;
/// How often the log says how many there were.
const REPORT_EVERY: Duration = Duration::from_mins(1);

/// Counts wrong tokens by the address that they come from.
#[derive(Clone)]
pub struct Guesses {
    began: Instant,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Default)]
struct Counts {
    full_at: HashMap<String, Duration>,
    /// Of those that were too many, since the log said so last.
    unreported: u64,
}

impl Guesses {
    /// Without any.
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            counts: Arc::default(),
        }
    }

    /// A wrong token came from `peer`. All whose address is not known count as one.
    pub fn wrong(&self, peer: Option<IpAddr>) -> Result<(), TooSoon> {
        let now = self.began.elapsed();
        let peer = peer.map(|peer| peer.to_string()).unwrap_or_default();
        let quota = Quota::share(MOST, MOST, 1, 1);
        let mut counts = self.counts();
        let full_at = account(&mut counts.full_at, &peer, now);
        quota.take(full_at, now, 1, 1).inspect_err(|_| {
            counts.unreported += 1;
            if counts.unreported == 1 {
                self.report_later();
            }
        })
    }

    fn report_later(&self) {
        let guesses = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(REPORT_EVERY).await;
            tracing::warn!(
                icelocator.calls = guesses.take_unreported(),
                "many wrong tokens in a minute: these calls were told to come back later"
            );
        });
    }

    fn take_unreported(&self) -> u64 {
        std::mem::take(&mut self.counts().unreported)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    #[tokio::test]
    async fn many_wrong_tokens_are_too_many_and_those_of_others_are_not() {
        let guesses = Guesses::new();
        for _ in 0..MOST {
            assert_eq!(guesses.wrong(Some(peer(1))), Ok(()));
        }
        for _ in 0..490 {
            let seconds = guesses.wrong(Some(peer(1))).unwrap_err().seconds();
            assert!((1..=6).contains(&seconds), "{seconds}");
        }
        assert_eq!(guesses.wrong(Some(peer(2))), Ok(()));
        assert_eq!(guesses.wrong(None), Ok(()));
        assert_eq!(guesses.take_unreported(), 490);
        assert_eq!(guesses.take_unreported(), 0);
    }

    #[tokio::test]
    async fn addresses_without_end_take_memory_with_one() {
        let guesses = Guesses::new();
        let mut too_soon = 0;
        for number in 0..20_000 {
            too_soon += u32::from(guesses.wrong(Some(peer(number))).is_err());
        }
        assert!(guesses.counts().full_at.len() <= 10_001);
        assert!(
            too_soon > 0,
            "those without room for their own count as one"
        );
    }
}

//! How often a child is put back: at once at first, less and less often when someone changes it again and again, so that
//! two who disagree do not wear out the API server.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::kinds::Kind;

/// So many repairs are made at once.
const FREE: u32 = 3;
/// The pause after those; it doubles with each further repair.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// After this time without a repair all is forgotten.
const FORGET: Duration = Duration::from_mins(10);

type Key = (Kind, String, String);

/// The repairs of late.
#[derive(Debug, Default)]
pub struct Repairs(Mutex<HashMap<Key, (u32, Instant)>>);

impl Repairs {
    /// Whether a child may be put back now; if not, how long to wait.
    pub fn ask(&self, kind: Kind, namespace: &str, name: &str) -> Result<(), Duration> {
        let now = Instant::now();
        let mut repairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        repairs.retain(|_, (_, last)| now < *last + FORGET);
        let key = (kind, namespace.to_owned(), name.to_owned());
        let (count, last) = repairs.entry(key).or_insert((0, now));
        let due = *last + pause(*count);
        if now < due {
            return Err(due - now);
        }
        *count += 1;
        *last = now;
        Ok(())
    }
}

fn pause(count: u32) -> Duration {
    match count.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(further) => FIRST_PAUSE
            .saturating_mul(1 << further.min(8))
            .min(LONGEST_PAUSE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_quarrel_slows_down_and_peace_is_remembered() {
        let repairs = Repairs::default();
        let ask = || repairs.ask(Kind::Service, "default", "demo");
        for _ in 0..FREE {
            assert_eq!(ask(), Ok(()));
        }
        assert_eq!(ask(), Err(FIRST_PAUSE));
        assert_eq!(
            repairs.ask(Kind::Service, "default", "other"),
            Ok(()),
            "others are not held up"
        );
        tokio::time::advance(FIRST_PAUSE).await;
        assert_eq!(ask(), Ok(()));
        assert_eq!(ask(), Err(FIRST_PAUSE * 2));
        tokio::time::advance(FORGET).await;
        assert_eq!(ask(), Ok(()));
        assert_eq!(ask(), Ok(()));
    }
}

//! Waiting without guessing: a probe is asked again until it holds or the deadline is there, and the last
//! reason why it did not is in the error.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tokio::time::{Instant, sleep, timeout};

/// For what is a matter of seconds, on a machine that has much else to do.
pub const SOON: Duration = Duration::from_mins(2);

/// The pause between two probes: short, since the tests' own time is mostly waiting.
const PAUSE: Duration = Duration::from_millis(250);

/// A single probe may not take longer than this, or a hung connection would eat the deadline.
const PROBE: Duration = Duration::from_secs(20);

/// Asks `probe` until it returns `Ok`, for at most `within`. Errors with `what` and the last refusal.
pub async fn eventually<T, F, Fut>(within: Duration, what: &str, mut probe: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let deadline = Instant::now() + within;
    loop {
        let refusal = match timeout(PROBE, probe()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error,
            Err(_) => anyhow!("the probe itself hung for {PROBE:?}"),
        };
        if Instant::now() + PAUSE > deadline {
            return Err(refusal).context(format!("not within {within:?}: {what}"));
        }
        sleep(PAUSE).await;
    }
}

/// Asks `probe` for the whole of `period` and errors the first time it does not hold.
pub async fn consistently<F, Fut>(period: Duration, what: &str, mut probe: F) -> Result<()>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<()>>,
{
    let begun = Instant::now();
    while begun.elapsed() < period {
        probe()
            .await
            .with_context(|| format!("no longer after {:?}: {what}", begun.elapsed()))?;
        sleep(PAUSE).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn returns_what_the_probe_finds_once_it_holds() {
        let asked = Cell::new(0);
        let found = eventually(Duration::from_secs(5), "the third time", || {
            asked.set(asked.get() + 1);
            let now = asked.get();
            async move {
                if now == 3 {
                    Ok(now)
                } else {
                    Err(anyhow!("only {now}"))
                }
            }
        })
        .await
        .unwrap();
        assert_eq!(found, 3);
    }

    #[tokio::test]
    async fn a_missed_deadline_names_what_was_awaited_and_the_last_refusal() {
        let error = eventually(Duration::from_millis(1), "pigs that fly", || async {
            Err::<(), _>(anyhow!("still on the ground"))
        })
        .await
        .unwrap_err();
        let text = format!("{error:#}");
        assert!(
            text.contains("pigs that fly") && text.contains("still on the ground"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn what_must_hold_throughout_fails_at_the_first_lapse() {
        assert!(
            consistently(Duration::from_secs(5), "calm", || async {
                Err(anyhow!("storm"))
            })
            .await
            .is_err()
        );
    }
}

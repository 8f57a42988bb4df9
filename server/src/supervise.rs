//! Work beside the calls that goes on for as long as the process lives. A bug in it must not end it unseen.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;

/// How long a task that failed rests before it begins anew.
const REST: Duration = Duration::from_secs(1);

/// Runs what `task` makes until `stop`; anew when it panics.
pub fn supervise<Work>(stop: CancellationToken, mut task: impl FnMut() -> Work + Send + 'static)
where
    Work: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            let work = AssertUnwindSafe(task()).catch_unwind();
            match stop.run_until_cancelled(work).await {
                Some(Err(_)) => {
                    tracing::error!("a task beside the calls failed: it begins anew");
                    tokio::time::sleep(REST).await;
                }
                Some(Ok(())) | None => return,
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use tokio::sync::watch;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_begins_anew_until_it_is_told_to_stop() {
        let stop = CancellationToken::new();
        let (count, mut began) = watch::channel(0);
        supervise(stop.clone(), move || {
            count.send_modify(|count| *count += 1);
            let first = *count.borrow() == 1;
            async move {
                assert!(!first, "a bug");
                std::future::pending::<()>().await;
            }
        });
        began.wait_for(|count| *count == 2).await.unwrap();
        stop.cancel();
        // The task is gone, and with it what counted.
        while began.changed().await.is_ok() {}
        assert_eq!(*began.borrow(), 2);
    }
}

//! Waiting for what is to come, however busy the machine is.

use std::time::{Duration, Instant};

/// Much longer than anything takes.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The pause between two looks.
pub const PAUSE: Duration = Duration::from_millis(10);

/// Waits until something is so.
pub async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    until_ok(async || is_so().await.then_some(()).ok_or("it did not come")).await;
}

/// Waits until there is an answer. What there is instead is told when it takes too long.
pub async fn until_ok<T, E: AsRef<str>>(mut ask: impl AsyncFnMut() -> Result<T, E>) -> T {
    let began = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(instead) => assert!(began.elapsed() < PATIENCE, "{}", instead.as_ref()),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

//! Asks a URL until it answers with success: what `helm test` runs, from the operator's own image.
//!
//! The image holds nothing but this binary, so that the test needs no other image and no shell.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::time::{Instant, sleep};

/// How long one answer may take.
const ATTEMPT: Duration = Duration::from_secs(5);
/// The time between two attempts.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a probe gave up: what the last attempt met.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something answered, but not with success.
    #[error("{url} answers {status} after {} s: {body}", waited.as_secs())]
    Refused {
        url: String,
        status: StatusCode,
        body: String,
        waited: Duration,
    },
    /// Nothing answered.
    #[error("{url} does not answer after {} s", waited.as_secs())]
    Silent {
        url: String,
        waited: Duration,
        source: reqwest::Error,
    },
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made")]
    Client(#[source] reqwest::Error),
}

/// Returns when `url` answers with a 2xx status, or with what the last attempt met once `patience` is over.
///
/// # Errors
/// See [`Error`].
pub async fn until_success(url: &str, patience: Duration) -> Result<(), Error> {
    // Within the cluster; a proxy that the environment names leads out of it.
    let client = reqwest::Client::builder()
        .timeout(ATTEMPT)
        .no_proxy()
        .build()
        .map_err(Error::Client)?;
    let started = Instant::now();
    loop {
        let outcome = attempt(&client, url, started).await;
        if outcome.is_ok() || started.elapsed() + PAUSE > patience {
            return outcome;
        }
        sleep(PAUSE).await;
    }
}

async fn attempt(client: &reqwest::Client, url: &str, started: Instant) -> Result<(), Error> {
    let silent = |source| Error::Silent {
        url: url.to_owned(),
        waited: started.elapsed(),
        source,
    };
    let response = client.get(url).send().await.map_err(silent)?;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let body = response.text().await.map_err(silent)?.trim().to_owned();
    Err(Error::Refused {
        url: url.to_owned(),
        status,
        body,
        waited: started.elapsed(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::{Router, http::StatusCode, routing::get};

    use super::{Duration, Error, until_success};

    /// A server that answers 503 until it was asked `refusals` times; returns its URL.
    async fn server(refusals: usize) -> String {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let asked = Arc::new(AtomicUsize::new(0));
        let answer = move || async move {
            if asked.fetch_add(1, Ordering::Relaxed) < refusals {
                (StatusCode::SERVICE_UNAVAILABLE, "no leader yet\n")
            } else {
                (StatusCode::OK, "ok\n")
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/readyz", listener.local_addr().unwrap());
        tokio::spawn(async move {
            axum::serve(listener, Router::new().route("/readyz", get(answer))).await
        });
        url
    }

    #[tokio::test]
    async fn waits_for_what_is_not_ready_yet() {
        let url = server(1).await;
        until_success(&url, Duration::from_secs(10)).await.unwrap();
    }

    #[tokio::test]
    async fn says_what_the_last_answer_was() {
        let url = server(usize::MAX).await;
        let error = until_success(&url, Duration::ZERO).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{url} answers 503 Service Unavailable after 0 s: no leader yet")
        );
    }

    #[tokio::test]
    async fn says_that_nothing_answered() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/readyz", listener.local_addr().unwrap());
        drop(listener);
        let error = until_success(&url, Duration::ZERO).await.unwrap_err();
        assert!(matches!(error, Error::Silent { .. }), "{error}");
    }
}

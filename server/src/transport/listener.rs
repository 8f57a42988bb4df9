//! A port, served until told to stop, then drained: no new connections, and those that have a call under way get their
//! answer.

use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// An address that could not be taken.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct ListenError {
    address: SocketAddr,
    source: io::Error,
}

/// How a port's service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every answer was given.
    Whole,
    /// Time was up with calls still under way.
    Cut,
}

/// Takes an address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ListenError { address, source })
}

/// The address that was taken, with the port that the system chose where none was asked for.
pub fn address(listener: &TcpListener) -> Option<String> {
    listener
        .local_addr()
        .ok()
        .map(|address| address.to_string())
}

/// Once `stop` has come, each answer is the last on its connection and says so. A connection that is closed without a word
/// takes the call with it that its client is just sending.
pub fn saying_farewell(router: Router, stop: CancellationToken) -> Router {
    router.layer(map_response(move |mut response: Response| {
        if stop.is_cancelled() {
            let headers = response.headers_mut();
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        ready(response)
    }))
}

/// Serves `router` until `stop`, then for at most `drain` what is under way.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    drain: Duration,
) -> Drained {
    let listener = listener.tap_io(|connection| {
        // Answers are one small write: they must not wait for more. Failing costs milliseconds only.
        let _ = connection.set_nodelay(true);
    });
    let serving = axum::serve(listener, router)
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    let time_is_up = async {
        stop.cancelled().await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        _ = serving => Drained::Whole,
        () = time_is_up => Drained::Cut,
    }
}

//! Takes whatever all sinks send, and says that it is there.

use std::env;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

/// OTLP wants an answer in its own format, which may be empty; the others only look at the status.
async fn take(uri: Uri, _body: Bytes) -> Response {
    let path = uri.path();
    if ["/v1/traces", "/v1/metrics", "/v1/logs"].contains(&path) {
        return [(header::CONTENT_TYPE, "application/x-protobuf")].into_response();
    }
    let is_envelope = path.ends_with("/envelope/");
    let status = if is_envelope {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    (status, "{}").into_response()
}

#[tokio::main]
async fn main() -> Result<()> {
    let address = env::args()
        .nth(1)
        .context("say on which address to listen")?;
    let router = Router::new()
        .fallback(take)
        .layer(DefaultBodyLimit::disable());
    axum::serve(TcpListener::bind(address).await?, router).await?;
    Ok(())
}

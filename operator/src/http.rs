//! What the operator serves: `/metrics`, `/healthz` (is it alive) and `/readyz` (does it know the cluster).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

/// What is asked of the rest of the program. An error says in a line what is not right.
pub trait Answers: Send + Sync + 'static {
    fn metrics(&self) -> String;
    fn healthy(&self) -> Result<(), String>;
    fn ready(&self) -> Result<(), String>;
}

/// The routes.
pub fn router<A: Answers>(answers: Arc<A>) -> Router {
    Router::new()
        .route("/metrics", get(metrics::<A>))
        .route("/healthz", get(healthz::<A>))
        .route("/readyz", get(readyz::<A>))
        .with_state(answers)
}

async fn metrics<A: Answers>(State(answers): State<Arc<A>>) -> impl IntoResponse {
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        answers.metrics(),
    )
}

async fn healthz<A: Answers>(State(answers): State<Arc<A>>) -> impl IntoResponse {
    said(answers.healthy())
}

async fn readyz<A: Answers>(State(answers): State<Arc<A>>) -> impl IntoResponse {
    said(answers.ready())
}

fn said(result: Result<(), String>) -> (StatusCode, String) {
    match result {
        Ok(()) => (StatusCode::OK, "ok\n".to_owned()),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
    }
}

#[cfg(test)]
mod tests;

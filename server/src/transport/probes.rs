//! The `metrics` port: what Prometheus collects, and how the kubelet asks whether we live and want calls. Readiness says
//! only whether this process takes calls: no exporter and no upstream has a part in it, and neither has a Secret with tokens
//! that may come and go. Who asks with `?verbose` is told of these, too.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use icelocator_delivery::{Health, State as SinkState};
use icelocator_telemetry::Telemetry;

use super::auth::Bearer;
use crate::observe::Sinks;

/// Whether this process takes calls.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Checks>);

#[derive(Default)]
struct Checks {
    ready: AtomicBool,
    tokens: OnceLock<Bearer>,
    sinks: OnceLock<Arc<Sinks>>,
}

impl Readiness {
    /// Says whether this process takes calls.
    pub fn set(&self, ready: bool) {
        self.0.ready.store(ready, Ordering::Relaxed);
    }

    /// Tells how it is with these tokens, where there are such.
    pub fn watch(&self, tokens: Option<Bearer>) {
        if let Some(tokens) = tokens {
            // Once a process.
            let _ = self.0.tokens.set(tokens);
        }
    }

    /// Tells how it is with these, too.
    pub fn watch_sinks(&self, sinks: Arc<Sinks>) {
        // Once a process.
        let _ = self.0.sinks.set(sinks);
    }

    fn get(&self) -> bool {
        self.0.ready.load(Ordering::Relaxed)
    }

    /// Every check on a line of its own: whether it is well, its name, its state.
    fn verbose(&self) -> String {
        let line = |well: bool, name: &str, state: String| {
            let mark = if well { '+' } else { '-' };
            format!("[{mark}]{name}: {state}\n")
        };
        let calls = self.get();
        let mut text = line(calls, "calls", says(calls).to_owned());
        if let Some(tokens) = self.0.tokens.get() {
            let callers = tokens.callers();
            let state = match callers {
                None => "the Secret is not there; until it is, tokens from the list are refused"
                    .to_owned(),
                Some(0) => "no token in the Secret can be used; tokens from the list are refused"
                    .to_owned(),
                Some(callers) => format!("of {callers} callers"),
            };
            text.push_str(&line(
                callers.is_some_and(|callers| callers > 0),
                "tokens",
                state,
            ));
        }
        for health in self
            .0
            .sinks
            .get()
            .map_or_else(Vec::new, |sinks| sinks.health())
        {
            text.push_str(&line(
                health.state == SinkState::Ok,
                health.name,
                told(&health),
            ));
        }
        text
    }
}

/// How it is with a sink, in a line.
fn told(health: &Health) -> String {
    let Health {
        state,
        since,
        queued,
        delivered,
        dropped,
        last_failure,
        ..
    } = health;
    let failure = last_failure.map_or_else(String::new, |word| format!(", last failure {word}"));
    format!(
        "{} since {since:.0}; {queued} queued, {delivered} delivered, {dropped} dropped{failure}",
        state.as_str()
    )
}

const fn says(ready: bool) -> &'static str {
    if ready { "ok" } else { "not taking calls" }
}

/// The routes of the `metrics` port.
pub fn router(telemetry: Arc<Telemetry>, readiness: Readiness) -> Router {
    Router::new()
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(ready).with_state(readiness))
        .route("/metrics", get(metrics).with_state(telemetry))
}

async fn ready(State(readiness): State<Readiness>, RawQuery(query): RawQuery) -> impl IntoResponse {
    let ready = readiness.get();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let verbose = query.is_some_and(|query| query.split('&').any(|part| part == "verbose"));
    let text = if verbose {
        readiness.verbose()
    } else {
        says(ready).to_owned()
    };
    (status, text)
}

async fn metrics(State(telemetry): State<Arc<Telemetry>>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        telemetry.render(),
    )
}

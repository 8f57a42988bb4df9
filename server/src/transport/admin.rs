//! The admin port: CPU profiles on demand, for who shows the token. It is not open unless profiles are switched on.

use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use icelocator_delivery::read_secret;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::auth::header::token;
use crate::profiling::{Profiler, pprof};

/// Shortest token: with fewer characters guessing has a chance.
const SHORTEST_TOKEN: usize = 16;
/// Longest profile, in seconds.
const LONGEST: u64 = 60;

#[derive(Clone)]
struct Admin {
    token: PathBuf,
    profiler: Profiler,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default = "ten")]
    seconds: u64,
}

const fn ten() -> u64 {
    10
}

/// The routes. `token` is the file with the token, read anew for each request.
pub fn router(token: PathBuf, profiler: Profiler) -> Router {
    Router::new()
        .route("/debug/pprof/profile", get(profile))
        .with_state(Admin { token, profiler })
}

async fn profile(
    State(admin): State<Admin>,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Response {
    if let Err(refused) = admin.admit(&headers).await {
        return refused.into_response();
    }
    let seconds = wanted.map_or(0, |Query(wanted)| wanted.seconds);
    if !(1..=LONGEST).contains(&seconds) {
        let says = "write seconds from 1 to 60, or nothing for 10\n";
        return (StatusCode::BAD_REQUEST, says).into_response();
    }
    let Ok(running) = admin.profiler.begin(Duration::from_secs(seconds)) else {
        let says = "a profile is being taken: come back when it is over\n";
        return (StatusCode::CONFLICT, says).into_response();
    };
    let profile = running.whole().await;
    match profile.and_then(|profile| pprof::encode(&profile).ok()) {
        Some(bytes) => (
            [
                (header::CONTENT_TYPE, "application/octet-stream"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"profile.pb.gz\"",
                ),
            ],
            bytes,
        )
            .into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

type Refused = (StatusCode, [(header::HeaderName, HeaderValue); 1]);

impl Admin {
    /// Whether a request may ask for anything.
    async fn admit(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let challenge = |status| {
            let scheme = HeaderValue::from_static("Bearer");
            (status, [(header::WWW_AUTHENTICATE, scheme)])
        };
        let Ok(Some(shown)) = token(headers) else {
            return Err(challenge(StatusCode::UNAUTHORIZED));
        };
        let file = self.token.clone();
        let expected = tokio::task::spawn_blocking(move || read_secret(&file)).await;
        let expected = expected
            .ok()
            .flatten()
            .filter(|expected| expected.len() >= SHORTEST_TOKEN);
        let is_known = expected.is_some_and(|expected| {
            // Of digests, which have one length: how long the token is does not show either.
            let [shown, expected] =
                [shown, &expected].map(|token| digest(&SHA256, token.as_bytes()));
            shown.as_ref().ct_eq(expected.as_ref()).into()
        });
        if is_known {
            Ok(())
        } else {
            Err(challenge(StatusCode::FORBIDDEN))
        }
    }
}

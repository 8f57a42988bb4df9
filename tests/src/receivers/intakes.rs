//! The public intakes of AgentCat, Datadog and Sentry behind one listener: what arrives is unpacked and kept as it is, to be
//! read by the services' own models afterwards.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::post,
};
use serde_json::json;
use tower_http::decompression::RequestDecompressionLayer;

use super::Listening;

/// Which intake something arrived at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intake {
    /// AgentCat's events.
    AgentCat,
    /// Datadog's logs.
    DatadogLogs,
    /// Datadog's metrics.
    DatadogSeries,
    /// Sentry's envelopes.
    Sentry,
}

impl Intake {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::AgentCat,
        Self::DatadogLogs,
        Self::DatadogSeries,
        Self::Sentry,
    ];

    const fn folder(self) -> &'static str {
        match self {
            Self::AgentCat => "agentcat",
            Self::DatadogLogs => "datadog-logs",
            Self::DatadogSeries => "datadog-series",
            Self::Sentry => "sentry",
        }
    }
}

/// One accepted request's body, unpacked.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub at: Intake,
    pub body: Bytes,
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Arrived>>>);

impl Kept {
    fn keep(&self, at: Intake, body: Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(Arrived { at, body });
    }
}

/// The listener; it ends with the value.
pub struct Intakes {
    kept: Kept,
    listening: Listening,
}

/// The key that Datadog's intake takes.
pub const DATADOG_KEY: &str = "0123456789abcdef0123456789abcdef";

impl Intakes {
    /// Listens on a free port of `ip`.
    pub async fn start(ip: IpAddr) -> Result<Self> {
        let kept = Kept::default();
        let router = Router::new()
            .route("/v1/public/events/", post(agentcat))
            .route("/api/v2/logs", post(datadog_logs))
            .route("/api/v2/series", post(datadog_series))
            .route("/api/{project}/envelope/", post(sentry))
            .layer(RequestDecompressionLayer::new())
            .layer(DefaultBodyLimit::max(16 << 20))
            .with_state(kept.clone());
        let listening = Listening::start(ip, router).await?;
        Ok(Self { kept, listening })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listening.address
    }

    /// What has arrived at `at` so far.
    pub fn arrived(&self, at: Intake) -> Vec<Bytes> {
        let kept = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().filter(|arrived| arrived.at == at);
        at.map(|arrived| arrived.body.clone()).collect()
    }

    /// Leaves what has arrived so far in `folder`, for the services' own models: a folder for each intake, a file for each body.
    pub fn write(&self, folder: &Path) -> Result<()> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        for intake in Intake::ALL {
            let folder = folder.join(intake.folder());
            fs::create_dir_all(&folder)?;
            for (number, body) in self.arrived(intake).iter().enumerate() {
                fs::write(folder.join(format!("{number:06}")), body)?;
            }
        }
        Ok(())
    }
}

async fn agentcat(State(kept): State<Kept>, body: Bytes) -> StatusCode {
    kept.keep(Intake::AgentCat, body);
    StatusCode::ACCEPTED
}

async fn datadog_logs(State(kept): State<Kept>, headers: HeaderMap, body: Bytes) -> StatusCode {
    of_datadog(&kept, Intake::DatadogLogs, &headers, body)
}

async fn datadog_series(State(kept): State<Kept>, headers: HeaderMap, body: Bytes) -> StatusCode {
    of_datadog(&kept, Intake::DatadogSeries, &headers, body)
}

fn of_datadog(kept: &Kept, at: Intake, headers: &HeaderMap, body: Bytes) -> StatusCode {
    if headers
        .get("dd-api-key")
        .is_none_or(|key| key != DATADOG_KEY)
    {
        return StatusCode::FORBIDDEN;
    }
    kept.keep(at, body);
    StatusCode::ACCEPTED
}

async fn sentry(State(kept): State<Kept>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let is_known = headers
        .get("x-sentry-auth")
        .and_then(|auth| auth.to_str().ok())
        .is_some_and(|auth| auth.contains("sentry_key="));
    if !is_known {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({"detail": "missing authorization information"})),
        );
    }
    kept.keep(Intake::Sentry, body);
    (StatusCode::OK, Json(json!({})))
}

//! Slack-, PagerDuty- and webhook-shaped receivers behind one listener. They refuse what the real service
//! refuses, so a malformed notification fails here as it would there.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};

use super::Listening;

/// One accepted POST.
#[derive(Debug, Clone)]
pub struct Post {
    /// `slack`, `pagerduty` or `webhook`.
    pub service: &'static str,
    /// The last part of the path (Slack's token, the webhook's name); PagerDuty's routing key.
    pub key: String,
    pub body: Value,
}

type Kept = Arc<Mutex<Vec<Post>>>;

/// The listener; it ends with the value.
pub struct HttpReceiver {
    listening: Listening,
    kept: Kept,
}

impl HttpReceiver {
    /// Listens on a free port of `ip`.
    pub async fn start(ip: IpAddr) -> Result<Self> {
        let kept = Kept::default();
        let router = Router::new()
            .route("/services/{token}", post(slack))
            .route("/v2/enqueue", post(pagerduty))
            .route("/hooks/{name}", post(webhook))
            .with_state(kept.clone());
        let listening = Listening::start(ip, router).await?;
        Ok(Self { listening, kept })
    }

    /// The address that stands for Slack's incoming webhook of `token`.
    pub fn slack_url(&self, token: &str) -> String {
        format!("http://{}/services/{token}", self.listening.address)
    }

    /// The address that stands for `PagerDuty`'s events API.
    pub fn pagerduty_url(&self) -> String {
        format!("http://{}/v2/enqueue", self.listening.address)
    }

    /// The address of a plain webhook.
    pub fn webhook_url(&self, name: &str) -> String {
        format!("http://{}/hooks/{name}", self.listening.address)
    }

    /// What has arrived at `service` so far.
    pub fn posts(&self, service: &str) -> Vec<Post> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .filter(|post| post.service == service)
            .cloned()
            .collect()
    }
}

fn keep(kept: &Kept, service: &'static str, key: String, body: Value) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push(Post { service, key, body });
}

async fn slack(
    State(kept): State<Kept>,
    Path(token): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let says_something = body["text"].is_string() || body["attachments"].is_array();
    if !says_something {
        return (StatusCode::BAD_REQUEST, "no_text").into_response();
    }
    keep(&kept, "slack", token, body);
    "ok".into_response()
}

async fn pagerduty(State(kept): State<Kept>, Json(body): Json<Value>) -> Response {
    let action = body["event_action"].as_str().unwrap_or_default();
    let payload = &body["payload"];
    let severities = ["critical", "error", "warning", "info"];
    let complete = payload["summary"]
        .as_str()
        .is_some_and(|s| !s.is_empty() && s.len() <= 1024)
        && payload["source"].as_str().is_some_and(|s| !s.is_empty())
        && payload["severity"]
            .as_str()
            .is_some_and(|s| severities.contains(&s));
    let valid = match action {
        "trigger" => complete,
        "acknowledge" | "resolve" => body["dedup_key"].is_string(),
        _ => false,
    };
    let Some(key) = body["routing_key"]
        .as_str()
        .filter(|_| valid)
        .map(str::to_owned)
    else {
        let refusal = json!({"status": "invalid event", "message": "Event object is invalid"});
        return (StatusCode::BAD_REQUEST, Json(refusal)).into_response();
    };
    let dedup_key = body["dedup_key"].clone();
    keep(&kept, "pagerduty", key, body);
    let accepted =
        json!({"status": "success", "message": "Event processed", "dedup_key": dedup_key});
    (StatusCode::ACCEPTED, Json(accepted)).into_response()
}

async fn webhook(
    State(kept): State<Kept>,
    Path(name): Path<String>,
    Json(body): Json<Value>,
) -> StatusCode {
    keep(&kept, "webhook", name, body);
    StatusCode::OK
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test]
    async fn pagerduty_refuses_an_event_without_severity_and_keeps_a_whole_one() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let receiver = HttpReceiver::start(Ipv4Addr::LOCALHOST.into())
            .await
            .unwrap();
        let send = async |payload: Value| {
            let event = json!({"routing_key": "k", "event_action": "trigger", "payload": payload});
            let http = reqwest::Client::new();
            http.post(receiver.pagerduty_url())
                .json(&event)
                .send()
                .await
                .unwrap()
                .status()
        };
        assert_eq!(send(json!({"summary": "s", "source": "x"})).await, 400);
        assert_eq!(
            send(json!({"summary": "s", "source": "x", "severity": "info"})).await,
            202
        );
        assert_eq!(receiver.posts("pagerduty").len(), 1);
    }
}

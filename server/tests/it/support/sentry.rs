//! A stand-in for Sentry that keeps the envelopes it is sent.

use std::io::Read as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;

use super::wait::until_ok;

const KEY: &str = "0123456789abcdef0123456789abcdef";

#[derive(Clone, Default)]
struct Kept {
    envelopes: Arc<Mutex<Vec<Vec<u8>>>>,
    limits: Arc<Mutex<Option<&'static str>>>,
}

/// A running stand-in.
pub struct Intake {
    pub dsn: String,
    kept: Kept,
}

/// A part of an envelope.
#[derive(Clone, Debug)]
pub struct Item {
    pub kind: String,
    pub payload: Value,
}

impl Intake {
    pub async fn start() -> Self {
        let kept = Kept::default();
        let router = Router::new()
            .route("/api/42/envelope/", post(take))
            .with_state(kept.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dsn = format!("http://{KEY}@{}/42", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { dsn, kept }
    }

    /// From now on says in each answer that this is limited.
    pub fn limit(&self, limits: &'static str) {
        *self.kept.limits.lock().unwrap() = Some(limits);
    }

    /// All that came, as it came.
    pub fn envelopes(&self) -> Vec<Vec<u8>> {
        self.kept.envelopes.lock().unwrap().clone()
    }

    /// Everything in it.
    pub fn items(&self) -> Vec<Item> {
        let envelopes = self.envelopes();
        envelopes.iter().flat_map(|bytes| items(bytes)).collect()
    }

    /// Waits until what came is enough.
    pub async fn wait(&self, enough: impl Fn(&[Item]) -> bool) -> Vec<Item> {
        until_ok(async || {
            let items = self.items();
            if enough(&items) {
                Ok(items)
            } else {
                Err(format!("not enough: {items:#?}"))
            }
        })
        .await
    }
}

async fn take(
    State(kept): State<Kept>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, &'static str) {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
    let auth = header("x-sentry-auth").unwrap_or_default();
    assert!(auth.contains(&format!("sentry_key={KEY}")), "{auth}");
    assert!(auth.contains("sentry_version=7"), "{auth}");
    let mut bytes = body.to_vec();
    if header("content-encoding") == Some("gzip") {
        bytes.clear();
        flate2::read::GzDecoder::new(&body[..])
            .read_to_end(&mut bytes)
            .unwrap();
    }
    kept.envelopes.lock().unwrap().push(bytes);
    let limits = *kept.limits.lock().unwrap();
    let headers = limits.map(|limits| {
        let name = "x-sentry-rate-limits".parse().unwrap();
        (name, limits.parse().unwrap())
    });
    (StatusCode::OK, headers.into_iter().collect(), "{}")
}

/// Reads an envelope strictly: every length must be right.
fn items(mut bytes: &[u8]) -> Vec<Item> {
    let line = |bytes: &mut &[u8]| {
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        let line: Value = serde_json::from_slice(&bytes[..end]).unwrap();
        *bytes = &bytes[end + 1..];
        line
    };
    line(&mut bytes);
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let header = line(&mut bytes);
        let length = usize::try_from(header["length"].as_u64().unwrap()).unwrap();
        items.push(Item {
            kind: header["type"].as_str().unwrap().to_owned(),
            payload: serde_json::from_slice(&bytes[..length]).unwrap(),
        });
        assert_eq!(bytes[length], b'\n');
        bytes = &bytes[length + 1..];
    }
    items
}

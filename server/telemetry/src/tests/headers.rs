//! Headers from a Secret.

use std::fs;
use std::path::PathBuf;

use super::collector::Collector;
use super::exporters::health;
use super::wait::until;
use super::{at, options};
use crate::State;
use crate::headers::{Headers, Unusable};

struct Secret(PathBuf);

impl Secret {
    fn new() -> Self {
        let path =
            std::env::temp_dir().join(format!("icelocator-headers-{:016x}", rand::random::<u64>()));
        Self(path)
    }

    fn with(self, key: &str, value: impl AsRef<[u8]>) -> Self {
        self.put(key, value);
        self
    }

    fn put(&self, key: &str, value: impl AsRef<[u8]>) {
        fs::create_dir_all(&self.0).unwrap();
        fs::write(self.0.join(key), value).unwrap();
    }

    async fn read(&self) -> Result<reqwest::header::HeaderMap, Unusable> {
        Headers::new(Some(self.0.clone())).read().await
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn each_key_is_a_header() {
    let secret = Secret::new()
        .with("Authorization", "Bearer invented-0001\n")
        .with("X-Scope-OrgID", "families");
    // As a cluster mounts it.
    fs::create_dir(secret.0.join("..2026_11_27")).unwrap();
    let headers = secret.read().await.unwrap();
    assert_eq!(headers.len(), 2);
    assert_eq!(headers["authorization"], "Bearer invented-0001");
    assert_eq!(headers["x-scope-orgid"], "families");
    assert!(!format!("{headers:?}").contains("invented-0001"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_by_its_key() {
    for (key, value) in [
        ("a b", "1"),
        ("naïve", "1"),
        ("Host", "1"),
        ("content-type", "1"),
        ("grpc-timeout", "1"),
        ("trace-bin", "1"),
    ] {
        let wrong = Secret::new()
            .with("good", "1")
            .with(key, value)
            .read()
            .await;
        assert_eq!(wrong, Err(Unusable::Name(key.to_owned())));
    }
    let long = "x".repeat(16 * 1024 + 1);
    for value in ["", "\n", "a\nb", "a\u{7f}", "é", long.as_str()] {
        let wrong = Secret::new().with("authorization", value).read().await;
        assert_eq!(wrong, Err(Unusable::Value("authorization".to_owned())));
    }
    let not_text = Secret::new()
        .with("authorization", [0xff, 0xfe])
        .read()
        .await;
    assert_eq!(not_text, Err(Unusable::Value("authorization".to_owned())));
    assert_eq!(Secret::new().read().await, Err(Unusable::Missing));
    let empty = Secret::new();
    fs::create_dir_all(&empty.0).unwrap();
    assert_eq!(empty.read().await, Err(Unusable::NoKeys));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_until_the_secret_is_there_and_right() {
    for protocol in ["grpc", "http"] {
        let (collector, secret) = (Collector::start().await, Secret::new());
        let otlp = at(protocol, &collector.url);
        let mut with_headers = options(Some(&otlp));
        with_headers.otlp_headers = Some(secret.0.clone());
        let (telemetry, dispatch) = crate::build(with_headers, Box::new(|_| {})).unwrap();
        tracing::dispatcher::with_default(&dispatch, || drop(tracing::info_span!("call")));
        let failure = || {
            let health = health(&telemetry, "otlp_traces");
            (health.state, health.last_failure)
        };
        until(async || failure() == (State::Waiting, Some("no_secret"))).await;
        secret.put("authorization", "é");
        until(async || failure() == (State::Waiting, Some("bad_header_value"))).await;
        assert_eq!(collector.pushes(), 0);
        secret.put("authorization", "Bearer invented-0001");
        collector.wait(|spans| spans.len() == 1).await;
        until(async || failure().0 == State::Ok).await;

        // From now on the other one.
        secret.put("authorization", "Bearer invented-0002");
        tracing::dispatcher::with_default(&dispatch, || drop(tracing::info_span!("call")));
        telemetry.shutdown(std::time::Duration::from_secs(20)).await;
        let sent = collector.headers();
        assert_eq!(
            sent.first().unwrap()["authorization"],
            "Bearer invented-0001"
        );
        assert_eq!(
            sent.last().unwrap()["authorization"],
            "Bearer invented-0002"
        );
    }
}

//! Calls and metrics to Datadog's intake, and that calls do not mind how it is with that.

use std::io::Read as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::support::people::{KNOWN, holds};
use crate::support::wait::until_ok;
use crate::support::{Scratch, Server, Simulator, begin, value};

const BY_NUMBER: &str = "search_detainee_by_alien_number";
const NOWHERE: &str = "http://127.0.0.1:1";

/// Takes what is sent with the right key.
#[derive(Clone, Default)]
struct Intake {
    logs: Arc<Mutex<Vec<Value>>>,
    series: Arc<Mutex<Vec<Value>>>,
}

impl Intake {
    async fn start() -> (Self, String) {
        let intake = Self::default();
        let router = Router::new()
            .route("/api/v2/logs", post(logs))
            .route("/api/v2/series", post(series))
            .with_state(intake.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        (intake, url)
    }

    fn logs(&self) -> Vec<Value> {
        self.logs.lock().unwrap().clone()
    }

    /// The sum of all that was told of a counter.
    fn counted(&self, metric: &str) -> f64 {
        let series = self.series.lock().unwrap();
        let mut counts = series
            .iter()
            .filter(|series| series["metric"] == metric && series["type"] == 1);
        counts
            .try_fold(0.0, |sum, one| {
                Some(sum + one["points"][0]["value"].as_f64()?)
            })
            .unwrap()
    }
}

async fn logs(State(intake): State<Intake>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Some(body) = unpacked(&headers, &body) else {
        return StatusCode::FORBIDDEN;
    };
    intake
        .logs
        .lock()
        .unwrap()
        .extend(body.as_array().unwrap().clone());
    StatusCode::ACCEPTED
}

async fn series(State(intake): State<Intake>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Some(body) = unpacked(&headers, &body) else {
        return StatusCode::FORBIDDEN;
    };
    let series = body["series"].as_array().unwrap().clone();
    intake.series.lock().unwrap().extend(series);
    StatusCode::ACCEPTED
}

fn unpacked(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    (headers.get("dd-api-key")? == "the-key").then_some(())?;
    assert_eq!(headers["content-encoding"], "gzip");
    let mut text = String::new();
    GzDecoder::new(body).read_to_string(&mut text).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// A server that sends to this intake, with its key in a Secret.
fn server(simulator: &str, intake: &str, secrets: &Scratch) -> Server {
    let settings = format!(
        "telemetry: {{datadog: {{apiKeySecretRef: {{name: datadog, key: api-key}}, intakeUrl: \"{intake}\", \
         env: test, tags: {{team: families}}}}}}"
    );
    let folder = secrets.path().to_str().unwrap();
    Server::with(simulator, &settings, &["--secrets-dir", folder])
}

async fn ready(server: &Server, wanted: &str) {
    until_ok(async || {
        let response = reqwest::get(format!("{}/readyz?verbose", server.watch))
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "it depends on no exporter");
        let text = response.text().await.unwrap();
        let is_there = text.contains(wanted).then_some(());
        is_there.ok_or_else(|| format!("no {wanted} in {text}"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_and_every_count_arrives_before_the_server_has_ended() {
    begin();
    let (simulator, secrets) = (Simulator::start(), Scratch::new());
    let (intake, url) = Intake::start().await;
    secrets.write_in("datadog", "api-key", "the-key\n");
    let mut server = server(&simulator.url, &url, &secrets);
    for _ in 0..20 {
        server.client.call(BY_NUMBER, KNOWN.by_number()).await;
    }
    server.client.request("detainees/dump", json!({})).await;
    ready(&server, "[+]datadog_logs: ok since ").await;
    server.process.signal("TERM");
    assert!(server.process.end().success());

    let logs = intake.logs();
    assert_eq!(logs.len(), 21);
    let log = &logs[0];
    assert_eq!(log["message"], format!("tools/call {BY_NUMBER}: found"));
    assert_eq!(log["status"], "info");
    assert_eq!(log["service"], "icelocator");
    assert_eq!(
        log["ddtags"],
        format!(
            "version:{},icelocator:icelocator,kube_namespace:local,env:test,team:families",
            env!("CARGO_PKG_VERSION")
        )
    );
    assert_eq!(log["gen_ai.tool.name"], BY_NUMBER);
    assert_eq!(log["icelocator"]["search"]["outcome"], "found");
    assert!(log["duration"].as_u64().unwrap() > 0);
    assert_eq!(logs[20]["status"], "warn");
    assert_eq!(
        intake.counted("icelocator.searches").to_bits(),
        20_f64.to_bits()
    );
    assert_eq!(
        intake.counted("icelocator.search.duration.count").to_bits(),
        20_f64.to_bits()
    );
    assert_eq!(
        intake
            .counted("icelocator.search.duration.bucket")
            .to_bits(),
        20_f64.to_bits()
    );

    let everything = format!("{logs:?}{:?}", intake.series.lock().unwrap());
    for secret in KNOWN.secrets() {
        assert!(!holds(&everything, &secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_comes_late_or_changes_loses_nothing() {
    begin();
    let secrets = Scratch::new();
    let (intake, url) = Intake::start().await;
    let mut server = server(NOWHERE, &url, &secrets);
    server.client.request("ping", json!({})).await;
    ready(&server, "[-]datadog_logs: waiting since ").await;
    ready(&server, "last failure no_secret").await;
    secrets.write_in("datadog", "api-key", "another-key");
    ready(&server, "last failure unauthorized").await;
    secrets.write_in("datadog", "api-key", "the-key");
    server.process.signal("TERM");
    assert!(server.process.end().success());
    assert_eq!(intake.logs().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_answered_and_drops_counted_when_nobody_takes_what_is_sent() {
    begin();
    let secrets = Scratch::new();
    secrets.write_in("datadog", "api-key", "the-key");
    let mut server = server(NOWHERE, NOWHERE, &secrets);
    for _ in 0..50 {
        assert_eq!(server.client.request("ping", json!({})).await.status, 200);
    }
    ready(&server, "[-]datadog_logs: failing since ").await;
    ready(
        &server,
        "50 queued, 0 delivered, 0 dropped, last failure unreachable",
    )
    .await;
    let metrics = server.metrics().await;
    let queued = ["icelocator_sink_queue_items{", "datadog_logs"];
    assert_eq!(value(&metrics, &queued).to_bits(), 50_f64.to_bits());
    server.process.signal("TERM");
    assert!(server.process.end().success(), "it ends nonetheless");
}

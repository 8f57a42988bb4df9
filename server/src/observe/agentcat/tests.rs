use std::path::{Path, PathBuf};
use std::sync::Arc;

use agentcat::HandBack;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use icelocator_config::SecretKeyRef;
use icelocator_delivery::Guard;
use icelocator_redaction::Kind as Sensitive;
use icelocator_telemetry::listener;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::metrics::noop::NoopMeterProvider;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::caller::Caller;
use crate::observe::{Client, Outcome, Parameter, SearchReport, Transport};
use crate::privacy::{Privacy, Shown};
use crate::search::Facts;

const PROJECT: &str = "proj_123";
const PATIENCE: Duration = Duration::from_secs(30);

struct World {
    sink: AgentCat,
    outboxes: Arc<Outboxes>,
    received: UnboundedReceiver<Json>,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn takes(State(received): State<UnboundedSender<Json>>, body: Bytes) -> StatusCode {
    let _ = received.send(serde_json::from_slice(&body).unwrap());
    StatusCode::ACCEPTED
}

impl World {
    async fn new() -> Self {
        let (sender, received) = unbounded_channel();
        let router = Router::new()
            .route("/v1/public/events/", post(takes))
            .with_state(sender);
        let listener = listener::bind("127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(listener::serve(listener, router, stop, PATIENCE));

        let folder = std::env::temp_dir().join(format!("agentcat-{}", uuid::Uuid::new_v4()));
        let settings = Analytics {
            enabled: true,
            project_id_secret_ref: Some(SecretKeyRef {
                name: "analytics".to_owned(),
                key: "project".to_owned(),
            }),
            endpoint: Some(format!("http://{address}").parse().unwrap()),
            capture_intent: false,
            issue_sessions: false,
        };
        let mounts = Mounts {
            secrets: folder.clone(),
            ..Mounts::default()
        };
        let meter = NoopMeterProvider::new().meter("test");
        let outboxes = Arc::new(Outboxes::new(&meter, Guard::none(), "icelocator/test"));
        let sink = AgentCat::open(&settings, &mounts, &outboxes)
            .unwrap()
            .unwrap();
        Self {
            sink,
            outboxes,
            received,
            folder,
        }
    }

    async fn with_project() -> Self {
        let world = Self::new().await;
        world.say_project();
        world
    }

    fn say_project(&self) {
        let folder: &Path = &self.folder.join("analytics");
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("project"), format!("{PROJECT}\n")).unwrap();
    }

    fn take(&self, event: CallEvent) {
        let event = Privacy::default().redact(event, &Shown::default());
        self.sink.take(&Arc::new(event));
    }

    /// The next events, however they overtook one another: first who, then what.
    async fn next<const N: usize>(&mut self) -> [Json; N] {
        let mut events = Vec::new();
        for _ in 0..N {
            events.push(
                timeout(PATIENCE, self.received.recv())
                    .await
                    .unwrap()
                    .unwrap(),
            );
        }
        events.sort_by_key(|event| event["event_type"].to_string());
        events.try_into().unwrap()
    }
}

fn call() -> CallEvent {
    CallEvent {
        at: "2026-03-01T12:30:15.123Z".parse().unwrap(),
        duration: Duration::from_millis(250),
        tool: Some("search_detainee_by_name"),
        protocol: Some("2025-11-25"),
        client: Client {
            name: "claude-ai".to_owned(),
            version: "1.0".to_owned(),
        },
        request_bytes: 300,
        response_bytes: 812,
        ..CallEvent::default()
    }
}

fn later(minutes: i64) -> jiff::Timestamp {
    call().at + jiff::SignedDuration::from_mins(minutes)
}

fn by(pseudonym: &str) -> Caller {
    Caller {
        pseudonym: Some(pseudonym.to_owned()),
        ..Caller::default()
    }
}

#[tokio::test]
async fn a_call_is_sent_with_who_called_and_nothing_of_whom_they_look_for() {
    let mut world = World::with_project().await;
    let given = |name, value| Parameter { name, value };
    world.take(CallEvent {
        parameters: vec![
            given(
                "last_name",
                Value::Sensitive(Sensitive::Name, "Plantada".to_owned()),
            ),
            given("exact", Value::Plain("true".to_owned())),
            given("photo", Value::Withheld),
        ],
        intent: Some("Looking for somebody with A 900 000 002.".to_owned()),
        caller: by("caller-1"),
        session: Some("abc".to_owned()),
        search: Some(SearchReport {
            outcome: Outcome::Found,
            language: "es",
            duration: Duration::from_millis(200),
            people: 1,
            facts: Facts {
                lookups: 3,
                remembered: 1,
                matcher: Some("exact"),
                rank: Some(1),
                strategy: Some("direct"),
                ..Facts::default()
            },
            refused: None,
        }),
        ..call()
    });
    let [who, what] = world.next().await;
    for event in [&who, &what] {
        assert_eq!(event["project_id"], PROJECT);
        // Of ("abc", "proj_123"), as the public SDKs have it.
        assert_eq!(event["session_id"], "ses_2anodJC2ss4AQh8CdYbxl09NnHW");
        assert_eq!(event["identify_actor_given_id"], "caller-1");
        assert_eq!(
            event["identify_data"],
            json!({
                "client_type": "claude",
                "language": "es",
                "auth": "anonymous",
                "search_pattern": ["last_name", "exact", "photo"],
            })
        );
        assert_eq!(event["server_name"], "icelocator");
        assert_eq!(event["client_name"], "claude");
        assert!(!event.to_string().contains("Plantada") && !event.to_string().contains("900"));
        assert!(event.get("ip_address").is_none());
    }
    assert_eq!(who["event_type"], "agentcat:identify");
    assert_eq!(what["event_type"], "mcp:tools/call");
    assert_eq!(what["resource_name"], "search_detainee_by_name");
    assert_eq!(what["duration"], 250);
    assert_eq!(what["is_error"], false);
    assert!(
        what["user_intent"]
            .as_str()
            .unwrap()
            .starts_with("Looking for somebody")
    );
    assert_eq!(what["parameters"]["exact"], "true");
    assert_eq!(what["parameters"]["photo"], "[withheld]");
    assert!(what["parameters"]["last_name"].is_string());
    assert_eq!(
        what["response"],
        json!({
            "outcome": "found",
            "people": 1,
            "lookups": 3,
            "cache": 1,
            "matcher": "exact",
            "rank": 1,
            "strategy": "direct",
            "bytes": 812,
        })
    );
    assert_eq!(
        what["tags"],
        json!({"tool": "search_detainee_by_name", "outcome": "found", "language": "es"})
    );
    assert_eq!(what["properties"]["protocol"], "2025-11-25");
    assert_eq!(what["properties"]["transport"], "tcp");
}

#[tokio::test]
async fn it_is_told_once_an_hour_who_somebody_is() {
    let mut world = World::with_project().await;
    for caller in ["caller-1", "caller-2", "caller-1", "caller-1"] {
        world.take(CallEvent {
            caller: by(caller),
            ..call()
        });
    }
    let events: [Json; 6] = world.next().await;
    let told: Vec<&Json> = events
        .iter()
        .filter(|event| event["event_type"] == "agentcat:identify")
        .collect();
    assert_eq!(told.len(), 2);
    assert_ne!(
        told[0]["identify_actor_given_id"],
        told[1]["identify_actor_given_id"]
    );
}

#[tokio::test]
async fn callers_without_sessions_are_in_one_by_time_and_strangers_in_one_a_call() {
    let mut world = World::with_project().await;
    for (caller, minutes) in [
        (by("caller-1"), 0),
        (by("caller-1"), 29),
        (by("caller-1"), 90),
        (Caller::default(), 0),
        (Caller::default(), 0),
    ] {
        world.take(CallEvent {
            caller,
            at: later(minutes),
            ..call()
        });
    }
    let events: [Json; 6] = world.next().await;
    let sessions = |known: bool| {
        let calls = events
            .iter()
            .filter(|event| event["event_type"] == "mcp:tools/call");
        let mut sessions: Vec<String> = calls
            .filter(|event| event.get("identify_actor_given_id").is_some() == known)
            .map(|event| event["session_id"].to_string())
            .collect();
        let calls = sessions.len();
        sessions.sort();
        sessions.dedup();
        (calls, sessions.len())
    };
    assert_eq!(sessions(true), (3, 2));
    assert_eq!(sessions(false), (2, 2));
}

#[tokio::test]
async fn who_started_the_server_is_in_one_session_by_time() {
    let mut world = World::with_project().await;
    let mut sessions = Vec::new();
    for minutes in [0, 29, 90] {
        world.take(CallEvent {
            transport: Transport::Stdio,
            at: later(minutes),
            ..call()
        });
        let [event] = world.next().await;
        sessions.push(event["session_id"].to_string());
    }
    assert!(sessions[0] == sessions[1] && sessions[1] != sessions[2]);
}

#[tokio::test]
async fn the_session_that_a_model_says_is_the_calls_and_one_made_up_is_none() {
    let mut world = World::with_project().await;
    let id: SessionId = "ses_2b76b5c3oMhg5A9390UGH7YtCpD".parse().unwrap();
    for (handed_back, session) in [
        (HandBack::Issued(id.clone()), json!(id.as_str())),
        (HandBack::Active(id.clone()), json!(id.as_str())),
        (HandBack::Unrecognized, Json::Null),
    ] {
        world.take(CallEvent {
            handed_back: Some(handed_back),
            ..call()
        });
        let [event] = world.next().await;
        assert_eq!(event["session_id"], session);
    }
}

#[tokio::test]
async fn what_went_wrong_and_what_the_service_has_no_type_for_is_told_too() {
    let mut world = World::with_project().await;
    world.take(CallEvent {
        ending: Ending::Error(-32602),
        error: Some("no such parameter".to_owned()),
        ..call()
    });
    let [event] = world.next().await;
    assert_eq!(event["is_error"], true);
    assert_eq!(
        event["error"],
        json!({"message": "no such parameter", "type": "-32602", "platform": "rust"})
    );
    world.take(CallEvent {
        method: "server/discover",
        tool: None,
        ending: Ending::TimedOut,
        ..call()
    });
    let [event] = world.next().await;
    assert_eq!(event["event_type"], "agentcat:custom");
    assert_eq!(event["resource_name"], "server/discover");
    assert_eq!(event["error"]["message"], "timeout");
}

#[tokio::test]
async fn events_wait_for_the_project_to_be_known() {
    let mut world = World::new().await;
    world.take(call());
    let health = || world.outboxes.health().into_iter().next().unwrap();
    timeout(PATIENCE, async {
        while health().last_failure != Some("no_secret") {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    world.say_project();
    let [event] = world.next().await;
    assert_eq!(event["project_id"], PROJECT);
    world.outboxes.drain(PATIENCE).await;
    assert_eq!(world.outboxes.health()[0].dropped, 0);
}

#[tokio::test]
async fn nothing_is_opened_where_it_is_switched_off() {
    let meter = NoopMeterProvider::new().meter("test");
    let outboxes = Outboxes::new(&meter, Guard::none(), "icelocator/test");
    let settings = Analytics {
        enabled: false,
        project_id_secret_ref: None,
        endpoint: None,
        capture_intent: false,
        issue_sessions: false,
    };
    let sink = AgentCat::open(&settings, &Mounts::default(), &outboxes).unwrap();
    assert!(sink.is_none() && outboxes.health().is_empty());
}

//! A server whose events arrive in the test, as AgentCat gets them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::client::Client;
use super::people::KNOWN;
use super::wait::PATIENCE;
use super::{Scratch, Server, Simulator, begin};

pub const BY_NAME: &str = "search_detainee_by_name";
pub const BY_NUMBER: &str = "search_detainee_by_alien_number";
pub const BULK: &str = "bulk_search_detainees";
pub const REPORT: &str = "generate_search_report";
pub const INTENT: &str = "captureIntent: true";
pub const SESSIONS: &str = "issueSessions: true";

/// AgentCat, its project, and what has arrived.
pub struct AgentCat {
    /// The section of the settings that names it.
    pub settings: String,
    secrets: Scratch,
    events: UnboundedReceiver<Value>,
}

async fn takes(
    State(events): State<UnboundedSender<Value>>,
    Json(event): Json<Value>,
) -> StatusCode {
    let _ = events.send(event);
    StatusCode::ACCEPTED
}

impl AgentCat {
    /// With these further settings of analytics.
    pub async fn new(more: &str) -> Self {
        let (sender, events) = unbounded_channel();
        let router = Router::new()
            .route("/v1/public/events/", post(takes))
            .with_state(sender);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        let secrets = Scratch::new();
        secrets.write_in("agentcat", "project", "proj_test");
        Self {
            settings: format!(
                "analytics: {{projectIdSecretRef: {{name: agentcat, key: project}}, endpoint: \"{url}\", {more}}}"
            ),
            secrets,
            events,
        }
    }

    /// The folder with the Secret.
    pub fn secrets(&self) -> &str {
        self.secrets.path().to_str().unwrap()
    }

    /// The next event of a tool.
    pub async fn event(&mut self) -> Value {
        loop {
            let event = tokio::time::timeout(PATIENCE, self.events.recv());
            let event = event.await.unwrap().unwrap();
            if event["event_type"] == "mcp:tools/call" {
                return event;
            }
        }
    }

    /// Whether nothing has arrived.
    pub fn is_idle(&mut self) -> bool {
        self.events.try_recv().is_err()
    }
}

/// A server over HTTP that sends there.
pub struct World {
    pub server: Server,
    pub agentcat: AgentCat,
    _simulator: Simulator,
}

impl World {
    /// With these settings of analytics, and further ones.
    pub async fn new(analytics: &str, more: &str) -> Self {
        begin();
        let simulator = Simulator::start();
        let agentcat = AgentCat::new(analytics).await;
        let settings = format!("{}\n{more}", agentcat.settings);
        let arguments = ["--secrets-dir", agentcat.secrets()];
        Self {
            server: Server::with(&simulator.url, &settings, &arguments),
            agentcat,
            _simulator: simulator,
        }
    }

    /// A client of the generation without sessions.
    pub fn client(&self) -> Client {
        self.server.client.modern()
    }

    /// A client in a session.
    pub async fn in_session(&self) -> Client {
        let client = &self.server.client;
        let session = client.initialize().await.session().unwrap();
        client.header("mcp-session-id", &session)
    }

    /// The next event of a tool.
    pub async fn event(&mut self) -> Value {
        self.agentcat.event().await
    }
}

/// All tools as this client sees them.
pub async fn tools(client: &Client) -> Vec<Value> {
    let listed = client.request("tools/list", json!({})).await.result();
    let tools = listed["tools"].as_array().unwrap().clone();
    assert_eq!(tools.len(), 5);
    tools
}

/// Whether the tool says that it must be given this.
pub fn requires(tool: &Value, parameter: &str) -> bool {
    let required = tool["inputSchema"]["required"].as_array().unwrap();
    required.contains(&json!(parameter))
}

/// The same with further arguments.
pub fn with(mut given: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        given[name] = value.clone();
    }
    given
}

/// Each tool with what it takes at least; the report last.
pub fn calls() -> [(&'static str, Value); 5] {
    let requests = json!([KNOWN.by_number()]);
    [
        (BY_NAME, KNOWN.by_name()),
        (BY_NUMBER, KNOWN.by_number()),
        (
            "smart_detainee_search",
            json!({"query": "A900000002, Honduras"}),
        ),
        (BULK, json!({"requests": requests})),
        (
            REPORT,
            json!({"report_type": "family", "requests": requests}),
        ),
    ]
}

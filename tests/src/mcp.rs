//! A small MCP client over Streamable HTTP, written from the specification and not with the server's
//! library, so that both cannot be wrong in the same way. It speaks both generations: the one that begins
//! with `initialize` and the one that says everything with each request.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// The newest generation: no handshake, no session.
pub const MODERN: &str = "2026-07-28";
/// The newest version that begins with `initialize`.
pub const LEGACY: &str = "2025-11-25";

/// The two tools of the server.
pub const BY_NAME: &str = "search_detainee_by_name";
pub const BY_NUMBER: &str = "search_detainee_by_alien_number";

/// A client of one endpoint.
#[derive(Clone)]
pub struct Mcp {
    http: reqwest::Client,
    url: String,
    /// Shown with each request.
    token: Option<String>,
}

/// What a client carries from request to request.
#[derive(Debug, Clone)]
pub struct Session {
    pub version: String,
    /// `Mcp-Session-Id`, where the server gave one.
    pub id: Option<String>,
}

/// Beyond the arguments: what a request carries for tracing.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// Added to `params._meta`.
    pub meta: serde_json::Map<String, Value>,
    pub headers: Vec<(&'static str, String)>,
}

/// A tool's answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub is_error: bool,
    pub structured: Value,
    /// The text for the model.
    pub text: String,
}

impl Answer {
    /// The outcome that the structured content states.
    pub fn outcome(&self) -> &str {
        self.structured["outcome"].as_str().unwrap_or_default()
    }
}

impl Mcp {
    /// A client of the server at `base` (`http://host:port`) that keeps its connections.
    pub fn new(base: &str) -> Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_mins(1))
            .build()?;
        Ok(Self {
            http,
            url: format!("{base}/mcp"),
            token: None,
        })
    }

    /// A client that makes a new connection for each request, as short-lived clients do.
    pub fn without_keep_alive(base: &str) -> Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_mins(1))
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self {
            http,
            url: format!("{base}/mcp"),
            token: None,
        })
    }

    /// The same client, which shows this token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// A session of the newest generation, which needs no request.
    pub fn modern() -> Session {
        Session {
            version: MODERN.to_owned(),
            id: None,
        }
    }

    /// Shakes hands as `client`, and confirms.
    pub async fn initialize(&self, version: &str, client: &str) -> Result<Session> {
        let params = json!({
            "protocolVersion": version,
            "capabilities": {},
            "clientInfo": {"name": client, "version": "1.0"},
        });
        let body = request("initialize", &params);
        let response = self.post(&body, &[]).await?;
        let id = response.headers().get("mcp-session-id");
        let id = id.and_then(|id| id.to_str().ok()).map(str::to_owned);
        let result = result_of(response).await?;
        let agreed = result["protocolVersion"]
            .as_str()
            .context("no protocolVersion in the answer")?;
        let session = Session {
            version: agreed.to_owned(),
            id,
        };
        let confirmation = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let headers = session.headers();
        let confirmed = self.post(&confirmation, &headers).await?;
        ensure!(
            confirmed.status().is_success(),
            "initialized: HTTP {}",
            confirmed.status()
        );
        Ok(session)
    }

    /// Any request; its result.
    pub async fn request(
        &self,
        session: &Session,
        method: &str,
        mut params: Value,
        extras: &Extras,
    ) -> Result<Value> {
        let headers = headers_of(session, method, &mut params, extras);
        result_of(self.post(&request(method, &params), &headers).await?).await
    }

    /// Calls a tool; the answer as it came over HTTP.
    pub async fn call_raw(
        &self,
        session: &Session,
        tool: &str,
        arguments: Value,
    ) -> Result<reqwest::Response> {
        let mut params = json!({"name": tool, "arguments": arguments});
        let headers = headers_of(session, "tools/call", &mut params, &Extras::default());
        self.post(&request("tools/call", &params), &headers).await
    }

    /// Calls a tool.
    pub async fn call(&self, session: &Session, tool: &str, arguments: Value) -> Result<Answer> {
        self.call_with(session, tool, arguments, &Extras::default())
            .await
    }

    /// Calls a tool with something beside the arguments.
    pub async fn call_with(
        &self,
        session: &Session,
        tool: &str,
        arguments: Value,
        extras: &Extras,
    ) -> Result<Answer> {
        let params = json!({"name": tool, "arguments": arguments});
        let result = self.request(session, "tools/call", params, extras).await?;
        let content = result["content"]
            .as_array()
            .context("a tool's answer without content")?;
        let texts: Vec<&str> = content
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect();
        Ok(Answer {
            is_error: result["isError"].as_bool().unwrap_or(false),
            structured: result["structuredContent"].clone(),
            text: texts.join("\n"),
        })
    }

    async fn post(
        &self,
        body: &Value,
        headers: &[(&'static str, String)],
    ) -> Result<reqwest::Response> {
        let mut request = self
            .http
            .post(&self.url)
            .header("accept", "application/json, text/event-stream")
            .json(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        Ok(request.send().await?)
    }
}

impl Session {
    fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("mcp-protocol-version", self.version.clone())];
        headers.extend(self.id.clone().map(|id| ("mcp-session-id", id)));
        headers
    }
}

/// What a request of this session carries: its headers, and what it says in `params._meta`.
fn headers_of(
    session: &Session,
    method: &str,
    params: &mut Value,
    extras: &Extras,
) -> Vec<(&'static str, String)> {
    let mut headers = session.headers();
    let mut meta = extras.meta.clone();
    if session.version == MODERN {
        meta.insert(
            "io.modelcontextprotocol/protocolVersion".into(),
            json!(MODERN),
        );
        meta.insert(
            "io.modelcontextprotocol/clientCapabilities".into(),
            json!({}),
        );
        meta.entry("io.modelcontextprotocol/clientInfo")
            .or_insert_with(|| json!({"name": "icelocator-tests", "version": "1.0"}));
        headers.push(("mcp-method", method.to_owned()));
        if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
            headers.push(("mcp-name", name.to_owned()));
        }
    }
    if !meta.is_empty() {
        params["_meta"] = Value::Object(meta);
    }
    headers.extend(extras.headers.iter().cloned());
    headers
}

fn request(method: &str, params: &Value) -> Value {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

/// The JSON-RPC result in a response, be it plain JSON or the last event of a stream.
async fn result_of(response: reqwest::Response) -> Result<Value> {
    let status = response.status();
    let kind = response.headers().get("content-type");
    let streamed = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let body = response.text().await.context("the answer broke off")?;
    let message: Value = if streamed {
        let last = body
            .lines()
            .filter_map(|line| line.strip_prefix("data:"))
            .next_back();
        serde_json::from_str(last.context("a stream without an event")?)?
    } else {
        serde_json::from_str(&body).with_context(|| format!("HTTP {status}: {body}"))?
    };
    if let Some(error) = message.get("error") {
        bail!("HTTP {status}: {error}");
    }
    ensure!(status.is_success(), "HTTP {status}: {body}");
    message
        .get("result")
        .cloned()
        .with_context(|| format!("no result in {body}"))
}

//! Whether an MCP client gets an answer: a real handshake (`initialize`, then `tools/list`) through the Service. A server
//! that is to know its callers must ask for a token instead: the operator has none, and one that lets it in lets in anyone.
//!
//! In a cluster the Service is reached by its name. Outside, for development, the API server's proxy leads to it. What
//! goes wrong is told by constant words: an error that reads differently each time would change the status each time.

use std::time::Duration;

use http::{HeaderMap, Method, Request, StatusCode, header};
use icelocator_config::Auth;
use kube::Client;
use serde_json::{Value, json};

use crate::api::ServerStatus;
use crate::resources::service;

/// The newest version that has `initialize`.
const PROTOCOL: &str = "2025-11-25";
/// The newest version without it; its servers say what they speak.
const STATELESS_PROTOCOL: &str = "2026-07-28";
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(5);
/// The largest answer that is read.
const LARGEST_ANSWER: usize = 256 * 1024;
const SESSION: &str = "mcp-session-id";
const VERSION: &str = "mcp-protocol-version";

/// Why an MCP client gets no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// Nobody answered.
    #[error(
        "{0}: no connection; are the pods ready, and does a network policy keep the operator out?"
    )]
    NoConnection(&'static str),
    /// The answer took too long.
    #[error("{method}: no answer within {} s", ANSWER.as_secs())]
    TimedOut { method: &'static str },
    /// The answer was not a success.
    #[error("{method}: answered HTTP {status}")]
    Status { method: &'static str, status: u16 },
    /// A token is wanted.
    #[error("{0}: wants a token, although the resource says that anyone may call")]
    TokenWanted(&'static str),
    /// No token is wanted.
    #[error(
        "{0}: answered a caller without a token, although the resource says how callers are known"
    )]
    LetsAnyoneIn(&'static str),
    /// The answer was not MCP.
    #[error("{0}: answered, but not in MCP: is this image an IceLocator server?")]
    NotMcp(&'static str),
    /// The server refused.
    #[error("{method}: refused with JSON-RPC error {code}")]
    Refused { method: &'static str, code: i64 },
    /// The server has no tools.
    #[error("tools/list: the server offers no tools")]
    NoTools,
    /// No client could be made.
    #[error("the HTTP client cannot be made")]
    NoClient,
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callers {
    /// Anyone.
    Anyone,
    /// Those who show a token.
    WithToken,
}

impl Callers {
    /// Who may call a server with this section.
    pub fn of(auth: &Auth) -> Self {
        if auth.anonymous {
            Self::Anyone
        } else {
            Self::WithToken
        }
    }
}

/// How a server received the operator, as it should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// It answered; this it says it is.
    Answered(ServerStatus),
    /// It wants a token.
    AsksForToken,
}

/// How Services are reached.
#[derive(Clone)]
pub enum Route {
    /// By their names, from within the cluster.
    Service(reqwest::Client),
    /// Through the API server, from anywhere.
    Proxy(Client),
}

struct Answer {
    session: Option<String>,
    body: String,
}

impl Route {
    /// The way for a process within the cluster.
    pub fn service() -> Result<Self, HandshakeError> {
        // A proxy that the environment names leads out of the cluster.
        let client = reqwest::Client::builder()
            .timeout(ANSWER)
            .no_proxy()
            // Who may run a server must not choose what this process asks.
            .redirect(reqwest::redirect::Policy::none())
            .build();
        client
            .map(Self::Service)
            .map_err(|_| HandshakeError::NoClient)
    }

    async fn post(
        &self,
        server: (&str, &str),
        method: &'static str,
        headers: &[(&'static str, String)],
        message: &Value,
    ) -> Result<Answer, HandshakeError> {
        let sent = async {
            match self {
                Self::Service(client) => by_name(client, server, method, headers, message).await,
                Self::Proxy(client) => by_proxy(client, server, method, headers, message).await,
            }
        };
        tokio::time::timeout(ANSWER, sent)
            .await
            .map_err(|_| HandshakeError::TimedOut { method })?
    }
}

async fn by_name(
    client: &reqwest::Client,
    (namespace, name): (&str, &str),
    method: &'static str,
    headers: &[(&'static str, String)],
    message: &Value,
) -> Result<Answer, HandshakeError> {
    let mut request = client.post(service::url(namespace, name)).json(message);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let failed = |error: reqwest::Error| {
        if error.is_timeout() {
            HandshakeError::TimedOut { method }
        } else {
            HandshakeError::NoConnection(method)
        }
    };
    let mut response = request.send().await.map_err(failed)?;
    let session = taken(method, response.status(), response.headers())?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            return Err(HandshakeError::NotMcp(method));
        }
    }
    let body = String::from_utf8(body).map_err(|_| HandshakeError::NotMcp(method))?;
    Ok(Answer { session, body })
}

/// The session that an answer opens or goes on with, if the message was taken.
fn taken(
    method: &'static str,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<String>, HandshakeError> {
    let wanted = headers.get(header::WWW_AUTHENTICATE);
    let wanted = wanted.and_then(|wanted| wanted.as_bytes().get(..6));
    if status == StatusCode::UNAUTHORIZED
        && wanted.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
    {
        return Err(HandshakeError::TokenWanted(method));
    }
    if !status.is_success() {
        return Err(HandshakeError::Status {
            method,
            status: status.as_u16(),
        });
    }
    let session = headers.get(SESSION).and_then(|id| id.to_str().ok());
    Ok(session.map(str::to_owned))
}

async fn by_proxy(
    client: &Client,
    (namespace, name): (&str, &str),
    method: &'static str,
    headers: &[(&'static str, String)],
    message: &Value,
) -> Result<Answer, HandshakeError> {
    let path = format!("/api/v1/namespaces/{namespace}/services/{name}:http/proxy/mcp");
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request
        .body(message.to_string().into_bytes().into())
        .map_err(|_| HandshakeError::NoClient)?;
    let response = client
        .send(request)
        .await
        .map_err(|_| HandshakeError::NoConnection(method))?;
    let session = taken(method, response.status(), response.headers())?;
    let body =
        axum::body::to_bytes(axum::body::Body::new(response.into_body()), LARGEST_ANSWER).await;
    let body = body
        .ok()
        .and_then(|body| String::from_utf8(body.to_vec()).ok());
    Ok(Answer {
        session,
        body: body.ok_or(HandshakeError::NotMcp(method))?,
    })
}

/// Shakes hands with the server `name`, which is to take `callers`.
pub async fn handshake(
    route: &Route,
    namespace: &str,
    name: &str,
    callers: Callers,
) -> Result<Handshake, HandshakeError> {
    let server = (namespace, name);
    let accept = (
        header::ACCEPT.as_str(),
        "application/json, text/event-stream".to_owned(),
    );

    let hello = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": PROTOCOL,
            "capabilities": {},
            "clientInfo": {"name": "icelocator-operator", "version": env!("CARGO_PKG_VERSION")},
        },
    });
    let answer = route
        .post(server, "initialize", std::slice::from_ref(&accept), &hello)
        .await;
    let answer = match (callers, answer) {
        (Callers::WithToken, Err(HandshakeError::TokenWanted(_))) => {
            return Ok(Handshake::AsksForToken);
        }
        (Callers::WithToken, Ok(_)) => return Err(HandshakeError::LetsAnyoneIn("initialize")),
        (_, answer) => answer?,
    };
    let welcome = result("initialize", &answer.body)?;
    let protocol = welcome["protocolVersion"]
        .as_str()
        .ok_or(HandshakeError::NotMcp("initialize"))?
        .to_owned();
    let version = welcome
        .pointer("/serverInfo/version")
        .and_then(Value::as_str)
        .map(str::to_owned);

    let mut headers = vec![accept.clone(), (VERSION, protocol.clone())];
    headers.extend(answer.session.map(|session| (SESSION, session)));
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    route
        .post(server, "notifications/initialized", &headers, &ready)
        .await?;

    let list = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}});
    let answer = route.post(server, "tools/list", &headers, &list).await?;
    let tools = result("tools/list", &answer.body)?;
    if tools["tools"].as_array().is_none_or(Vec::is_empty) {
        return Err(HandshakeError::NoTools);
    }

    // Older servers do not know this; what they answered to `initialize` is then all that is known.
    let protocol_versions = discover(route, server, accept)
        .await
        .unwrap_or_else(|| vec![protocol]);
    Ok(Handshake::Answered(ServerStatus {
        version,
        protocol_versions,
    }))
}

async fn discover(
    route: &Route,
    server: (&str, &str),
    accept: (&'static str, String),
) -> Option<Vec<String>> {
    let client = json!({"name": "icelocator-operator", "version": env!("CARGO_PKG_VERSION")});
    let ask = json!({
        "jsonrpc": "2.0", "id": 3, "method": "server/discover",
        "params": {"_meta": {
            "io.modelcontextprotocol/protocolVersion": STATELESS_PROTOCOL,
            "io.modelcontextprotocol/clientInfo": client,
            "io.modelcontextprotocol/clientCapabilities": {},
        }},
    });
    let headers = [
        accept,
        (VERSION, STATELESS_PROTOCOL.to_owned()),
        ("mcp-method", "server/discover".to_owned()),
    ];
    let answer = route
        .post(server, "server/discover", &headers, &ask)
        .await
        .ok()?;
    let found = result("server/discover", &answer.body).ok()?;
    let mut versions: Vec<String> =
        serde_json::from_value(found["supportedVersions"].clone()).ok()?;
    // Dates: the newest first.
    versions.sort_unstable_by(|a, b| b.cmp(a));
    (!versions.is_empty()).then_some(versions)
}

/// The result in an answer, which is JSON or a stream of events with JSON in it.
fn result(method: &'static str, body: &str) -> Result<Value, HandshakeError> {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    let is_answer = |value: &Value| value.get("result").is_some() || value.get("error").is_some();
    let in_events = || {
        body.lines()
            .filter_map(|line| parse(line.strip_prefix("data:")?))
            .find(is_answer)
    };
    let mut answer = parse(body)
        .or_else(in_events)
        .ok_or(HandshakeError::NotMcp(method))?;
    if let Some(code) = answer.pointer("/error/code").and_then(Value::as_i64) {
        return Err(HandshakeError::Refused { method, code });
    }
    answer
        .get_mut("result")
        .map(Value::take)
        .ok_or(HandshakeError::NotMcp(method))
}

#[cfg(test)]
mod tests;

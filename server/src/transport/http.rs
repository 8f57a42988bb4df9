//! Streamable HTTP, stateless: any replica answers any request. Around the protocol's library stands what it does not
//! bring: sealed sessions, the server span and call event, limits on size, number and time.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use rmcp::transport::StreamableHttpService;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

use super::envelope::Envelope;
use super::limit::Places;
use super::origin::{self, OwnNames};
use super::session::{Sealer, Session};
use crate::mcp::Face;
use crate::observe::{Call, Ending, Observer};

/// Largest request body: no argument is longer than a hundred characters, and what else a client says is short too.
const LARGEST_BODY: usize = 64 * 1024;
/// Longest time for a request's body to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
const SESSION_HEADER: &str = "mcp-session-id";
/// What clients know as "this session is gone".
const SESSION_GONE: i64 = -32001;
const BUSY: i64 = -32000;

/// What it takes to serve MCP over HTTP.
pub struct Settings {
    /// Room for calls.
    pub places: Places,
    /// Longest time for a call: only a bug takes this long, as the search gives up before.
    pub call_timeout: Duration,
    /// Seals session ids.
    pub sealer: Sealer,
    /// Names of this server for browsers.
    pub names: OwnNames,
}

type Protocol = StreamableHttpService<Face, NeverSessionManager>;

struct Server {
    protocol: Protocol,
    observer: Arc<Observer>,
    places: Places,
    call_timeout: Duration,
    sealer: Sealer,
}

/// The routes of the `http` port: `POST /mcp`. Streams and deletion are for servers that remember sessions: 405.
pub fn router(face: Face, observer: Arc<Observer>, settings: Settings) -> Router {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(LARGEST_BODY)
        // `origin` says which browsers may call; programs reach us under any name.
        .disable_allowed_hosts();
    let server = Server {
        protocol: StreamableHttpService::new(
            move || Ok(face.clone()),
            Arc::new(NeverSessionManager::default()),
            config,
        ),
        observer,
        places: settings.places,
        call_timeout: settings.call_timeout,
        sealer: settings.sealer,
    };
    Router::new()
        .route("/mcp", post(mcp))
        .with_state(Arc::new(server))
        .layer(from_fn_with_state(settings.names, origin::check))
        .layer(CatchPanicLayer::custom(|_| {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }))
}

async fn mcp(State(server): State<Arc<Server>>, request: Request) -> Response {
    let Some(reading) = server.places.take_reading() else {
        return busy(&Envelope::default());
    };
    let (mut parts, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, LARGEST_BODY)).await {
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Ok(Ok(body)) => body,
    };
    let envelope = Envelope::read(&parts.headers, &body);
    let Some(_place) = server.places.take() else {
        return busy(&envelope);
    };
    drop(reading);

    let Ok(session) = server.session(&parts.headers, &envelope) else {
        let call = server.observer.begin(envelope.arrival());
        call.finish(Ending::Refused(StatusCode::NOT_FOUND.as_u16()));
        return session_gone(&envelope);
    };
    let mut arrival = envelope.arrival();
    arrival.client = envelope.client();
    if let Some(session) = &session {
        arrival.session = Some(session.digest());
        if arrival.client.name.is_empty() {
            arrival.client = session.client.clone();
        }
    }
    let call = server.observer.begin(arrival);
    parts.extensions.insert(call.context());

    let work = server
        .protocol
        .clone()
        .oneshot(Request::from_parts(parts, Body::from(body)))
        .instrument(call.span().clone());
    let Ok(Ok(response)) = tokio::time::timeout(server.call_timeout, work).await else {
        call.finish(Ending::TimedOut);
        return StatusCode::GATEWAY_TIMEOUT.into_response();
    };
    let new_session = session.filter(|_| envelope.is_initialize());
    server
        .answer(response.map(Body::new), call, new_session)
        .await
}

struct SessionGone;

impl Server {
    /// The session that a message belongs to: a new one for `initialize`, else the one that it names.
    fn session(
        &self,
        headers: &HeaderMap,
        envelope: &Envelope,
    ) -> Result<Option<Session>, SessionGone> {
        if envelope.is_initialize() {
            return Ok(Some(Session::new(envelope.client())));
        }
        match headers.get(SESSION_HEADER) {
            // Newer clients have no sessions; one that sends a stale id all the same has lost nothing.
            Some(id) if !envelope.is_self_contained() => id
                .to_str()
                .ok()
                .and_then(|id| self.sealer.open(id))
                .map(Some)
                .ok_or(SessionGone),
            _ => Ok(None),
        }
    }

    /// Reads from the response how the call ended, and hands a new session out.
    async fn answer(
        &self,
        response: Response,
        call: Call,
        new_session: Option<Session>,
    ) -> Response {
        let (mut parts, body) = response.into_parts();
        let content_type = parts.headers.get(header::CONTENT_TYPE);
        if content_type.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
            call.finish(Ending::Answered);
            return Response::from_parts(parts, body);
        }
        // The library's answers are whole in memory already.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let ending = ending(parts.status, &body);
        if let Some(session) = new_session
            && ending == Ending::Answered
            && let Some(id) = self.sealer.seal(&session)
            && let Ok(id) = HeaderValue::try_from(id)
        {
            parts.headers.insert(SESSION_HEADER, id);
        }
        call.finish(ending);
        Response::from_parts(parts, Body::from(body))
    }
}

fn ending(status: StatusCode, body: &Bytes) -> Ending {
    let message: Value = serde_json::from_slice(body).unwrap_or_default();
    if let Some(code) = message.pointer("/error/code").and_then(Value::as_i64) {
        Ending::Error(code)
    } else if !status.is_success() {
        Ending::Refused(status.as_u16())
    } else if message.pointer("/result/isError") == Some(&Value::Bool(true)) {
        Ending::ToolError
    } else {
        Ending::Answered
    }
}

fn busy(envelope: &Envelope) -> Response {
    let error = error(
        envelope,
        BUSY,
        "too many calls at once: try again in a second",
    );
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, "1")],
        error,
    )
        .into_response()
}

fn session_gone(envelope: &Envelope) -> Response {
    let error = error(
        envelope,
        SESSION_GONE,
        "session not found: initialize again",
    );
    (StatusCode::NOT_FOUND, error).into_response()
}

fn error(envelope: &Envelope, code: i64, message: &str) -> axum::Json<Value> {
    axum::Json(json!({
        "jsonrpc": "2.0",
        "id": envelope.id(),
        "error": {"code": code, "message": message},
    }))
}

//! Streamable HTTP, stateless: any replica answers any request. Around the protocol's library stands what it does not
//! bring: sealed sessions, the server span and call event, limits on size, number and time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use icelocator_config::WebOrigin;
use rmcp::transport::StreamableHttpService;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

use super::auth::{Authenticator, METADATA};
use super::envelope::Envelope;
use super::limit::Places;
use super::media;
use super::origin::{self, OwnNames};
use super::rate::Rates;
use super::refusal::{self, BUSY, NO_SESSION, TOO_SOON, TOOK_TOO_LONG};
use super::session::{Sealer, Session};
use super::stream;
use crate::mcp::Face;
use crate::observe::{Arrival, Call, Ending, Observer};

/// Largest request body: no argument is longer than a hundred characters, and what else a client says is short too.
const LARGEST_BODY: usize = 64 * 1024;
/// Longest time for a request's body to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(3);
const SESSION_HEADER: &str = "mcp-session-id";

/// What it takes to serve MCP over HTTP.
pub struct Settings {
    /// Knows callers.
    pub authenticator: Authenticator,
    /// Room for calls.
    pub places: Places,
    /// How much may be asked in a time.
    pub rates: Rates,
    /// Longest time for a call: only a bug takes this long, as the search gives up before.
    pub call_timeout: Duration,
    /// Seals session ids.
    pub sealer: Sealer,
    /// Names of this server for browsers.
    pub names: OwnNames,
    /// Pages of elsewhere that may call.
    pub pages: Vec<WebOrigin>,
}

type Protocol = StreamableHttpService<Face, NeverSessionManager>;

struct Server {
    protocol: Protocol,
    observer: Arc<Observer>,
    authenticator: Authenticator,
    places: Places,
    rates: Rates,
    call_timeout: Duration,
    sealer: Sealer,
}

/// The routes of the `http` port: `POST /mcp`. Streams and deletion are for servers that remember sessions: 405.
pub fn router(face: Face, observer: Arc<Observer>, settings: Settings) -> Router {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_sse_keep_alive(Some(stream::KEEP_ALIVE))
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
        authenticator: settings.authenticator,
        places: settings.places,
        rates: settings.rates,
        call_timeout: settings.call_timeout,
        sealer: settings.sealer,
    };
    let metadata = get(metadata);
    let router = Router::new()
        .route("/mcp", post(mcp))
        .route(METADATA[0], metadata.clone())
        .route(METADATA[1], metadata)
        .with_state(Arc::new(server))
        .layer(from_fn_with_state(
            settings.names.and_pages(&settings.pages),
            origin::check,
        ));
    // Without such pages there is nothing to tell browsers.
    let router = if settings.pages.is_empty() {
        router
    } else {
        router.layer(origin::cors(&settings.pages))
    };
    router.layer(CatchPanicLayer::custom(|_| {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }))
}

async fn metadata(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<impl IntoResponse, StatusCode> {
    let metadata = server.authenticator.metadata(&headers, &uri);
    let metadata = metadata.ok_or(StatusCode::NOT_FOUND)?;
    // It names the host that was asked for, which is whatever the asker says.
    let not_kept = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((not_kept, axum::Json(metadata)))
}

async fn mcp(State(server): State<Arc<Server>>, request: Request) -> Response {
    let Some(reading) = server.places.take_reading() else {
        return busy(&Value::Null);
    };
    let (mut parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| peer.ip());
    let caller = match server.authenticator.caller(&parts.headers, peer).await {
        Ok(caller) => caller,
        Err(refused) => {
            let arrival = Envelope::read(&parts.headers, &Bytes::new()).arrival();
            server.refuse(arrival, refused.status(), Some(refused.words()));
            return server
                .authenticator
                .answer(refused, &parts.headers, &parts.uri);
        }
    };
    // Nobody further in has a use for it.
    parts.headers.remove(header::AUTHORIZATION);
    let Some(reading) = server.places.go_on_reading(reading, &caller) else {
        return busy(&Value::Null);
    };
    let body = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, LARGEST_BODY)).await;
    let body = body
        .map_err(|_| StatusCode::REQUEST_TIMEOUT)
        .and_then(|body| body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE));
    let body = match body {
        Ok(body) => body,
        Err(status) => {
            let mut arrival = Envelope::read(&parts.headers, &Bytes::new()).arrival();
            arrival.caller = caller;
            server.refuse(arrival, status, status.canonical_reason());
            return status.into_response();
        }
    };
    let envelope = Envelope::read(&parts.headers, &body);
    let deadline = Instant::now() + server.call_timeout;
    let mut arrival = envelope.arrival();
    arrival.client = envelope.client();
    arrival.message = body.clone();
    let Some(place) = server.places.take_for(&caller, envelope.method()) else {
        arrival.caller = caller;
        server.refuse(arrival, StatusCode::SERVICE_UNAVAILABLE, Some(BUSY));
        return busy(&envelope.id());
    };
    drop(reading);

    arrival.caller = caller;
    let owner = arrival.caller.pseudonym.clone().unwrap_or_default();
    if let Err(too_soon) = server.rates.admit(&arrival.caller, &arrival) {
        server.refuse(arrival, StatusCode::TOO_MANY_REQUESTS, Some(TOO_SOON));
        return refusal::later(
            StatusCode::TOO_MANY_REQUESTS,
            &envelope.id(),
            TOO_SOON,
            too_soon.seconds(),
        );
    }
    let Ok(session) = server.session(&parts.headers, &envelope, &owner) else {
        server.refuse(arrival, StatusCode::NOT_FOUND, Some(NO_SESSION));
        return refusal::session_gone(&envelope.id());
    };
    if let Some(session) = &session {
        arrival.session = Some(session.digest());
        if arrival.client.name.is_empty() {
            arrival.client = session.client.clone();
        }
    }
    let allowance = server.rates.allowance(&arrival.caller);
    let mut call = server.observer.begin(arrival);
    parts.extensions.insert(call.context(allowance));

    media::name_what_is_taken(&mut parts.headers);
    let is_json = media::is_json(&parts.headers);
    let work = server
        .protocol
        .clone()
        .oneshot(Request::from_parts(parts, Body::from(body.clone())))
        .instrument(call.span().clone());
    let Ok(Ok(response)) = tokio::time::timeout_at(deadline, work).await else {
        call.explain(|| Some(TOOK_TOO_LONG));
        call.finish(Ending::TimedOut);
        return StatusCode::GATEWAY_TIMEOUT.into_response();
    };
    let response = media::told_in_json(response.map(Body::new), is_json, &body);
    if is_stream(&response) {
        return response.map(|body| stream::watched(body, call, place, deadline, envelope.id()));
    }
    let new_session = session.filter(|_| envelope.is_initialize());
    server.answer(response, call, new_session, &owner).await
}

struct SessionGone;

impl Server {
    /// A message is refused: that is an event too.
    fn refuse(&self, arrival: Arrival, status: StatusCode, words: Option<&'static str>) {
        let mut call = self.observer.begin(arrival);
        call.explain(|| words);
        call.finish(Ending::Refused(status.as_u16()));
    }

    /// The session that a message belongs to: a new one for `initialize`, else the one that it names.
    fn session(
        &self,
        headers: &HeaderMap,
        envelope: &Envelope,
        owner: &str,
    ) -> Result<Option<Session>, SessionGone> {
        if envelope.is_initialize() {
            return Ok(Some(Session::new(envelope.client())));
        }
        match headers.get(SESSION_HEADER) {
            // Newer clients have no sessions; one that sends a stale id all the same has lost nothing.
            Some(id) if !envelope.is_self_contained() => id
                .to_str()
                .ok()
                .and_then(|id| self.sealer.open(id, owner))
                .map(Some)
                .ok_or(SessionGone),
            _ => Ok(None),
        }
    }

    /// Reads from the response how the call ended, and hands a new session out.
    async fn answer(
        &self,
        response: Response,
        mut call: Call,
        new_session: Option<Session>,
        owner: &str,
    ) -> Response {
        let (mut parts, body) = response.into_parts();
        // The library's answers are whole in memory already.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let told: Told<'_> = serde_json::from_slice(&body).unwrap_or_default();
        let ending = told.ending(parts.status);
        call.answered(body.len());
        call.explain(|| told.words(parts.status));
        if let Some(session) = new_session
            && ending == Ending::Answered
            && let Some(id) = self.sealer.seal(&session, owner)
            && let Ok(id) = HeaderValue::try_from(id)
        {
            parts.headers.insert(SESSION_HEADER, id);
        }
        call.finish(ending);
        Response::from_parts(parts, Body::from(body))
    }
}

fn is_stream(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// What an answer tells of how its call ended. The rest, which may be long, is passed over.
#[derive(Default, Deserialize)]
pub(super) struct Told<'a> {
    #[serde(borrow)]
    error: Option<Failure<'a>>,
    #[serde(borrow)]
    result: Option<Success<'a>>,
}

#[derive(Deserialize)]
struct Failure<'a> {
    code: i64,
    #[serde(default, borrow)]
    message: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Success<'a> {
    #[serde(default, rename = "isError")]
    is_error: bool,
    #[serde(default, borrow)]
    content: Option<&'a RawValue>,
}

/// A piece of a tool's answer.
#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    text: String,
}

impl Told<'_> {
    /// Whether it is an answer at all.
    pub(super) fn is_last(&self) -> bool {
        self.error.is_some() || self.result.is_some()
    }

    /// What it says of what went wrong, if anything did.
    pub(super) fn words(&self, status: StatusCode) -> Option<String> {
        if let Some(error) = &self.error {
            return serde_json::from_str(error.message?.get()).ok();
        }
        if let Some(result) = self.result.as_ref().filter(|result| result.is_error) {
            let pieces: Vec<Piece> = serde_json::from_str(result.content?.get()).ok()?;
            let texts: Vec<String> = pieces.into_iter().map(|piece| piece.text).collect();
            return Some(texts.join("\n"));
        }
        let reason = status.canonical_reason().filter(|_| !status.is_success());
        reason.map(str::to_owned)
    }

    /// How the call ended that was answered so, with this status.
    pub(super) fn ending(&self, status: StatusCode) -> Ending {
        if let Some(error) = &self.error {
            Ending::Error(error.code)
        } else if !status.is_success() {
            Ending::Refused(status.as_u16())
        } else if self.result.as_ref().is_some_and(|result| result.is_error) {
            Ending::ToolError
        } else {
            Ending::Answered
        }
    }
}

fn busy(id: &Value) -> Response {
    refusal::later(StatusCode::SERVICE_UNAVAILABLE, id, BUSY, 1)
}

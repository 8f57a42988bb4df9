use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use kube::Config;

use super::*;

type Answer = fn(&str, &HeaderMap) -> Response;
type Heard = Arc<Mutex<Vec<(String, HeaderMap)>>>;

/// A server behind the API server's proxy that answers each method so; returns the way to it and what it heard.
async fn server(answer: Answer) -> (Route, Heard) {
    icelocator_telemetry::install_tls();
    let heard = Heard::default();
    let handler = move |State(heard): State<Heard>, headers: HeaderMap, body: Bytes| async move {
        let message: Value = serde_json::from_slice(&body).unwrap();
        let method = message["method"].as_str().unwrap().to_owned();
        let response = answer(&method, &headers);
        heard.lock().unwrap().push((method, headers));
        response
    };
    let path = "/api/v1/namespaces/default/services/demo:http/proxy/mcp";
    let router = Router::new()
        .route(path, post(handler))
        .with_state(Arc::clone(&heard));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut config = Config::new(url);
    config.default_retry = false;
    (Route::Proxy(Client::try_from(config).unwrap()), heard)
}

fn good(method: &str, _: &HeaderMap) -> Response {
    let result = match method {
        "initialize" => {
            json!({"protocolVersion": "2025-11-25", "serverInfo": {"name": "icelocator", "version": "1.2.3"}})
        }
        "tools/list" => json!({"tools": [{"name": "search_detainee_by_name"}]}),
        "server/discover" => {
            json!({"supportedVersions": ["2025-06-18", "2026-07-28", "2025-11-25"]})
        }
        _ => return StatusCode::ACCEPTED.into_response(),
    };
    let answer = json!({"jsonrpc": "2.0", "id": 1, "result": result});
    ([("mcp-session-id", "sealed")], answer.to_string()).into_response()
}

fn old(method: &str, headers: &HeaderMap) -> Response {
    if method == "server/discover" {
        StatusCode::BAD_REQUEST.into_response()
    } else {
        good(method, headers)
    }
}

fn in_events(method: &str, headers: &HeaderMap) -> Response {
    let id = if method == "tools/list" { 2 } else { 1 };
    let note = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {}});
    let result = match method {
        "initialize" => {
            json!({"protocolVersion": "2025-11-25", "serverInfo": {"version": "1.2.3"}})
        }
        "tools/list" => json!({"tools": [{"name": "a"}]}),
        _ => return old(method, headers),
    };
    let answer = json!({"jsonrpc": "2.0", "id": id, "result": result});
    (
        [("content-type", "text/event-stream")],
        format!(": hello\n\ndata: {note}\n\nevent: message\ndata: {answer}\n\n"),
    )
        .into_response()
}

async fn shake(answer: Answer) -> Result<ServerStatus, HandshakeError> {
    let (route, _) = server(answer).await;
    match handshake(&route, "default", "demo", Callers::Anyone).await? {
        Handshake::Answered(server) => Ok(server),
        Handshake::AsksForToken => panic!("no token was to be asked for"),
    }
}

fn who_calls(_: &str, _: &HeaderMap) -> Response {
    let challenge = "Bearer resource_metadata=\"http://demo/.well-known/oauth-protected-resource\"";
    (
        StatusCode::UNAUTHORIZED,
        [(header::WWW_AUTHENTICATE, challenge)],
    )
        .into_response()
}

#[tokio::test]
async fn a_server_that_is_to_know_its_callers_must_ask_for_a_token() {
    let shake = async |answer: Answer| {
        let (route, _) = server(answer).await;
        handshake(&route, "default", "demo", Callers::WithToken).await
    };
    assert_eq!(shake(who_calls).await, Ok(Handshake::AsksForToken));
    assert_eq!(
        shake(good).await,
        Err(HandshakeError::LetsAnyoneIn("initialize"))
    );
    let of_somebody_else: Answer = |_, _| {
        let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=nginx")];
        (StatusCode::UNAUTHORIZED, challenge).into_response()
    };
    assert_eq!(
        shake(of_somebody_else).await.unwrap_err().to_string(),
        "initialize: answered HTTP 401"
    );
}

#[tokio::test]
async fn a_server_that_anyone_may_call_must_not_ask_for_one() {
    assert_eq!(
        shake(who_calls).await,
        Err(HandshakeError::TokenWanted("initialize"))
    );
}

#[tokio::test]
async fn a_server_says_what_it_is_and_what_it_speaks_newest_first() {
    let server = shake(good).await.unwrap();
    assert_eq!(server.version.as_deref(), Some("1.2.3"));
    assert_eq!(
        server.protocol_versions,
        ["2026-07-28", "2025-11-25", "2025-06-18"]
    );
}

#[tokio::test]
async fn an_older_server_speaks_what_it_agreed_to() {
    assert_eq!(shake(old).await.unwrap().protocol_versions, ["2025-11-25"]);
}

#[tokio::test]
async fn answers_in_a_stream_of_events_are_understood() {
    assert_eq!(
        shake(in_events).await.unwrap().version.as_deref(),
        Some("1.2.3")
    );
}

#[tokio::test]
async fn the_session_and_the_agreed_version_are_carried_on() {
    let (route, heard) = server(good).await;
    handshake(&route, "default", "demo", Callers::Anyone)
        .await
        .unwrap();
    let heard = heard.lock().unwrap();
    let methods: Vec<_> = heard.iter().map(|(method, _)| method.as_str()).collect();
    assert_eq!(
        methods,
        [
            "initialize",
            "notifications/initialized",
            "tools/list",
            "server/discover"
        ]
    );
    for (method, headers) in &heard[1..3] {
        assert_eq!(headers["mcp-session-id"], "sealed", "{method}");
        assert_eq!(headers["mcp-protocol-version"], "2025-11-25", "{method}");
    }
    assert_eq!(heard[3].1["mcp-protocol-version"], "2026-07-28");
}

#[tokio::test]
async fn a_web_server_is_not_taken_for_an_mcp_server() {
    let error = shake(|_, _| "<h1>Welcome to nginx!</h1>".into_response())
        .await
        .unwrap_err();
    assert_eq!(error, HandshakeError::NotMcp("initialize"));
    let error = shake(|_, _| StatusCode::NOT_FOUND.into_response())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "initialize: answered HTTP 404");
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code() {
    let refuse: Answer = |_, _| {
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32602, "message": "no"}})
            .to_string()
            .into_response()
    };
    assert_eq!(
        shake(refuse).await.unwrap_err().to_string(),
        "initialize: refused with JSON-RPC error -32602"
    );
}

#[tokio::test]
async fn a_server_without_tools_is_of_no_use() {
    let empty: Answer = |method, headers| match method {
        "tools/list" => json!({"jsonrpc": "2.0", "id": 2, "result": {"tools": []}})
            .to_string()
            .into_response(),
        _ => good(method, headers),
    };
    assert_eq!(shake(empty).await.unwrap_err(), HandshakeError::NoTools);
}

#[tokio::test]
async fn nobody_there_is_told_in_constant_words() {
    icelocator_telemetry::install_tls();
    let route = Route::service().unwrap();
    let error = handshake(&route, "nowhere", "nothing", Callers::Anyone)
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            HandshakeError::NoConnection("initialize") | HandshakeError::TimedOut { .. }
        ),
        "{error}"
    );
}

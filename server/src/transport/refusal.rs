//! Answers to messages that are not worked on, in the words of the protocol.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rmcp::model::{ErrorCode, ErrorData};
use serde_json::{Value, json};

/// "Not now", or "not you": JSON-RPC leaves such codes to each server.
pub const NOT_NOW: i32 = -32000;
/// To one call too many at once.
pub const BUSY: &str = "too many calls at once: try again in a second";
/// To a call that comes too soon after others.
pub const TOO_SOON: &str = "too many calls in a minute: wait as long as retryAfterSeconds says";
/// To a call whose time is up.
pub const TOOK_TOO_LONG: &str = "the call took too long";
/// To a message of a session that is not ours, or has ended.
pub const NO_SESSION: &str = "session not found: initialize again";
/// What clients know as "this session is gone".
const SESSION_GONE: i32 = -32001;

/// An error without the message's id, which was not read.
pub fn error(message: &'static str) -> axum::Json<Value> {
    body(
        &Value::Null,
        &ErrorData::new(ErrorCode(NOT_NOW), message, None),
    )
}

/// The error of a message that may be sent again in so many seconds.
pub fn later_error(message: &'static str, seconds: u64) -> ErrorData {
    ErrorData::new(
        ErrorCode(NOT_NOW),
        message,
        Some(json!({"retryAfterSeconds": seconds})),
    )
}

/// The same as an answer over HTTP.
pub fn later(status: StatusCode, id: &Value, message: &'static str, seconds: u64) -> Response {
    let error = body(id, &later_error(message, seconds));
    (status, [(header::RETRY_AFTER, seconds.to_string())], error).into_response()
}

/// The session that the message belongs to is not ours, or has ended.
pub fn session_gone(id: &Value) -> Response {
    let error = ErrorData::new(ErrorCode(SESSION_GONE), NO_SESSION, None);
    (StatusCode::NOT_FOUND, body(id, &error)).into_response()
}

/// The error of a call whose time is up.
pub fn took_too_long(id: &Value) -> Value {
    body(id, &ErrorData::internal_error(TOOK_TOO_LONG, None)).0
}

/// An error as a message.
pub fn body(id: &Value, error: &ErrorData) -> axum::Json<Value> {
    axum::Json(json!({"jsonrpc": "2.0", "id": id, "error": error}))
}

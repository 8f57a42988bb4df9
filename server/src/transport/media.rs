//! Which kinds of content a request is of and takes, where we are less strict than the protocol's library or say more.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rmcp::model::ErrorData;
use serde_json::Value;

use super::refusal;

/// Clients must say that they take both of these. Whoever takes anything takes them.
const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// Names what the protocol wants to be named for a client that says that it takes anything.
pub fn name_what_is_taken(headers: &mut HeaderMap) {
    let takes_anything = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|range| range.trim() == "*/*");
    if takes_anything {
        headers.insert(header::ACCEPT, BOTH);
    }
}

/// Whether the body is said to be JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The library's answer; in its place the protocol's own error where it found no message in a body of the right kind.
pub fn told_in_json(response: Response, is_json: bool, body: &[u8]) -> Response {
    if response.status() != StatusCode::UNSUPPORTED_MEDIA_TYPE || !is_json {
        return response;
    }
    let error = match serde_json::from_slice::<Value>(body) {
        Ok(_) => ErrorData::invalid_request("this is no message of JSON-RPC", None),
        Err(_) => ErrorData::parse_error("this is not JSON", None),
    };
    (StatusCode::BAD_REQUEST, refusal::body(&Value::Null, &error)).into_response()
}

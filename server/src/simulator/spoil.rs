//! What faults make of an answer.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::faults::{Fault, Picked};
use super::pages;
use super::words::Words;

/// A name that is kept for what does not exist.
const ELSEWHERE: &str = "http://elsewhere.invalid/search";
/// What a page is filled up with, and how often: 16 MiB of empty lines.
static FILLING: [u8; 16 * 1024] = [b'\n'; 16 * 1024];
const FILLINGS: usize = 1024;

/// The answer, or what the faults make of it: late, another one instead, or the right one spoiled.
pub async fn answer(picked: &Picked, words: &Words, right: impl FnOnce() -> Response) -> Response {
    if !picked.late.is_zero() {
        tokio::time::sleep(picked.late).await;
    }
    let instead = |(fault, wait): &(Fault, Duration)| instead(*fault, *wait, words);
    let mut response = match picked.faults.iter().rev().find_map(instead) {
        Some(other) => other,
        None => right(),
    };
    for (fault, _) in &picked.faults {
        response = spoiled(response, *fault).await;
    }
    response
}

/// What is answered without a look at the question.
fn instead(fault: Fault, wait: Duration, words: &Words) -> Option<Response> {
    let hasty = |until: String| {
        let wait = [(header::RETRY_AFTER, until)];
        let page = pages::unavailable(words);
        (StatusCode::TOO_MANY_REQUESTS, wait, page).into_response()
    };
    Some(match fault {
        Fault::Unavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, pages::unavailable(words)).into_response()
        }
        Fault::RateLimited => hasty(wait.as_secs().to_string()),
        Fault::RateLimitedUntil => hasty(http_date(wait)?),
        Fault::Challenge => (StatusCode::FORBIDDEN, pages::challenge(words)).into_response(),
        Fault::PageChanged => pages::redesigned().into_response(),
        Fault::RedirectElsewhere => {
            (StatusCode::FOUND, [(header::LOCATION, ELSEWHERE)]).into_response()
        }
        _ => return None,
    })
}

async fn spoiled(response: Response, fault: Fault) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = match fault {
        Fault::Truncated => changed(body, truncated).await,
        Fault::Charset => changed(body, in_latin_1).await,
        Fault::BrokenHtml => changed(body, broken).await,
        Fault::Huge => swollen(body).await,
        // Nothing of an answer whose body fails at once has been sent yet.
        Fault::Reset => Body::from_stream(stream::once(async { Err::<Bytes, _>(Broken) })),
        Fault::BrokenOff => broken_off(body).await,
        _ => body,
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, body)
}

async fn whole(body: Body) -> Bytes {
    to_bytes(body, usize::MAX).await.unwrap_or_default()
}

async fn changed(body: Body, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Body {
    Body::from(change(&whole(body).await))
}

/// Within the last row or the mark of an empty answer, so that much of the page looks right.
fn truncated(page: &[u8]) -> Vec<u8> {
    let cut = page
        .windows(5)
        .rposition(|part| part == b"</td>" || part == b"</p>\n");
    page[..cut.unwrap_or_default()].to_vec()
}

fn in_latin_1(page: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(page)
        .chars()
        .map(|c| u8::try_from(c).unwrap_or(b'?'))
        .collect()
}

/// Quotes that do not end and tags that are never closed, each within the one before.
fn broken(page: &[u8]) -> Vec<u8> {
    let page = String::from_utf8_lossy(page);
    let page = page.replace("\">", ">").replace("</", "<b><i class=\"");
    page.into_bytes()
}

/// The right page with much of nothing before its end, sent in pieces: nobody keeps all of it.
async fn swollen(body: Body) -> Body {
    let page = whole(body).await;
    let end = page.windows(7).rposition(|part| part == b"<footer");
    let at = end.unwrap_or(page.len());
    let pieces = stream::iter([page.slice(..at)])
        .chain(stream::repeat(Bytes::from_static(&FILLING)).take(FILLINGS))
        .chain(stream::iter([page.slice(at..)]));
    Body::from_stream(pieces.map(Ok::<_, Infallible>))
}

/// Half the page, and then no more.
async fn broken_off(body: Body) -> Body {
    let page = whole(body).await;
    let half = page.slice(..page.len() / 2);
    let pieces = stream::iter([Ok(half)]).chain(stream::once(async {
        // What is there is sent first: it goes out only while nothing more is ready.
        tokio::task::yield_now().await;
        Err(Broken)
    }));
    Body::from_stream(pieces)
}

#[derive(Debug, thiserror::Error)]
#[error("broken off on request")]
struct Broken;

/// The end of a wait, as HTTP writes dates.
fn http_date(wait: Duration) -> Option<String> {
    let until = Timestamp::now().saturating_add(wait).ok()?;
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&until)
        .ok()
}

//! A stand-in for the locator site, as strict as the real one: exact names, a country, nine digits, a form with a session
//! cookie and a CSRF token. Everybody in it is invented, and every page and header says so.
//!
//! Beside the site: `/livez` and `/readyz`; `/-/faults`, where faults are switched on (PUT), shown (GET) and off (DELETE);
//! `/-/sessions`, where all sessions are ended (DELETE). A few surnames bring a fault for their own request (see `faults`).

mod faults;
mod pages;
mod people;
mod sessions;

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Form, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;

use self::faults::{Fault, Faults, Wanted};
use self::pages::Words;
use self::people::{FACILITIES, Person};
use self::sessions::Sessions;
use crate::search::country;

const COOKIE: &str = "locator_session";
/// Largest form that is read. No name is that long.
const LARGEST: usize = 16 * 1024;

#[derive(Clone)]
struct Site {
    people: Arc<[Person]>,
    sessions: Sessions,
    faults: Faults,
}

/// The site, with its probes and the switches for its faults. Its crowd of people follows from the seed.
pub fn router(seed: u64) -> Router {
    let site = Site {
        people: people::all(seed).into(),
        sessions: Sessions::default(),
        faults: Faults::default(),
    };
    let probe = get(|| async { "ok" });
    let faults = get(show_faults).put(set_faults).delete(no_faults);
    Router::new()
        .route("/", get(form))
        .route("/search", post(search))
        .route("/facilities/{number}", get(facility))
        .route("/-/faults", faults)
        .route("/-/sessions", delete(end_sessions))
        .route("/livez", probe.clone())
        .route("/readyz", probe)
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(site)
}

#[derive(Deserialize)]
struct Look {
    #[serde(default)]
    lang: String,
}

/// What the form sends. Whatever is left out is empty, as a browser would send it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Question {
    csrf_token: String,
    a_number: String,
    first_name: String,
    last_name: String,
    date_of_birth: String,
    country: String,
    lang: String,
}

impl Question {
    fn is_by_number(&self) -> bool {
        !self.a_number.is_empty()
    }

    /// Whether the site takes the question at all.
    fn is_complete(&self) -> bool {
        let number = &self.a_number;
        let complete = if self.is_by_number() {
            number.len() == 9 && number.bytes().all(|byte| byte.is_ascii_digit())
        } else {
            !self.first_name.trim().is_empty() && !self.last_name.trim().is_empty()
        };
        complete && country::all().any(|country| country == self.country)
    }

    fn is_about(&self, person: &Person) -> bool {
        let born = &self.date_of_birth;
        let is_it = if self.is_by_number() {
            person.number == self.a_number
        } else {
            person.is_called(&self.first_name, &self.last_name)
                && (born.is_empty() || *born == person.date_of_birth.to_string())
        };
        is_it && person.country == self.country
    }
}

async fn form(State(site): State<Site>, Query(look): Query<Look>) -> Response {
    let words = Words::of(&look.lang);
    site.answer("", words, || {
        let (session, token) = site.sessions.open();
        let cookie = format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Strict");
        let mut response = pages::form(words, &token).into_response();
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response
    })
    .await
}

async fn search(
    State(site): State<Site>,
    headers: HeaderMap,
    question: Result<Form<Question>, FormRejection>,
) -> Response {
    let Ok(Form(question)) = question else {
        let refused = pages::refused(Words::of(""));
        return (StatusCode::UNPROCESSABLE_ENTITY, refused).into_response();
    };
    let words = Words::of(&question.lang);
    site.answer(&question.last_name, words, || {
        let session = cookie(&headers).unwrap_or_default();
        if !site.sessions.knows(session, &question.csrf_token) {
            return (StatusCode::FORBIDDEN, pages::session_expired(words)).into_response();
        }
        if !question.is_complete() {
            return (StatusCode::UNPROCESSABLE_ENTITY, pages::refused(words)).into_response();
        }
        let people = site.people.iter();
        let found: Vec<&Person> = people.filter(|person| question.is_about(person)).collect();
        pages::results(words, &found).into_response()
    })
    .await
}

async fn facility(
    State(site): State<Site>,
    Path(number): Path<usize>,
    Query(look): Query<Look>,
) -> Response {
    let words = Words::of(&look.lang);
    site.answer("", words, || match FACILITIES.get(number) {
        Some(facility) => pages::facility(words, facility).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    })
    .await
}

impl Site {
    /// The answer, or what a fault makes of it.
    async fn answer(
        &self,
        surname: &str,
        words: &Words,
        right: impl FnOnce() -> Response,
    ) -> Response {
        let mut response = match self.faults.pick(surname) {
            None => right(),
            Some((Fault::Slow, delay)) => {
                tokio::time::sleep(delay).await;
                right()
            }
            Some((Fault::Unavailable, _)) => {
                (StatusCode::SERVICE_UNAVAILABLE, pages::unavailable(words)).into_response()
            }
            Some((Fault::RateLimited, delay)) => {
                let wait = [(header::RETRY_AFTER, delay.as_secs().to_string())];
                let page = pages::unavailable(words);
                (StatusCode::TOO_MANY_REQUESTS, wait, page).into_response()
            }
            Some((Fault::Challenge, _)) => {
                (StatusCode::FORBIDDEN, pages::challenge(words)).into_response()
            }
            Some((Fault::PageChanged, _)) => pages::redesigned().into_response(),
            Some((Fault::Truncated, _)) => {
                spoiled(right(), |page| {
                    // Within the last row or the mark of an empty answer, so that much of the page looks right.
                    let cut = page
                        .windows(5)
                        .rposition(|part| part == b"</td>" || part == b"</p>\n");
                    page.truncate(cut.unwrap_or_default());
                })
                .await
            }
            Some((Fault::Charset, _)) => {
                spoiled(right(), |page| {
                    // What it says is UTF-8 is Latin-1.
                    let text = String::from_utf8_lossy(page).into_owned();
                    *page = text
                        .chars()
                        .map(|c| u8::try_from(c).unwrap_or(b'?'))
                        .collect();
                })
                .await
            }
        };
        let headers = response.headers_mut();
        let simulated = HeaderValue::from_static("invented-people-only");
        headers.insert("x-simulated-site", simulated);
        headers.insert(
            "x-robots-tag",
            HeaderValue::from_static("noindex, nofollow"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

async fn spoiled(response: Response, spoil: impl FnOnce(&mut Vec<u8>)) -> Response {
    let (mut parts, body) = response.into_parts();
    let mut page = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default()
        .to_vec();
    spoil(&mut page);
    parts.headers.remove(header::CONTENT_LENGTH);
    (parts, page).into_response()
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

async fn show_faults(State(site): State<Site>) -> Json<Wanted> {
    Json(site.faults.shown())
}

async fn set_faults(State(site): State<Site>, Json(wanted): Json<Wanted>) -> Response {
    match site.faults.set(wanted) {
        Ok(()) => Json(site.faults.shown()).into_response(),
        Err(wrong) => (StatusCode::UNPROCESSABLE_ENTITY, wrong).into_response(),
    }
}

async fn no_faults(State(site): State<Site>) -> Json<Wanted> {
    site.faults.clear();
    Json(site.faults.shown())
}

async fn end_sessions(State(site): State<Site>) -> StatusCode {
    site.sessions.end_all();
    StatusCode::NO_CONTENT
}

//! A stand-in for the locator site, as strict as the real one: exact names, a country, nine digits, a form with a session
//! cookie and a CSRF token. Everybody in it is invented. Faults are switched on at `/-/faults`, or by a surname.

mod faults;
mod pages;
mod people;
mod sessions;

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use self::faults::{Fault, Faults, Wanted};
use self::pages::Words;
use self::people::Person;
use self::sessions::Sessions;

const COOKIE: &str = "locator_session";

#[derive(Clone)]
struct Site {
    people: Arc<[Person]>,
    sessions: Sessions,
    faults: Faults,
}

/// The site, with its probes and the switch for its faults.
pub fn router() -> Router {
    let site = Site {
        people: people::all().into(),
        sessions: Sessions::default(),
        faults: Faults::default(),
    };
    let probe = get(|| async { "ok" });
    Router::new()
        .route("/", get(form))
        .route("/search", post(search))
        .route(
            "/-/faults",
            get(show_faults).put(set_faults).delete(no_faults),
        )
        .route("/livez", probe.clone())
        .route("/readyz", probe)
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

async fn form(State(site): State<Site>, Query(look): Query<Look>) -> Response {
    let words = Words::of(&look.lang);
    if let Some(faulty) = spoiled(&site, "", words).await {
        return faulty;
    }
    let (session, token) = site.sessions.open();
    let cookie = format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Strict");
    let mut response = page(StatusCode::OK, pages::form(words, &token));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

async fn search(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(question): Form<Question>,
) -> Response {
    let words = Words::of(&question.lang);
    if let Some(faulty) = spoiled(&site, &question.last_name, words).await {
        return faulty;
    }
    let session = cookie(&headers).unwrap_or_default();
    if !site.sessions.knows(session, &question.csrf_token) {
        return page(StatusCode::FORBIDDEN, pages::session_expired(words));
    }
    let by_number = !question.a_number.is_empty();
    let nine =
        question.a_number.len() == 9 && question.a_number.bytes().all(|b| b.is_ascii_digit());
    let named = !question.first_name.is_empty() && !question.last_name.is_empty();
    if question.country.is_empty() || (by_number && !nine) || (!by_number && !named) {
        return page(StatusCode::UNPROCESSABLE_ENTITY, pages::refused(words));
    }
    let found: Vec<&Person> = site
        .people
        .iter()
        .filter(|person| person.country.eq_ignore_ascii_case(&question.country))
        .filter(|person| {
            if by_number {
                person.number == question.a_number
            } else {
                person.is_called(&question.first_name, &question.last_name)
                    && (question.date_of_birth.is_empty()
                        || question.date_of_birth == person.date_of_birth)
            }
        })
        .collect();
    page(StatusCode::OK, pages::results(words, &found))
}

/// What a fault makes of a request, unless it only slows it.
async fn spoiled(site: &Site, surname: &str, words: &Words) -> Option<Response> {
    let (fault, delay) = site.faults.pick(surname)?;
    match fault {
        Fault::Slow => {
            tokio::time::sleep(delay).await;
            None
        }
        Fault::Unavailable => Some(page(
            StatusCode::SERVICE_UNAVAILABLE,
            pages::unavailable(words),
        )),
        Fault::Challenge => Some(page(StatusCode::FORBIDDEN, pages::challenge(words))),
        Fault::PageChanged => Some(page(StatusCode::OK, pages::redesigned())),
    }
}

fn page(status: StatusCode, html: String) -> Response {
    let simulated = [("x-simulated-site", "invented-people-only")];
    (status, simulated, Html(html)).into_response()
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

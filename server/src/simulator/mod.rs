//! A stand-in for the locator site, as strict as we understand the real one to be: exact names, a country, nine digits, adults only, a form with a
//! session cookie and a CSRF token, long answers in pages. Everybody in it is invented, and every page and header says so.
//!
//! Beside the site: `/livez` and `/readyz`; `/-/faults`, where faults are switched on (PUT), shown (GET) and off (DELETE);
//! `/-/sessions`, where all sessions are ended (DELETE). A request can also bring its own faults, by a header or by a few
//! surnames (see `faults`).

mod faults;
mod file;
mod pages;
mod people;
mod person;
mod question;
mod register;
mod sessions;
mod spoil;
mod words;

use std::io::Read;
use std::sync::Arc;

use axum::extract::rejection::{FormRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Form, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

use self::faults::{Fault, Faults, Picked, Plan};
pub use self::file::FileError;
use self::pages::Found;
pub use self::people::LARGEST_CROWD;
use self::question::Question;
use self::register::Register;
use self::sessions::{Session, Sessions};
use self::words::Words;

const COOKIE: &str = "locator_session";
/// Largest form that is read. No name is that long.
const LARGEST: usize = 16 * 1024;
/// Most people on one page.
const PAGE: usize = 10;
/// Smallest page that is worth packing: what fits into one packet takes no longer unpacked.
const PACKED: u64 = 1_400;

/// The people of a site.
pub struct Site {
    register: Register,
}

impl Site {
    /// A fixed few that tests and documents name, and a crowd of so many, at most [`LARGEST_CROWD`], that follows from the
    /// seed.
    pub fn seeded(seed: u64, crowd: u32) -> Self {
        let people = people::all(seed, crowd);
        let register = Register::new(people, person::facilities());
        Self { register }
    }

    /// The people of a file, and nobody else. Its columns: `first_name`, `last_name`, `alien_number` (nine digits),
    /// `country_of_birth`, `date_of_birth` (`YYYY-MM-DD`) and, where wanted, `status` (`in_custody`, which is also meant by
    /// nothing, or `released`) and `facility`. Whoever is younger than 18 is never shown.
    pub fn from_csv(file: impl Read) -> Result<Self, FileError> {
        let (people, facilities) = file::read(file)?;
        let register = Register::new(people, facilities);
        Ok(Self { register })
    }
}

impl Default for Site {
    /// The fixed few, and a small crowd.
    fn default() -> Self {
        Self::seeded(0, 80)
    }
}

/// What answers.
#[derive(Clone)]
struct Desk {
    register: Arc<Register>,
    sessions: Sessions,
    faults: Faults,
}

/// The site, with its probes and the switches for its faults.
pub fn router(site: Site) -> Router {
    let desk = Desk {
        register: Arc::new(site.register),
        sessions: Sessions::default(),
        faults: Faults::default(),
    };
    let probe = get(|| async { "ok" });
    let faults = get(show_faults).put(set_faults).delete(no_faults);
    Router::new()
        .route("/", get(form))
        .route("/search", post(search))
        .route("/search/results", get(results))
        .route("/facilities/{place}", get(facility))
        .fallback(missing)
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(PACKED)))
        .route("/-/faults", faults)
        .route("/-/sessions", delete(end_sessions))
        .route("/livez", probe.clone())
        .route("/readyz", probe)
        .layer(map_response(marked))
        .with_state(desk)
}

/// Says in every head that nobody here is real.
async fn marked(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-simulated-site", "invented-people-only"),
        ("x-robots-tag", "noindex, nofollow"),
        ("cache-control", "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What addresses may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Look {
    lang: String,
    page: usize,
    of: String,
}

async fn form(
    State(desk): State<Desk>,
    headers: HeaderMap,
    look: Result<Query<Look>, QueryRejection>,
) -> Response {
    let look = look.map_or_else(|_| Look::default(), |Query(look)| look);
    let words = Words::of(&look.lang, &headers);
    desk.answer(&headers, "", words, |_| {
        let (session, token) = desk.sessions.open();
        let cookie = format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Strict");
        ([(header::SET_COOKIE, cookie)], pages::form(words, &token)).into_response()
    })
    .await
}

async fn search(
    State(desk): State<Desk>,
    headers: HeaderMap,
    question: Result<Form<Question>, FormRejection>,
) -> Response {
    let (question, read) = match question {
        Ok(Form(question)) => (question, true),
        Err(_) => (Question::default(), false),
    };
    let words = Words::of(&question.lang, &headers);
    desk.answer(&headers, &question.last_name, words, |picked| {
        if !read {
            return refused(words);
        }
        let id = cookie(&headers).unwrap_or_default();
        let session = match desk.sessions.of(id, &question.csrf_token) {
            Some(session) if picked.has(Fault::TokenExpired) => {
                desk.sessions.end(session);
                return expired(words);
            }
            Some(session) => session,
            None => return expired(words),
        };
        if !question.is_complete() {
            return refused(words);
        }
        if picked.has(Fault::Redirect) {
            let result = desk.page_of(session, &question, 1, words);
            return (StatusCode::SEE_OTHER, [(header::LOCATION, result)]).into_response();
        }
        let next = || desk.page_of(session, &question, 2, words);
        desk.results(words, &question, 1, next)
    })
    .await
}

/// A further page of an answer.
async fn results(
    State(desk): State<Desk>,
    headers: HeaderMap,
    look: Result<Query<Look>, QueryRejection>,
) -> Response {
    let look = look.map_or_else(|_| Look::default(), |Query(look)| look);
    let words = Words::of(&look.lang, &headers);
    desk.answer(&headers, "", words, |picked| {
        let session = cookie(&headers).and_then(|id| desk.sessions.named(id));
        let Some(session) = session else {
            return expired(words);
        };
        if picked.has(Fault::TokenExpired) {
            desk.sessions.end(session);
            return expired(words);
        }
        let Some(question) = desk.sessions.kept(session, &look.of) else {
            return expired(words);
        };
        let next = || page_at(&look.of, look.page.saturating_add(1), words);
        desk.results(words, &question, look.page, next)
    })
    .await
}

async fn facility(
    State(desk): State<Desk>,
    headers: HeaderMap,
    place: Result<Path<u32>, PathRejection>,
    look: Result<Query<Look>, QueryRejection>,
) -> Response {
    let look = look.map_or_else(|_| Look::default(), |Query(look)| look);
    let words = Words::of(&look.lang, &headers);
    desk.answer(&headers, "", words, |_| {
        match place
            .ok()
            .and_then(|Path(place)| desk.register.facility(place))
        {
            Some(facility) => pages::facility(words, facility).into_response(),
            None => not_there(words),
        }
    })
    .await
}

async fn missing(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    let words = Words::of("", &headers);
    desk.answer(&headers, "", words, |_| not_there(words)).await
}

impl Desk {
    /// The answer, or what faults make of it.
    async fn answer(
        &self,
        headers: &HeaderMap,
        surname: &str,
        words: &Words,
        right: impl FnOnce(&Picked) -> Response,
    ) -> Response {
        match self.faults.pick(headers, surname) {
            Ok(picked) => spoil::answer(&picked, words, || right(&picked)).await,
            Err(wrong) => (StatusCode::BAD_REQUEST, wrong).into_response(),
        }
    }

    /// One page of the answer, and where the next one is.
    fn results(
        &self,
        words: &Words,
        question: &Question,
        page: usize,
        next: impl FnOnce() -> String,
    ) -> Response {
        let everybody = self.register.find(question);
        let mut parts = everybody.chunks(PAGE);
        let people = match page.checked_sub(1).map(|before| parts.nth(before)) {
            Some(Some(people)) => people,
            // Nobody is an answer of one page.
            Some(None) if page == 1 => &[],
            _ => return not_there(words),
        };
        let found = Found {
            people,
            total: everybody.len(),
            next: parts.next().map(|_| next()),
        };
        pages::results(words, &self.register, &found).into_response()
    }

    /// Where a page of the answer to this question will be.
    fn page_of(&self, session: Session, question: &Question, page: usize, words: &Words) -> String {
        page_at(&self.sessions.keep(session, question), page, words)
    }
}

fn page_at(of: &str, page: usize, words: &Words) -> String {
    format!("/search/results?page={page}&of={of}&lang={}", words.lang)
}

fn expired(words: &Words) -> Response {
    (StatusCode::FORBIDDEN, pages::session_expired(words)).into_response()
}

fn refused(words: &Words) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, pages::refused(words)).into_response()
}

fn not_there(words: &Words) -> Response {
    (StatusCode::NOT_FOUND, pages::missing(words)).into_response()
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

async fn show_faults(State(desk): State<Desk>) -> Json<Plan> {
    Json(desk.faults.shown().as_ref().clone())
}

async fn set_faults(State(desk): State<Desk>, Json(plan): Json<Value>) -> Response {
    match Plan::parse(plan) {
        Ok(plan) => {
            desk.faults.set(plan.clone());
            Json(plan).into_response()
        }
        Err(wrong) => (StatusCode::UNPROCESSABLE_ENTITY, wrong).into_response(),
    }
}

async fn no_faults(State(desk): State<Desk>) -> Json<Plan> {
    desk.faults.set(Plan::default());
    show_faults(State(desk)).await
}

async fn end_sessions(State(desk): State<Desk>) -> StatusCode {
    desk.sessions.end_all();
    StatusCode::NO_CONTENT
}

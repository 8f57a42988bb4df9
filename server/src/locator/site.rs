//! The site over HTTP: session, form, answer. Says who it is, never goes round a challenge, sends nothing of the caller's
//! but the question.

use std::time::{Duration, Instant};

use icelocator_config::HttpUrl;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tokio::sync::Mutex;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::page::{self, Answered, Row};
use super::profile::Profile;
use super::{Failure, Question};
use crate::observe::catalogue;

/// Largest page that is read.
const LARGEST: usize = 2 * 1024 * 1024;
const USER_AGENT: &str = concat!(
    "IceLocator/",
    env!("CARGO_PKG_VERSION"),
    " (+https://icelocator.dev)"
);

/// The site.
pub struct Site {
    http: Client,
    base: HttpUrl,
    profile: Profile,
    token: Mutex<Option<String>>,
    requests: Counter<u64>,
    duration: Histogram<f64>,
}

impl Site {
    /// The site at `base`, as `profile` describes it.
    pub fn new(base: HttpUrl, profile: Profile, meter: &Meter) -> Result<Self, reqwest::Error> {
        // A redirect to somewhere else would hand the question to somebody else.
        let same_host = Policy::custom(|attempt| {
            let origin = |url: &reqwest::Url| {
                (
                    url.host_str().map(str::to_owned),
                    url.port_or_known_default(),
                )
            };
            let first = attempt.previous().first().map(origin);
            if attempt.previous().len() < 5 && first == Some(origin(attempt.url())) {
                attempt.follow()
            } else {
                attempt.stop()
            }
        });
        let http = Client::builder()
            .user_agent(USER_AGENT)
            .cookie_store(true)
            .redirect(same_host)
            .connect_timeout(Duration::from_secs(10))
            .build()?;
        Ok(Self {
            http,
            base,
            profile,
            token: Mutex::new(None),
            requests: catalogue::UPSTREAM_REQUESTS.counter(meter),
            duration: catalogue::UPSTREAM_REQUEST_DURATION.histogram(meter),
        })
    }

    /// Whether a question must say the country of birth.
    pub fn requires_country(&self) -> bool {
        self.profile.requires.country
    }

    /// Asks one question, within `limit`. No people means that the site said so.
    pub async fn ask(&self, question: &Question, limit: Duration) -> Result<Vec<Row>, Failure> {
        let deadline = Instant::now() + limit;
        let token = self.token(None, deadline).await?;
        match self.send(question, &token, deadline).await? {
            Answered::SessionExpired => {
                let token = self.token(Some(&token), deadline).await?;
                self.send(question, &token, deadline).await
            }
            answered => Ok(answered),
        }
        .and_then(|answered| match answered {
            Answered::People(rows) => Ok(rows),
            Answered::Nobody => Ok(Vec::new()),
            Answered::Challenge => Err(Failure::Challenged),
            Answered::SessionExpired | Answered::Unknown => Err(Failure::PageChanged),
        })
    }

    /// The session's token; a new session's where there is none yet or only the `spent` one.
    async fn token(&self, spent: Option<&str>, deadline: Instant) -> Result<String, Failure> {
        let mut kept = self.token.lock().await;
        match kept.as_deref() {
            Some(token) if Some(token) != spent => return Ok(token.to_owned()),
            _ => {}
        }
        let request = self.http.get(self.base.join(&self.profile.paths.form));
        let read = |html: &str| page::token(&self.profile, html).map_or_else(Err, Ok);
        let token = self.step("form", request, deadline, read).await?;
        *kept = Some(token.clone());
        Ok(token)
    }

    async fn send(
        &self,
        question: &Question,
        token: &str,
        deadline: Instant,
    ) -> Result<Answered, Failure> {
        let fields = &self.profile.fields;
        let mut form = vec![(fields.token.as_str(), token)];
        match question {
            Question::Number { number, country } => {
                form.push((&fields.alien_number, number));
                form.push((&fields.country, country));
            }
            Question::Name {
                first,
                last,
                country,
                date_of_birth,
            } => {
                form.push((&fields.first_name, first));
                form.push((&fields.last_name, last));
                form.push((&fields.country, country));
                form.push((&fields.date_of_birth, date_of_birth));
            }
        }
        let request = self
            .http
            .post(self.base.join(&self.profile.paths.search))
            .form(&form);
        let read = |html: &str| match page::answer(&self.profile, html) {
            known @ (Answered::People(_) | Answered::Nobody | Answered::SessionExpired) => {
                Ok(known)
            }
            other => Err(other),
        };
        self.step("search", request, deadline, read).await
    }

    /// One request and the reading of what it brought: counted, timed, and told apart.
    async fn step<T>(
        &self,
        step: &'static str,
        request: RequestBuilder,
        deadline: Instant,
        read: impl FnOnce(&str) -> Result<T, Answered>,
    ) -> Result<T, Failure> {
        let began = Instant::now();
        let span = tracing::info_span!(
            "icelocator.upstream",
            otel.kind = "client",
            icelocator.step = step,
            icelocator.result = Empty,
            http.request.method = if step == "form" { "GET" } else { "POST" },
            http.response.status_code = Empty,
            server.address = self.base.authority(),
            error.type = Empty,
        );
        let fetched = tokio::time::timeout_at(deadline.into(), fetch(request))
            .instrument(span.clone())
            .await
            .unwrap_or(Err(Failure::Timeout));
        let outcome = fetched.and_then(|(status, html)| {
            span.record("http.response.status_code", status.as_u16());
            let _in_request = span.enter();
            understand(status, &html, read)
        });
        let result = outcome
            .as_ref()
            .map_or_else(|failure| failure.as_str(), |_| "ok");
        span.record("icelocator.result", result);
        if outcome.is_err() {
            span.record("error.type", result);
        }
        let labels = [KeyValue::new("step", step), KeyValue::new("result", result)];
        self.requests.add(1, &labels);
        self.duration.record(began.elapsed().as_secs_f64(), &labels);
        outcome
    }
}

/// What a status and a page say together. A challenge is one under any status.
fn understand<T>(
    status: StatusCode,
    html: &str,
    read: impl FnOnce(&str) -> Result<T, Answered>,
) -> Result<T, Failure> {
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Failure::RateLimited);
    }
    let parsed = tracing::info_span!("icelocator.parse", icelocator.result = Empty);
    let outcome = parsed.in_scope(|| match read(html) {
        Err(Answered::Challenge) => Err(Failure::Challenged),
        _ if status.is_server_error() => Err(Failure::Unavailable),
        // Refused without a word: a person may get further.
        Err(_) if status == StatusCode::FORBIDDEN => Err(Failure::Challenged),
        Err(_) => Err(Failure::PageChanged),
        Ok(read) => Ok(read),
    });
    record_result(&parsed, &outcome);
    outcome
}

fn record_result<T>(span: &Span, outcome: &Result<T, Failure>) {
    let result = outcome
        .as_ref()
        .map_or_else(|failure| failure.as_str(), |_| "ok");
    span.record("icelocator.result", result);
}

async fn fetch(request: RequestBuilder) -> Result<(StatusCode, String), Failure> {
    let mut response = request.send().await.map_err(|error| unreachable(&error))?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unreachable(&error))?
    {
        if body.len() + chunk.len() > LARGEST {
            return Err(Failure::PageChanged);
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, decoded(&response, body)))
}

/// UTF-8 where it is that, whatever the header says; else the header's charset.
fn decoded(response: &Response, body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap_or_else(|error| {
        let declared = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once("charset="))
            .and_then(|(_, name)| {
                encoding_rs::Encoding::for_label(name.trim_matches('"').as_bytes())
            });
        let (text, _, _) = declared
            .unwrap_or(encoding_rs::WINDOWS_1252)
            .decode(error.as_bytes());
        text.into_owned()
    })
}

fn unreachable(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        Failure::Timeout
    } else {
        Failure::Unavailable
    }
}

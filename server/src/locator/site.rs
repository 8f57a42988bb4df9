//! The site over HTTP: its session, its form, and what each of its answers means. It is asked as what we are, no trace of
//! ours goes along, and a challenge is told, never met.

use std::sync::Arc;
use std::time::{Duration, Instant};

use icelocator_config::HttpUrl;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use reqwest::{RequestBuilder, Url};
use tokio::sync::{Mutex, Semaphore};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::fetch::{self, Fetched};
use super::page::{self, Answered, Unread};
use super::profile::Profile;
use super::row::Row;
use super::{Error, Failure, Question};
use crate::observe::catalogue;

/// Most pages that are read at once. One goes on being read when its call has run out of time.
const READERS: usize = 4;

/// The site.
pub struct Site {
    http: fetch::Http,
    form: Url,
    search: Url,
    profile: Arc<Profile>,
    token: Mutex<Option<String>>,
    readers: Arc<Semaphore>,
    requests: Counter<u64>,
    duration: Histogram<f64>,
}

/// A request to the site.
#[derive(Clone, Copy)]
enum Step {
    Form,
    Search,
}

impl Step {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Search => "search",
        }
    }

    const fn method(self) -> &'static str {
        match self {
            Self::Form => "GET",
            Self::Search => "POST",
        }
    }
}

impl Site {
    /// The site at `base`, as `profile` describes it.
    pub fn new(base: &HttpUrl, profile: Profile, meter: &Meter) -> Result<Self, Error> {
        let page = |path| Url::parse(&base.join(path)).map_err(|_| Error::Address);
        Ok(Self {
            http: fetch::Http::new()?,
            form: page(&profile.paths.form)?,
            search: page(&profile.paths.search)?,
            profile: Arc::new(profile),
            token: Mutex::new(None),
            readers: Arc::new(Semaphore::new(READERS)),
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
        if let Answered::People(rows) = self.send(question, &token, deadline).await? {
            return Ok(rows);
        }
        let token = self.token(Some(&token), deadline).await?;
        match self.send(question, &token, deadline).await? {
            Answered::People(rows) => Ok(rows),
            // A site that takes back the session that it has just given works in a way that we do not know.
            Answered::SessionExpired => Err(Failure::PageChanged),
        }
    }

    /// The session's token; a new session's where there is none yet or only the `spent` one. One is opened for all who wait.
    async fn token(&self, spent: Option<&str>, deadline: Instant) -> Result<String, Failure> {
        let mut kept = tokio::time::timeout_at(deadline.into(), self.token.lock())
            .await
            .map_err(|_| Failure::Timeout)?;
        match kept.as_deref() {
            Some(token) if Some(token) != spent => return Ok(token.to_owned()),
            _ => {}
        }
        *kept = None;
        self.http.forget_session();
        let request = self.http.client().get(self.form.clone());
        let profile = Arc::clone(&self.profile);
        let read = move |html: &str| page::token(&profile, html);
        let token = self.step(Step::Form, request, deadline, read).await?;
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
        let url = self.search.clone();
        let request = self.http.client().post(url.clone()).form(&form);
        let profile = Arc::clone(&self.profile);
        let read = move |html: &str| page::answer(&profile, &url, html);
        self.step(Step::Search, request, deadline, read).await
    }

    /// One request and the reading of what it brought: counted, timed, and told apart.
    async fn step<T: Send + 'static>(
        &self,
        step: Step,
        request: RequestBuilder,
        deadline: Instant,
        read: impl FnOnce(&str) -> Result<T, Unread> + Send + 'static,
    ) -> Result<T, Failure> {
        let began = Instant::now();
        let span = tracing::info_span!(
            "icelocator.upstream",
            otel.kind = "client",
            icelocator.step = step.as_str(),
            icelocator.result = Empty,
            http.request.method = step.method(),
            http.response.status_code = Empty,
            server.address = self.form.host_str(),
            server.port = self.form.port_or_known_default(),
            error.type = Empty,
        );
        let exchange = async {
            let fetched = fetch::fetch(request).await?;
            Span::current().record("http.response.status_code", fetched.status.as_u16());
            understand(&self.readers, fetched, read).await
        };
        let outcome = tokio::time::timeout_at(deadline.into(), exchange)
            .instrument(span.clone())
            .await
            .unwrap_or(Err(Failure::Timeout));
        let result = record(&span, &outcome);
        if outcome.is_err() {
            span.record("error.type", result);
        }
        let labels = [
            KeyValue::new("step", step.as_str()),
            KeyValue::new("result", result),
        ];
        self.requests.add(1, &labels);
        self.duration.record(began.elapsed().as_secs_f64(), &labels);
        outcome
    }
}

/// What a status and a page say together. A challenge is one under any status.
async fn understand<T: Send + 'static>(
    readers: &Arc<Semaphore>,
    fetched: Fetched,
    read: impl FnOnce(&str) -> Result<T, Unread> + Send + 'static,
) -> Result<T, Failure> {
    let Fetched {
        status,
        html,
        retry_after,
    } = fetched;
    let span = tracing::info_span!("icelocator.parse", icelocator.result = Empty);
    let parsed = span.clone();
    let reader = Arc::clone(readers).acquire_owned().await;
    let reading = move || {
        let _reader = reader;
        parsed.in_scope(|| read(&html))
    };
    // A panic of the reader is a page that it cannot read.
    let page = tokio::task::spawn_blocking(reading)
        .await
        .unwrap_or(Err(Unread::Unknown));
    let outcome = match page {
        Err(Unread::Challenge) => Err(Failure::Challenged),
        _ if status.as_u16() == 429 => Err(Failure::RateLimited { retry_after }),
        _ if status.is_server_error() => Err(Failure::Unavailable),
        Ok(read) => Ok(read),
        // Refused without a word that we know: a person may get further.
        Err(Unread::Unknown) if matches!(status.as_u16(), 401 | 403) => Err(Failure::Challenged),
        Err(Unread::Unknown) => Err(Failure::PageChanged),
    };
    record(&span, &outcome);
    outcome
}

/// Says on the span how it ended.
fn record<T>(span: &Span, outcome: &Result<T, Failure>) -> &'static str {
    let result = outcome
        .as_ref()
        .map_or_else(|failure| failure.as_str(), |_| "ok");
    span.record("icelocator.result", result);
    result
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn page() -> Fetched {
        Fetched {
            status: reqwest::StatusCode::OK,
            html: String::new(),
            retry_after: None,
        }
    }

    #[tokio::test]
    async fn a_page_whose_call_has_gone_is_still_one_of_the_few_that_are_read() {
        let readers = Arc::new(Semaphore::new(1));
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (let_go, held) = mpsc::channel::<()>();
        let slow = understand(&readers, page(), move |_| {
            let _ = begun.send(());
            let _ = held.recv();
            Ok(())
        });
        tokio::select! {
            _ = slow => panic!("read"),
            begun = has_begun => begun.unwrap(),
        }
        let next = understand(&readers, page(), |_| Ok(()));
        let mut next = std::pin::pin!(next);
        let early = tokio::time::timeout(Duration::from_millis(50), &mut next);
        assert!(early.await.is_err());
        let_go.send(()).unwrap();
        assert_eq!(next.await, Ok(()));
    }
}

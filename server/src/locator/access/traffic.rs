//! One page of the site: through the gate and the breaker, asked for again where that can mend it, counted, timed, and told
//! apart.

use std::sync::Arc;
use std::time::{Duration, Instant};

use icelocator_config::{Access, Pacing, Reloadable, Strategy};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use tokio::sync::{Semaphore, watch};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::breaker::{Breaker, Ticket};
use super::gate::Gate;
use super::proxy::Proxy;
use super::retry::{Cause, Miss, TRIES, back_off};
use crate::locator::Failure;
use crate::locator::fetch::{self, Fetched};
use crate::locator::page::Unread;
use crate::locator::session::Session;
use crate::locator::tally::{Stage, Tally};
use crate::observe::catalogue;

/// Less time than this is too little to tell a slow site from a fast one.
const MOMENT: Duration = Duration::from_millis(500);
/// Most pages that are read at once. One goes on being read when its call has run out of time.
const READERS: usize = 4;

/// What all requests to the site share, whatever their way.
pub struct Traffic {
    gate: Gate,
    breaker: Option<Breaker>,
    readers: Arc<Semaphore>,
    /// Longest time for one page.
    longest: Option<Duration>,
    requests: Counter<u64>,
    duration: Histogram<f64>,
    retries: Counter<u64>,
}

/// A way out, and the session that belongs to it.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// What it is called.
    pub strategy: Strategy,
    /// The session.
    pub session: &'a Session,
    /// The proxy that it leads through.
    pub proxy: Option<&'a Proxy>,
}

/// A page to be asked for, by what way, until when, and who counts what it takes.
#[derive(Clone, Copy)]
pub struct Errand<'a> {
    /// The way.
    pub way: Way<'a>,
    /// The kind of page.
    pub step: Step,
    /// When there is no use in it any more.
    pub deadline: Instant,
    /// What the search takes.
    pub tally: &'a Tally,
}

/// A kind of page.
#[derive(Clone, Copy)]
pub enum Step {
    /// The form.
    Form,
    /// The answer.
    Search,
    /// Another page of the answer.
    Page,
}

impl Step {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Search => "search",
            Self::Page => "page",
        }
    }

    const fn method(self) -> &'static str {
        match self {
            Self::Form | Self::Page => "GET",
            Self::Search => "POST",
        }
    }

    /// Method and target, as the conventions name a request's span; the page's address says whom it is about.
    const fn span(self) -> &'static str {
        match self {
            Self::Form => "GET form",
            Self::Search => "POST search",
            Self::Page => "GET page",
        }
    }
}

/// How a way is called in metrics and spans.
pub const fn word(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Direct => "direct",
        Strategy::Paced => "paced",
        Strategy::Proxied => "proxied",
        Strategy::Cached => "cached",
    }
}

impl Traffic {
    /// What these settings say of it.
    pub fn new(
        access: Option<&Access>,
        longest: Option<Duration>,
        reloadable: watch::Receiver<Reloadable>,
        meter: &Meter,
    ) -> Self {
        let retries = catalogue::UPSTREAM_RETRIES.counter(meter);
        for reason in ["unreached", "broken", "down", "told_to_wait"] {
            retries.add(0, &[KeyValue::new("reason", reason)]);
        }
        Self {
            gate: Gate::new(pacing(access), reloadable, meter),
            breaker: access
                .and_then(|access| access.circuit_breaker.as_ref())
                .map(|settings| Breaker::new(settings, meter)),
            readers: Arc::new(Semaphore::new(READERS)),
            longest,
            requests: catalogue::UPSTREAM_REQUESTS.counter(meter),
            duration: catalogue::UPSTREAM_REQUEST_DURATION.histogram(meter),
            retries,
        }
    }

    /// One page, asked for as often as may help and the deadline allows.
    pub async fn page<T: Send + 'static>(
        &self,
        errand: Errand<'_>,
        ask: impl Fn(&Client) -> RequestBuilder + Send + Sync,
        read: impl FnOnce(&str) -> Result<T, Unread> + Clone + Send + 'static,
    ) -> Result<T, Miss> {
        let mut tries = 1;
        let mut before: Option<Miss> = None;
        loop {
            let miss = match self.once(errand, tries, &ask, read.clone()).await {
                Ok(page) => return Ok(page),
                Err(Tried::Asked(miss)) => miss,
                // What the site said counts for more than that there was no time to ask it again.
                Err(Tried::NotSent(failure)) => {
                    return Err(before.unwrap_or_else(|| Miss::last(failure)));
                }
            };
            let Some(reason) = miss.reason_to_retry(errand.way.proxy.is_some()) else {
                return Err(miss);
            };
            // Not before the site wants it.
            let told = miss.failure.retry_after().unwrap_or_default();
            let wait = back_off(tries).max(told);
            if tries == TRIES || Instant::now() + wait > errand.deadline {
                return Err(miss);
            }
            let waiting = errand.tally.time(Stage::Waiting);
            tokio::time::sleep(wait).await;
            drop(waiting);
            self.retries.add(1, &[KeyValue::new("reason", reason)]);
            errand.tally.retried();
            before = Some(miss);
            tries += 1;
        }
    }

    async fn once<T: Send + 'static>(
        &self,
        errand: Errand<'_>,
        tries: u32,
        ask: &(impl Fn(&Client) -> RequestBuilder + Send + Sync),
        read: impl FnOnce(&str) -> Result<T, Unread> + Send + 'static,
    ) -> Result<T, Tried> {
        let way = errand.way;
        if let Some(wait) = self.breaker.as_ref().and_then(Breaker::closed_for) {
            return Err(Tried::NotSent(down_for(wait)));
        }
        let paced = way.strategy != Strategy::Direct;
        let waiting = errand.tally.time(Stage::Waiting);
        let place = self.gate.pass(paced, errand.deadline).await;
        drop(waiting);
        let place = place.map_err(Tried::NotSent)?;
        // After the wait: the news may have changed meanwhile.
        let ticket = self
            .breaker
            .as_ref()
            .map(Breaker::admit)
            .transpose()
            .map_err(|wait| Tried::NotSent(down_for(wait)))?;
        let outcome = self.exchange(errand, tries, ask, read).await;
        drop(place);
        if let (Some(ticket), Some(failed)) = (ticket, says_of_site(way, &outcome)) {
            Ticket::learn(ticket, failed);
        }
        outcome.map_err(Tried::Asked)
    }

    async fn exchange<T: Send + 'static>(
        &self,
        errand: Errand<'_>,
        tries: u32,
        ask: &(impl Fn(&Client) -> RequestBuilder + Send + Sync),
        read: impl FnOnce(&str) -> Result<T, Unread> + Send + 'static,
    ) -> Result<T, Miss> {
        let Errand {
            way,
            step,
            deadline,
            tally,
        } = errand;
        let began = Instant::now();
        let request = ask(way.session.client());
        let (client, request) = request.build_split();
        let url = request.as_ref().ok().map(|request| request.url().clone());
        let span = tracing::info_span!(
            "icelocator.upstream",
            otel.name = step.span(),
            otel.kind = "client",
            icelocator.step = step.as_str(),
            icelocator.result = Empty,
            http.request.method = step.method(),
            http.request.resend_count = (tries > 1).then(|| tries - 1),
            http.response.status_code = Empty,
            server.address = url.as_ref().and_then(Url::host_str),
            server.port = url.as_ref().and_then(Url::port_or_known_default),
            error.type = Empty,
        );
        let last = self
            .longest
            .and_then(|longest| began.checked_add(longest))
            .map_or(deadline, |one| one.min(deadline));
        let exchange = async {
            let request =
                request.map_err(|_| Miss::last(Failure::Unavailable { retry_after: None }))?;
            let upstream = tally.time(Stage::Upstream);
            let fetched = fetch::fetch(RequestBuilder::from_parts(client, request)).await;
            drop(upstream);
            let fetched = fetched?;
            Span::current().record("http.response.status_code", fetched.status.as_u16());
            if let Some(wait) = asked_to_wait(&fetched) {
                self.gate.keep_quiet(wait);
            }
            let _reading = tally.time(Stage::Reading);
            understand(&self.readers, fetched, read).await
        };
        let late = Miss {
            failure: Failure::Timeout,
            cause: if last.saturating_duration_since(began) < MOMENT {
                Cause::Hurried
            } else {
                Cause::Late
            },
        };
        let outcome = tokio::time::timeout_at(last.into(), exchange)
            .instrument(span.clone())
            .await
            .unwrap_or(Err(late));
        let result = record(&span, &outcome);
        if outcome.is_err() {
            span.record("error.type", result);
        }
        let labels = [
            KeyValue::new("step", step.as_str()),
            KeyValue::new("result", result),
            KeyValue::new("strategy", word(way.strategy)),
        ];
        self.requests.add(1, &labels);
        let seconds = began.elapsed().as_secs_f64();
        self.duration.record(seconds, &labels[..2]);
        let hurried = matches!(&outcome, Err(miss) if miss.cause == Cause::Hurried);
        if let Some(proxy) = way.proxy.filter(|_| !hurried) {
            let failed = outcome
                .as_ref()
                .err()
                .is_some_and(|miss| miss.is_of_the_way(true));
            proxy.learn(failed, began.elapsed());
        }
        outcome
    }
}

/// Why there is no page.
enum Tried {
    /// The site was asked.
    Asked(Miss),
    /// It was not.
    NotSent(Failure),
}

/// Whether a request says that the site fails, or that it does not; nothing where a proxy may be to blame.
fn says_of_site<T>(way: Way<'_>, outcome: &Result<T, Miss>) -> Option<bool> {
    match outcome {
        Ok(_) => Some(false),
        Err(miss) if miss.cause == Cause::Hurried => None,
        Err(miss) if way.proxy.is_some() && miss.is_of_the_way(true) => None,
        Err(miss) => Some(matches!(
            miss.failure,
            Failure::Unavailable { .. } | Failure::Timeout
        )),
    }
}

fn down_for(wait: Duration) -> Failure {
    Failure::Unavailable {
        retry_after: Some(wait),
    }
}

/// The pace that was written, or that of the strategy which has none.
fn pacing(access: Option<&Access>) -> Option<Pacing> {
    let access = access?;
    let of_strategy = || {
        let paced = access.strategies.contains(&Strategy::Paced);
        paced.then(|| Pacing {
            min_interval: icelocator_config::Duration::from_millis(500),
            jitter: icelocator_config::Duration::from_millis(250),
        })
    };
    access.pacing.clone().or_else(of_strategy)
}

/// For how long a site that is busy or down wants to be left alone.
fn asked_to_wait(fetched: &Fetched) -> Option<Duration> {
    let busy = fetched.status == StatusCode::TOO_MANY_REQUESTS || fetched.status.is_server_error();
    fetched.retry_after.filter(|_| busy)
}

/// What a status and a page say together. A challenge is one under any status.
async fn understand<T: Send + 'static>(
    readers: &Arc<Semaphore>,
    fetched: Fetched,
    read: impl FnOnce(&str) -> Result<T, Unread> + Send + 'static,
) -> Result<T, Miss> {
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
        Err(Unread::Challenge) => Err(Miss::last(Failure::Challenged)),
        _ if status == StatusCode::TOO_MANY_REQUESTS => Err(Miss {
            failure: Failure::RateLimited { retry_after },
            cause: retry_after.map_or(Cause::Last, |_| Cause::ToldToWait),
        }),
        // It is the proxy that asks for a password.
        _ if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(Miss {
            failure: Failure::Unavailable { retry_after: None },
            cause: Cause::Unreached,
        }),
        _ if status.is_server_error() => Err(Miss {
            failure: Failure::Unavailable { retry_after },
            cause: match status.as_u16() {
                502..=504 => Cause::Down,
                _ => Cause::Last,
            },
        }),
        Ok(read) => Ok(read),
        // Refused without a word that we know: a person may get further.
        Err(Unread::Unknown) if matches!(status.as_u16(), 401 | 403) => {
            Err(Miss::last(Failure::Challenged))
        }
        Err(Unread::Unknown) => Err(Miss::last(Failure::PageChanged)),
    };
    record(&span, &outcome);
    outcome
}

/// Says on the span how it ended.
fn record<T>(span: &Span, outcome: &Result<T, Miss>) -> &'static str {
    let result = outcome
        .as_ref()
        .map_or_else(|miss| miss.failure.as_str(), |_| "ok");
    span.record("icelocator.result", result);
    result
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn page() -> Fetched {
        Fetched {
            status: StatusCode::OK,
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

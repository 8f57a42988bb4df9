//! Sends batches until it is told to stop, and then what is left.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::stream::{FuturesUnordered, StreamExt as _};
use icelocator_telemetry::Exit;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter};
use reqwest::header::{CONTENT_ENCODING, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::batch::{Batch, Batches};
use crate::metrics::SINK_REQUEST_DURATION;
use crate::place::{Counts, End, Place};
use crate::turns::Turns;
use crate::{Destination, SecretFile, Settings, State, Verdict, body};

/// Longest time to reach a destination.
const CONNECT: Duration = Duration::from_secs(5);
/// How much of an answer is read, so that its connection can be used again.
const LARGEST_ANSWER: usize = 64 * 1024;

/// What is measured beside the counts.
pub(crate) struct Measures {
    sink: &'static str,
    duration: Histogram<f64>,
}

impl Measures {
    pub(crate) fn new(meter: &Meter, sink: &'static str) -> Self {
        Self {
            sink,
            duration: SINK_REQUEST_DURATION.histogram(meter),
        }
    }

    fn took(&self, time: Duration, is_ok: bool) {
        let result = if is_ok { "ok" } else { "failed" };
        let labels = [
            KeyValue::new("sink", self.sink),
            KeyValue::new("result", result),
        ];
        self.duration.record(time.as_secs_f64(), &labels);
    }
}

pub(crate) struct Worker<D: Destination> {
    destination: Arc<D>,
    settings: Settings,
    secret: Option<Arc<SecretFile>>,
    counts: Arc<Counts>,
    measures: Measures,
    exit: Exit,
    client: Client,
    turns: Turns,
    /// The last secret with which something was delivered.
    accepted: Mutex<Option<String>>,
    draining: CancellationToken,
}

/// How an attempt ended.
enum Attempt {
    Delivered,
    /// The destination may have got it.
    Failed(&'static str, Option<Duration>),
    /// It cannot have got it, or does not want to know who sent it.
    Absent(State, &'static str),
    Refused(&'static str),
}

impl<D: Destination> Worker<D> {
    pub(crate) fn new(
        destination: Arc<D>,
        settings: Settings,
        counts: Arc<Counts>,
        measures: Measures,
        exit: Exit,
        user_agent: &'static str,
        draining: CancellationToken,
    ) -> Result<Self, reqwest::Error> {
        icelocator_telemetry::install_tls();
        let client = Client::builder()
            .user_agent(user_agent)
            // Not those of the environment: what is sent goes where the settings say, and nowhere else.
            .no_proxy()
            .redirect(Policy::none())
            .timeout(settings.timeout)
            .connect_timeout(CONNECT.min(settings.timeout))
            .build()?;
        let secret = settings.secret.clone().map(SecretFile::new);
        Ok(Self {
            destination,
            secret: secret.map(Arc::new),
            settings,
            counts,
            measures,
            exit,
            client,
            turns: Turns::new(draining.clone()),
            accepted: Mutex::default(),
            draining,
        })
    }

    pub(crate) async fn run(self, queue: UnboundedReceiver<(Place, D::Item)>) {
        let mut batches = Batches::new(
            queue,
            Arc::clone(&self.destination),
            self.settings.clone(),
            self.exit.clone(),
            Arc::clone(&self.counts),
        );
        let mut under_way = FuturesUnordered::new();
        let mut is_closed = false;
        loop {
            let has_room = under_way.len() < self.settings.concurrency;
            tokio::select! {
                () = self.draining.cancelled(), if !is_closed => {
                    is_closed = true;
                    batches.queue.close();
                }
                batch = batches.next(), if has_room => match batch {
                    Some(batch) => under_way.push(self.deliver(batch)),
                    None => break,
                },
                Some(()) = under_way.next() => {}
            }
        }
        while under_way.next().await.is_some() {}
    }

    async fn deliver(&self, batch: Batch) {
        let mut retries = 0;
        loop {
            let turn = self.turns.wait().await;
            let attempt = AssertUnwindSafe(self.attempt(&batch)).catch_unwind().await;
            match attempt.unwrap_or(Attempt::Refused("bug")) {
                Attempt::Delivered => {
                    self.turns.good();
                    self.counts.is_well();
                    return batch.end(End::Delivered);
                }
                Attempt::Refused(failure) => {
                    self.turns.good();
                    self.counts.is_not_well(State::Failing, failure);
                    return batch.end(End::Refused);
                }
                Attempt::Absent(state, failure) => {
                    self.turns.bad(None);
                    self.counts.is_not_well(state, failure);
                }
                Attempt::Failed(failure, asked) => {
                    self.turns.bad(asked);
                    self.counts.is_not_well(State::Failing, failure);
                    if retries == self.settings.retries {
                        return batch.end(End::RetriesExhausted);
                    }
                    retries += 1;
                }
            }
            drop(turn);
            self.counts.retries.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn attempt(&self, batch: &Batch) -> Attempt {
        let Some(secret) = self.secret().await else {
            return Attempt::Absent(State::Waiting, "no_secret");
        };
        let Some(post) = self.destination.request(&secret, &batch.items) else {
            return Attempt::Absent(State::Waiting, "bad_secret");
        };
        let mut request = self.client.post(post.url);
        for (name, value) in post.headers {
            request = request.header(name, value);
        }
        let request = if self.settings.gzip {
            let Ok(packed) = body::gzip(&post.body) else {
                return Attempt::Refused("bug");
            };
            request
                .header(CONTENT_ENCODING, HeaderValue::from_static("gzip"))
                .body(packed)
        } else {
            request.body(post.body)
        };
        let began = Instant::now();
        let attempt = self.send(request, secret).await;
        let is_ok = matches!(attempt, Attempt::Delivered);
        self.measures.took(began.elapsed(), is_ok);
        attempt
    }

    async fn send(&self, request: RequestBuilder, secret: String) -> Attempt {
        match request.send().await {
            Ok(response) => {
                let verdict = self
                    .destination
                    .judge(response.status(), response.headers());
                read(response).await;
                match verdict {
                    Verdict::Delivered => {
                        *self.accepted() = Some(secret);
                        Attempt::Delivered
                    }
                    Verdict::Retry(asked) => Attempt::Failed("told_to_retry", asked),
                    Verdict::Unauthorized | Verdict::Forbidden => {
                        if let Some(file) = &self.secret {
                            file.forget();
                        }
                        if verdict == Verdict::Forbidden && self.is_known(&secret).await {
                            Attempt::Refused("refused")
                        } else {
                            Attempt::Absent(State::Failing, "unauthorized")
                        }
                    }
                    Verdict::Refused => Attempt::Refused("refused"),
                }
            }
            Err(error) if error.is_builder() => Attempt::Absent(State::Waiting, "bad_address"),
            Err(error) if error.is_connect() => Attempt::Absent(State::Failing, "unreachable"),
            Err(error) if error.is_timeout() => Attempt::Failed("timeout", None),
            Err(_) => Attempt::Failed("broken", None),
        }
    }

    /// Whether something was delivered with this secret, and it is still the one.
    async fn is_known(&self, secret: &str) -> bool {
        let is_accepted = self.accepted().as_deref() == Some(secret);
        is_accepted && self.secret().await.as_deref() == Some(secret)
    }

    fn accepted(&self) -> MutexGuard<'_, Option<String>> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn secret(&self) -> Option<String> {
        let Some(file) = self.secret.clone() else {
            return Some(String::new());
        };
        if let Some(known) = file.known() {
            return Some(known);
        }
        let read = tokio::task::spawn_blocking(move || file.says());
        read.await.ok()?
    }
}

async fn read(mut response: Response) {
    let mut left = LARGEST_ANSWER;
    while let Ok(Some(chunk)) = response.chunk().await {
        match left.checked_sub(chunk.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

//! A collector, spoken to by OTLP over gRPC or HTTP. Everything is said here; no variable of the environment decides anything.
//!
//! A push that fails is made again, later each time, for half a minute; then what it held is given up. At the end it is made
//! once more at most.

use std::sync::Arc;
use std::time::Duration;

use http::uri::PathAndQuery;
use icelocator_config::{HttpUrl, OtlpProtocol};
use jiff::Timestamp;
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tonic::client::Grpc;
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Status};
use tonic_prost::ProstCodec;

use crate::Error;
use crate::headers::{Headers, Unusable};
use crate::health::State;
use crate::pipeline::{Loss, Pipeline};
use crate::retry_after;

/// Longest time of one request.
const ATTEMPT: Duration = Duration::from_secs(5);
/// Longest time that a push is tried for.
const GIVE_UP: Duration = Duration::from_secs(30);
/// How long it waits before it is made again; each time twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Largest answer that is read.
const LARGEST_ANSWER: usize = 64 * 1024;

/// What is pushed.
pub trait Push: Message + Clone + Default + 'static {
    type Answer: Message + Default + 'static;
    const GRPC: &'static str;
    const HTTP: &'static str;
    /// How many items the collector did not take.
    fn refused(answer: Self::Answer) -> i64;
}

impl Push for ExportTraceServiceRequest {
    type Answer = ExportTraceServiceResponse;
    const GRPC: &'static str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    const HTTP: &'static str = "/v1/traces";
    fn refused(answer: Self::Answer) -> i64 {
        answer.partial_success.map_or(0, |part| part.rejected_spans)
    }
}

impl Push for ExportLogsServiceRequest {
    type Answer = ExportLogsServiceResponse;
    const GRPC: &'static str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
    const HTTP: &'static str = "/v1/logs";
    fn refused(answer: Self::Answer) -> i64 {
        let part = answer.partial_success;
        part.map_or(0, |part| part.rejected_log_records)
    }
}

impl Push for ExportMetricsServiceRequest {
    type Answer = ExportMetricsServiceResponse;
    const GRPC: &'static str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    const HTTP: &'static str = "/v1/metrics";
    fn refused(answer: Self::Answer) -> i64 {
        let part = answer.partial_success;
        part.map_or(0, |part| part.rejected_data_points)
    }
}

/// A collector.
#[derive(Clone, Debug)]
pub struct Collector(Arc<Line>);

#[derive(Debug)]
struct Line {
    wire: Wire,
    headers: Headers,
    runtime: Handle,
    stopping: CancellationToken,
}

#[derive(Debug)]
enum Wire {
    Grpc(Channel),
    Http(reqwest::Client, HttpUrl),
}

/// Why a push failed.
struct Failure {
    word: &'static str,
    state: State,
    /// Whether it may be made again, and how long the collector wants us to wait.
    again: Option<Duration>,
    /// The Secret's key with which something is wrong.
    key: Option<String>,
}

impl Failure {
    const fn passing(word: &'static str) -> Self {
        Self {
            word,
            state: State::Failing,
            again: Some(Duration::ZERO),
            key: None,
        }
    }

    const fn lasting(word: &'static str) -> Self {
        Self {
            word,
            state: State::Failing,
            again: None,
            key: None,
        }
    }
}

impl Collector {
    /// Nobody is spoken to yet. `stopping` says that the end has come.
    pub fn new(
        endpoint: &HttpUrl,
        protocol: OtlpProtocol,
        user_agent: &str,
        headers: Headers,
        stopping: CancellationToken,
    ) -> Result<Self, Error> {
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let wire = match protocol {
            OtlpProtocol::Grpc => {
                let mut to = Endpoint::from_shared(endpoint.as_str().to_owned())?
                    .user_agent(user_agent)?
                    .connect_timeout(ATTEMPT);
                if endpoint.as_str().starts_with("https:") {
                    to = to.tls_config(ClientTlsConfig::new().with_native_roots())?;
                }
                Wire::Grpc(to.connect_lazy())
            }
            OtlpProtocol::Http => {
                let client = reqwest::Client::builder()
                    .user_agent(user_agent)
                    // Not those of the environment: what is sent goes where the settings say, and nowhere else.
                    .no_proxy()
                    .redirect(Policy::none())
                    .build()?;
                Wire::Http(client, endpoint.clone())
            }
        };
        Ok(Self(Arc::new(Line {
            wire,
            headers,
            runtime,
            stopping,
        })))
    }

    /// Pushes `count` items until it is known what became of them.
    pub async fn push<P: Push>(&self, push: P, count: usize, pipeline: &Arc<Pipeline>) {
        let (line, of) = (Arc::clone(&self.0), Arc::clone(pipeline));
        // On the runtime, as whoever asks may be a thread of its own.
        let pushed = self
            .0
            .runtime
            .spawn(async move { line.push(push, &of).await });
        let result = pushed.await.unwrap_or(Err(Loss::ExportFailed));
        match result {
            Ok(refused) => {
                let refused = usize::try_from(refused).unwrap_or(0).min(count);
                pipeline.lose(Loss::Refused, refused);
                pipeline.deliver(count - refused);
            }
            Err(loss) => pipeline.lose(loss, count),
        }
    }
}

impl Line {
    async fn push<P: Push>(&self, push: P, pipeline: &Pipeline) -> Result<i64, Loss> {
        let until = Instant::now() + GIVE_UP;
        let mut pause = FIRST_PAUSE;
        loop {
            let attempt = timeout(ATTEMPT, self.attempt(&push)).await;
            let failure = match attempt.unwrap_or(Err(Failure::passing("timeout"))) {
                Ok(refused) => {
                    if refused > 0 {
                        pipeline.condition.is_not_well(State::Failing, "refused");
                    } else if pipeline.condition.is_well() {
                        tracing::info!(
                            icelocator.sink = pipeline.sink,
                            "the collector takes what it is sent again"
                        );
                    }
                    return Ok(refused);
                }
                Err(failure) => failure,
            };
            if pipeline.condition.is_not_well(failure.state, failure.word) {
                failure.tell(pipeline.sink);
            }
            let Some(asked) = failure.again else {
                return Err(Loss::Refused);
            };
            let pausing = pause.mul_f64(rand::random_range(0.5..1.0)).max(asked);
            if self.stopping.is_cancelled() || Instant::now() + pausing > until {
                return Err(Loss::ExportFailed);
            }
            tokio::select! {
                () = sleep(pausing) => {}
                () = self.stopping.cancelled() => {}
            }
            pause *= 2;
        }
    }

    async fn attempt<P: Push>(&self, push: &P) -> Result<i64, Failure> {
        let headers = self.headers.read().await.map_err(Failure::from)?;
        match &self.wire {
            Wire::Grpc(channel) => over_grpc(channel.clone(), push.clone(), headers).await,
            Wire::Http(client, endpoint) => over_http(client, endpoint, push, headers).await,
        }
    }
}

async fn over_grpc<P: Push>(channel: Channel, push: P, headers: HeaderMap) -> Result<i64, Failure> {
    let mut client = Grpc::new(channel).max_decoding_message_size(LARGEST_ANSWER);
    client
        .ready()
        .await
        .map_err(|_| Failure::passing("unreachable"))?;
    let mut request = tonic::Request::new(push);
    *request.metadata_mut() = MetadataMap::from_headers(headers);
    let path = PathAndQuery::from_static(P::GRPC);
    let codec = ProstCodec::<P, P::Answer>::default();
    let answer = client.unary(request, path, codec).await;
    Ok(P::refused(
        answer
            .map_err(|status| Failure::from(&status))?
            .into_inner(),
    ))
}

async fn over_http<P: Push>(
    client: &reqwest::Client,
    endpoint: &HttpUrl,
    push: &P,
    headers: HeaderMap,
) -> Result<i64, Failure> {
    let mut answer = client
        .post(endpoint.join(P::HTTP))
        .headers(headers)
        .header(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-protobuf"),
        )
        .body(push.encode_to_vec())
        .send()
        .await
        .map_err(|error| {
            Failure::passing(if error.is_connect() {
                "unreachable"
            } else {
                "broken"
            })
        })?;
    let mut body = Vec::new();
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|_| Failure::passing("broken"))?
    {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            break;
        }
    }
    if !answer.status().is_success() {
        return Err(Failure::of(answer.status(), answer.headers()));
    }
    // Whoever says 200 in words of their own has taken it.
    Ok(P::Answer::decode(body.as_slice()).map_or(0, P::refused))
}

impl Failure {
    fn tell(&self, sink: &'static str) {
        if self.state == State::Waiting {
            tracing::warn!(
                icelocator.sink = sink,
                icelocator.reason = self.word,
                icelocator.secret.key = self.key,
                "nothing is sent to the collector until the Secret with its headers can be used"
            );
        } else {
            tracing::warn!(
                icelocator.sink = sink,
                icelocator.reason = self.word,
                "the collector does not take what it is sent"
            );
        }
    }

    fn of(status: StatusCode, headers: &HeaderMap) -> Self {
        match status.as_u16() {
            401 | 403 => Self::passing("unauthorized"),
            429 | 502..=504 => Self {
                again: Some(patience(headers)),
                ..Self::passing("told_to_retry")
            },
            500.. => Self::passing("server_error"),
            _ => Self::lasting("refused"),
        }
    }
}

/// How long to wait. Beyond the time that a push is tried for, it is all the same how long.
fn patience(headers: &HeaderMap) -> Duration {
    let asked = retry_after(headers, Timestamp::now());
    asked.unwrap_or_default().min(GIVE_UP)
}

impl From<&Status> for Failure {
    fn from(status: &Status) -> Self {
        match status.code() {
            Code::Unavailable | Code::Aborted | Code::Cancelled | Code::Unknown => {
                Self::passing("unreachable")
            }
            Code::DeadlineExceeded => Self::passing("timeout"),
            Code::ResourceExhausted => Self::passing("told_to_retry"),
            Code::Unauthenticated | Code::PermissionDenied => Self::passing("unauthorized"),
            Code::Internal | Code::DataLoss => Self::passing("server_error"),
            _ => Self::lasting("refused"),
        }
    }
}

impl From<Unusable> for Failure {
    fn from(unusable: Unusable) -> Self {
        let (word, key) = match unusable {
            Unusable::Missing => ("no_secret", None),
            Unusable::NoKeys => ("empty_secret", None),
            Unusable::TooManyKeys => ("too_many_headers", None),
            Unusable::Name(key) => ("bad_header_name", Some(key)),
            Unusable::Value(key) => ("bad_header_value", Some(key)),
        };
        Self {
            state: State::Waiting,
            key,
            ..Self::passing(word)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_may_ask_for_any_patience() {
        let asked = |value| {
            let value = HeaderValue::from_static(value);
            patience(&HeaderMap::from_iter([(
                reqwest::header::RETRY_AFTER,
                value,
            )]))
        };
        assert_eq!(asked("7"), Duration::from_secs(7));
        assert_eq!(asked("soon"), Duration::ZERO);
        assert_eq!(asked("18446744073709551615"), GIVE_UP);
    }
}

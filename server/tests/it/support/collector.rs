//! A small OpenTelemetry collector that keeps what it is sent, over gRPC and HTTP, and can be in every kind of trouble.

#![allow(
    dead_code,
    reason = "two crates test with it, and each needs other parts of it"
)]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request as HttpRequest, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response as HttpResponse};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::task::JoinHandle;
use tonic::{Code, Request, Response, Status};

use super::wait::{PAUSE, until};

/// How a collector behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Takes everything.
    #[default]
    Well,
    /// Takes everything but one item of each push.
    Picky,
    /// Answers nothing until it is well again, and then that it is overloaded.
    Slow,
    /// Says that it is overloaded.
    Overloaded,
    /// Says that it does not understand.
    Refusing,
    /// Says that it does not know who sends this.
    Locked,
    /// Ends connections without an answer.
    Resetting,
}

#[derive(Default)]
struct Kept {
    mood: Mutex<Mood>,
    pushes: Mutex<usize>,
    headers: Mutex<Vec<HeaderMap>>,
    traces: Mutex<Vec<ExportTraceServiceRequest>>,
    metrics: Mutex<Vec<ExportMetricsServiceRequest>>,
    logs: Mutex<Vec<ExportLogsServiceRequest>>,
}

impl Kept {
    fn mood(&self) -> Mood {
        *self.mood.lock().unwrap()
    }

    fn refused(&self) -> i64 {
        i64::from(self.mood() == Mood::Picky)
    }
}

/// A running collector.
pub struct Collector {
    pub url: String,
    kept: Arc<Kept>,
    serving: JoinHandle<()>,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Collector {
    pub async fn start() -> Self {
        Self::at("127.0.0.1:0").await
    }

    pub async fn at(address: &str) -> Self {
        let kept = Arc::<Kept>::default();
        let at = |service: &str| format!("/opentelemetry.proto.collector.{service}/Export");
        let router = Router::new()
            .route("/v1/traces", post(http_traces))
            .route("/v1/metrics", post(http_metrics))
            .route("/v1/logs", post(http_logs))
            .with_state(Arc::clone(&kept))
            .route_service(
                &at("trace.v1.TraceService"),
                TraceServiceServer::new(Grpc(Arc::clone(&kept))),
            )
            .route_service(
                &at("metrics.v1.MetricsService"),
                MetricsServiceServer::new(Grpc(Arc::clone(&kept))),
            )
            .route_service(
                &at("logs.v1.LogsService"),
                LogsServiceServer::new(Grpc(Arc::clone(&kept))),
            )
            .layer(from_fn_with_state(Arc::clone(&kept), moody));
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self { url, kept, serving }
    }

    pub fn is(&self, mood: Mood) {
        *self.kept.mood.lock().unwrap() = mood;
    }

    /// Settings that send everything here.
    pub fn settings(&self, protocol: &str) -> String {
        format!(
            "telemetry: {{otlp: {{endpoint: \"{}\", protocol: {protocol}}}}}",
            self.url
        )
    }

    /// How many pushes came, taken or not.
    pub fn pushes(&self) -> usize {
        *self.kept.pushes.lock().unwrap()
    }

    /// With which headers they came.
    pub fn headers(&self) -> Vec<HeaderMap> {
        self.kept.headers.lock().unwrap().clone()
    }

    pub fn spans(&self) -> Vec<Span> {
        let traces = self.kept.traces.lock().unwrap();
        traces
            .iter()
            .flat_map(|request| &request.resource_spans)
            .flat_map(|resource| &resource.scope_spans)
            .flat_map(|scope| scope.spans.clone())
            .collect()
    }

    /// Waits until `enough` of the spans have arrived.
    pub async fn wait(&self, enough: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        until(async || enough(&self.spans())).await;
        self.spans()
    }

    pub fn records(&self) -> Vec<LogRecord> {
        let logs = self.kept.logs.lock().unwrap();
        logs.iter()
            .flat_map(|request| &request.resource_logs)
            .flat_map(|resource| &resource.scope_logs)
            .flat_map(|scope| scope.log_records.clone())
            .collect()
    }

    /// Attributes of the resources whose spans came.
    pub fn resources(&self) -> Vec<Vec<KeyValue>> {
        let traces = self.kept.traces.lock().unwrap();
        traces
            .iter()
            .flat_map(|request| &request.resource_spans)
            .filter_map(|resource| resource.resource.clone())
            .map(|resource| resource.attributes)
            .collect()
    }

    pub fn metric_names(&self) -> Vec<String> {
        let metrics = self.kept.metrics.lock().unwrap();
        metrics
            .iter()
            .flat_map(|request| &request.resource_metrics)
            .flat_map(|resource| &resource.scope_metrics)
            .flat_map(|scope| scope.metrics.iter().map(|metric| metric.name.clone()))
            .collect()
    }

    /// Everything that was ever taken here, as text.
    pub fn everything(&self) -> String {
        format!(
            "{:?}{:?}{:?}",
            self.kept.traces.lock().unwrap(),
            self.kept.metrics.lock().unwrap(),
            self.kept.logs.lock().unwrap()
        )
    }
}

/// A text or number attribute of a span.
pub fn attribute(span: &Span, name: &str) -> Option<String> {
    value(&span.attributes, name)
}

/// A text or number by its name.
pub fn value(attributes: &[KeyValue], name: &str) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.key == name)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        Value::BoolValue(value) => Some(value.to_string()),
        other => Some(format!("{other:?}")),
    }
}

/// What a record says.
pub fn body(record: &LogRecord) -> &str {
    match record.body.as_ref().and_then(|body| body.value.as_ref()) {
        Some(Value::StringValue(text)) => text,
        _ => "",
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

async fn moody(State(kept): State<Arc<Kept>>, request: HttpRequest, next: Next) -> HttpResponse {
    *kept.pushes.lock().unwrap() += 1;
    kept.headers.lock().unwrap().push(request.headers().clone());
    let is_grpc = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    let trouble = |status: StatusCode, code: Code| {
        if is_grpc {
            Status::new(code, "").into_http::<axum::body::Body>()
        } else {
            status.into_response()
        }
    };
    match kept.mood() {
        Mood::Well | Mood::Picky => next.run(request).await,
        Mood::Slow => {
            while kept.mood() == Mood::Slow {
                tokio::time::sleep(PAUSE).await;
            }
            trouble(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable)
        }
        Mood::Overloaded => trouble(StatusCode::INTERNAL_SERVER_ERROR, Code::Unavailable),
        Mood::Refusing => trouble(StatusCode::BAD_REQUEST, Code::InvalidArgument),
        Mood::Locked => trouble(StatusCode::UNAUTHORIZED, Code::Unauthenticated),
        // Ends the task that serves the connection.
        Mood::Resetting => std::panic::resume_unwind(Box::new(())),
    }
}

#[derive(Clone)]
struct Grpc(Arc<Kept>);

#[tonic::async_trait]
impl TraceService for Grpc {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        Ok(Response::new(traces(&self.0, request.into_inner())))
    }
}

#[tonic::async_trait]
impl MetricsService for Grpc {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        Ok(Response::new(metrics(&self.0, request.into_inner())))
    }
}

#[tonic::async_trait]
impl LogsService for Grpc {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        Ok(Response::new(logs(&self.0, request.into_inner())))
    }
}

async fn http_traces(State(kept): State<Arc<Kept>>, body: Bytes) -> HttpResponse {
    protobuf(&traces(&kept, Message::decode(body).unwrap()))
}

async fn http_metrics(State(kept): State<Arc<Kept>>, body: Bytes) -> HttpResponse {
    protobuf(&metrics(&kept, Message::decode(body).unwrap()))
}

async fn http_logs(State(kept): State<Arc<Kept>>, body: Bytes) -> HttpResponse {
    protobuf(&logs(&kept, Message::decode(body).unwrap()))
}

fn traces(kept: &Kept, request: ExportTraceServiceRequest) -> ExportTraceServiceResponse {
    kept.traces.lock().unwrap().push(request);
    ExportTraceServiceResponse {
        partial_success: Some(ExportTracePartialSuccess {
            rejected_spans: kept.refused(),
            ..Default::default()
        }),
    }
}

fn metrics(kept: &Kept, request: ExportMetricsServiceRequest) -> ExportMetricsServiceResponse {
    kept.metrics.lock().unwrap().push(request);
    ExportMetricsServiceResponse {
        partial_success: Some(ExportMetricsPartialSuccess {
            rejected_data_points: kept.refused(),
            ..Default::default()
        }),
    }
}

fn logs(kept: &Kept, request: ExportLogsServiceRequest) -> ExportLogsServiceResponse {
    kept.logs.lock().unwrap().push(request);
    ExportLogsServiceResponse {
        partial_success: Some(ExportLogsPartialSuccess {
            rejected_log_records: kept.refused(),
            ..Default::default()
        }),
    }
}

fn protobuf(message: &impl Message) -> HttpResponse {
    let kind = [(CONTENT_TYPE, "application/x-protobuf")];
    (kind, message.encode_to_vec()).into_response()
}

//! A small OpenTelemetry collector that keeps what it is sent, over gRPC and HTTP.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tonic::{Request, Response, Status};

#[derive(Clone, Default)]
struct Kept {
    traces: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    metrics: Arc<Mutex<Vec<ExportMetricsServiceRequest>>>,
}

/// A running collector.
pub struct Collector {
    pub url: String,
    kept: Kept,
}

impl Collector {
    pub async fn start() -> Self {
        let kept = Kept::default();
        let router = Router::new()
            .route("/v1/traces", post(http_traces))
            .route("/v1/metrics", post(http_metrics))
            .with_state(kept.clone())
            .route_service(
                "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
                TraceServiceServer::new(kept.clone()),
            )
            .route_service(
                "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
                MetricsServiceServer::new(kept.clone()),
            );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { url, kept }
    }

    /// Settings that send everything here.
    pub fn settings(&self, protocol: &str) -> String {
        format!(
            "telemetry: {{otlp: {{endpoint: \"{}\", protocol: {protocol}}}}}",
            self.url
        )
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
        let began = Instant::now();
        loop {
            let spans = self.spans();
            if enough(&spans) {
                return spans;
            }
            assert!(
                began.elapsed() < Duration::from_secs(15),
                "spans did not arrive: {spans:#?}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
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

    /// Everything that was ever sent here, as text.
    pub fn everything(&self) -> String {
        format!(
            "{:?}{:?}",
            self.kept.traces.lock().unwrap(),
            self.kept.metrics.lock().unwrap()
        )
    }
}

/// A text or number attribute of a span.
pub fn attribute(span: &Span, name: &str) -> Option<String> {
    let attribute = span
        .attributes
        .iter()
        .find(|attribute| attribute.key == name)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        Value::BoolValue(value) => Some(value.to_string()),
        other => Some(format!("{other:?}")),
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[tonic::async_trait]
impl TraceService for Kept {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.traces.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Kept {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.metrics.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

async fn http_traces(State(kept): State<Kept>, body: Bytes) -> Protobuf {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    kept.traces.lock().unwrap().push(request);
    protobuf(&ExportTraceServiceResponse::default())
}

async fn http_metrics(State(kept): State<Kept>, body: Bytes) -> Protobuf {
    let request = ExportMetricsServiceRequest::decode(body).unwrap();
    kept.metrics.lock().unwrap().push(request);
    protobuf(&ExportMetricsServiceResponse::default())
}

type Protobuf = ([(HeaderName, &'static str); 1], Vec<u8>);

fn protobuf(message: &impl Message) -> Protobuf {
    (
        [(CONTENT_TYPE, "application/x-protobuf")],
        message.encode_to_vec(),
    )
}

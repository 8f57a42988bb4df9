//! The exporters towards a collector. Everything is said here; `OTEL_…` variables decide nothing.

use std::time::Duration;

use icelocator_config::{Otlp, OtlpProtocol};
use opentelemetry_otlp::tonic_types::transport::ClientTlsConfig;
use opentelemetry_otlp::{
    ExporterBuildError, MetricExporter, Protocol, SpanExporter, WithExportConfig, WithTonicConfig,
};

/// How long one push may take.
const PUSH_TIMEOUT: Duration = Duration::from_secs(5);

pub fn spans(otlp: &Otlp) -> Result<SpanExporter, ExporterBuildError> {
    match otlp.protocol {
        OtlpProtocol::Grpc => SpanExporter::builder()
            .with_tonic()
            .with_endpoint(otlp.endpoint.as_str())
            .with_timeout(PUSH_TIMEOUT)
            .with_tls_config(ClientTlsConfig::new().with_native_roots())
            .build(),
        OtlpProtocol::Http => SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(otlp.endpoint.join("/v1/traces"))
            .with_timeout(PUSH_TIMEOUT)
            .build(),
    }
}

pub fn metrics(otlp: &Otlp) -> Result<MetricExporter, ExporterBuildError> {
    match otlp.protocol {
        OtlpProtocol::Grpc => MetricExporter::builder()
            .with_tonic()
            .with_endpoint(otlp.endpoint.as_str())
            .with_timeout(PUSH_TIMEOUT)
            .with_tls_config(ClientTlsConfig::new().with_native_roots())
            .build(),
        OtlpProtocol::Http => MetricExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(otlp.endpoint.join("/v1/metrics"))
            .with_timeout(PUSH_TIMEOUT)
            .build(),
    }
}

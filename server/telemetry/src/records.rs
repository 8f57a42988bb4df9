//! Log records for a collector: what log lines say, in OTLP's form.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{
    BatchConfigBuilder, BatchLogProcessor, LogProcessor, SdkLogRecord, SdkLogger, SdkLoggerProvider,
};
use serde_json::Value;
use tracing::{Level, Metadata};

use crate::exporters::Exporter;
use crate::pipeline::{Pipeline, QUEUE};

const BATCH: usize = 512;
const SEND_EVERY: Duration = Duration::from_secs(2);
/// What these do, they do for the sending of records: a record of it would be sent, and so on.
const SENDERS: [&str; 8] = [
    "h2",
    "hyper",
    "hyper_util",
    "opentelemetry",
    "reqwest",
    "rustls",
    "tonic",
    "tower",
];

/// Makes log records.
#[derive(Debug)]
pub struct Records(SdkLogger);

/// Where records go, through a bounded queue.
pub fn provider(exporter: Exporter) -> SdkLoggerProvider {
    let pipeline = Arc::clone(&exporter.pipeline);
    let config = BatchConfigBuilder::default()
        // Twice the pipeline's bound: the queue within never fills, so every drop is counted there.
        .with_max_queue_size(2 * QUEUE)
        .with_max_export_batch_size(BATCH)
        .with_scheduled_delay(SEND_EVERY)
        .build();
    let next = BatchLogProcessor::builder(exporter)
        .with_batch_config(config)
        .build();
    SdkLoggerProvider::builder()
        .with_log_processor(Bounded { pipeline, next })
        .build()
}

impl Records {
    pub fn new(provider: &SdkLoggerProvider, name: &'static str) -> Self {
        Self(provider.logger(name))
    }

    /// Puts in a record. It belongs to the span that is active.
    pub fn put(
        &self,
        metadata: &Metadata<'static>,
        message: &str,
        fields: &[(&'static str, Value)],
    ) {
        let crate_name = metadata.target().split("::").next().unwrap_or_default();
        if SENDERS.contains(&crate_name) || crate_name.starts_with("opentelemetry") {
            return;
        }
        let mut record = self.0.create_log_record();
        record.set_timestamp(std::time::SystemTime::now());
        record.set_target(metadata.target());
        record.set_severity_text(metadata.level().as_str());
        record.set_severity_number(severity(*metadata.level()));
        record.set_body(AnyValue::String(message.to_owned().into()));
        for (name, value) in fields {
            if let Some(value) = any(value) {
                record.add_attribute(*name, value);
            }
        }
        self.0.emit(record);
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::TRACE => Severity::Trace,
        Level::DEBUG => Severity::Debug,
        Level::INFO => Severity::Info,
        Level::WARN => Severity::Warn,
        Level::ERROR => Severity::Error,
    }
}

fn any(value: &Value) -> Option<AnyValue> {
    Some(match value {
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64()?.into(),
        },
        Value::String(text) => text.clone().into(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    })
}

/// Takes no more than there are places for.
#[derive(Debug)]
struct Bounded {
    pipeline: Arc<Pipeline>,
    next: BatchLogProcessor,
}

impl LogProcessor for Bounded {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if self.pipeline.enter() {
            self.next.emit(record, scope);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }
}

//! What each signal's queue is emptied into: the last look at every item, then the collector.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::logs::tonic::group_logs_by_resource_and_scope;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use crate::collector::Collector;
use crate::guard::Exit;
use crate::pipeline::{Loss, Pipeline};

/// Sends one signal to one collector. Failures are counted and told in one place, the pipeline: the queue hears of none.
#[derive(Debug)]
pub struct Exporter {
    pub pipeline: Arc<Pipeline>,
    pub collector: Collector,
    pub resource: Resource,
}

impl Exporter {
    fn resource(&self) -> ResourceAttributesWithSchema {
        (&self.resource).into()
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let mut request = ExportTraceServiceRequest {
            resource_spans: group_spans_by_resource_and_scope(batch, &self.resource()),
        };
        let mut look = Look::new(&self.pipeline);
        for scope in request
            .resource_spans
            .iter_mut()
            .flat_map(|resource| &mut resource.scope_spans)
        {
            look.at(&mut scope.spans, write_span);
        }
        let left = count - look.end();
        if left > 0 {
            self.collector.push(request, left, &self.pipeline).await;
        }
        self.pipeline.leave(count);
        Ok(())
    }
}

impl LogExporter for Exporter {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let count = batch.iter().count();
        let mut request = ExportLogsServiceRequest {
            resource_logs: group_logs_by_resource_and_scope(&batch, &self.resource()),
        };
        let mut look = Look::new(&self.pipeline);
        for scope in request
            .resource_logs
            .iter_mut()
            .flat_map(|resource| &mut resource.scope_logs)
        {
            look.at(&mut scope.log_records, write_record);
        }
        let left = count - look.end();
        if left > 0 {
            self.collector.push(request, left, &self.pipeline).await;
        }
        self.pipeline.leave(count);
        Ok(())
    }
}

impl PushMetricExporter for Exporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let mut request = ExportMetricsServiceRequest::from(metrics);
        let mut look = Look::new(&self.pipeline);
        let mut left = 0;
        for metric in request
            .resource_metrics
            .iter_mut()
            .flat_map(|resource| &mut resource.scope_metrics)
            .flat_map(|scope| &mut scope.metrics)
        {
            left += match &mut metric.data {
                Some(Data::Gauge(gauge)) => look.at(&mut gauge.data_points, |text, point| {
                    write_all(text, &point.attributes);
                }),
                Some(Data::Sum(sum)) => look.at(&mut sum.data_points, |text, point| {
                    write_all(text, &point.attributes);
                }),
                Some(Data::Histogram(histogram)) => {
                    look.at(&mut histogram.data_points, |text, point| {
                        write_all(text, &point.attributes);
                    })
                }
                // Neither is made here.
                Some(Data::ExponentialHistogram(_) | Data::Summary(_)) | None => 0,
            };
        }
        look.end();
        if left > 0 {
            self.collector.push(request, left, &self.pipeline).await;
        }
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

/// The last look at a batch.
struct Look<'a> {
    pipeline: &'a Pipeline,
    exit: &'a Exit,
    text: String,
    blocked: usize,
}

impl<'a> Look<'a> {
    fn new(pipeline: &'a Pipeline) -> Self {
        Self {
            pipeline,
            exit: &pipeline.exit,
            text: String::new(),
            blocked: 0,
        }
    }

    /// Takes out of `items` what must not leave, by what `write` says is in one; says how many are left.
    fn at<T>(&mut self, items: &mut Vec<T>, write: impl Fn(&mut String, &T)) -> usize {
        if self.exit.is_watched() {
            let before = items.len();
            items.retain(|item| {
                self.text.clear();
                write(&mut self.text, item);
                !self.exit.blocks(self.text.as_bytes())
            });
            self.blocked += before - items.len();
        }
        items.len()
    }

    /// How many were taken out.
    fn end(self) -> usize {
        if self.blocked > 0 {
            self.pipeline.lose(Loss::Blocked, self.blocked);
            self.pipeline.condition.has_blocked();
        }
        self.blocked
    }
}

// Ids and times are left out, as their digits could look like something. Times and most ids are made here; a caller's ids
// are taken only where they look random.

fn write_span(text: &mut String, span: &Span) {
    let _ = writeln!(text, "{}\n{}", span.name, span.trace_state);
    if let Some(status) = &span.status {
        let _ = writeln!(text, "{}", status.message);
    }
    write_all(text, &span.attributes);
    for event in &span.events {
        let _ = writeln!(text, "{}", event.name);
        write_all(text, &event.attributes);
    }
    for link in &span.links {
        let _ = writeln!(text, "{}", link.trace_state);
        write_all(text, &link.attributes);
    }
}

fn write_record(text: &mut String, record: &LogRecord) {
    write_value(text, record.body.as_ref());
    text.push('\n');
    write_all(text, &record.attributes);
}

fn write_all(text: &mut String, attributes: &[KeyValue]) {
    for attribute in attributes {
        let _ = write!(text, "{}: ", attribute.key);
        write_value(text, attribute.value.as_ref());
        text.push('\n');
    }
}

fn write_value(text: &mut String, value: Option<&AnyValue>) {
    let Some(value) = value.and_then(|value| value.value.as_ref()) else {
        return;
    };
    let _ = match value {
        Value::StringValue(value) => write!(text, "{value}"),
        Value::BoolValue(value) => write!(text, "{value}"),
        Value::IntValue(value) => write!(text, "{value}"),
        Value::DoubleValue(value) => write!(text, "{value}"),
        Value::BytesValue(value) => write!(text, "{}", String::from_utf8_lossy(value)),
        Value::ArrayValue(values) => {
            for value in &values.values {
                write_value(text, Some(value));
                text.push('\n');
            }
            Ok(())
        }
        Value::KvlistValue(values) => {
            write_all(text, &values.values);
            Ok(())
        }
        // An index into a dictionary that OTLP's profiles have.
        Value::StringValueStrindex(_) => Ok(()),
    };
}

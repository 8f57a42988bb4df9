//! Log lines: one JSON object each, or text for people. Only allow-listed fields, only our own messages.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use jiff::Timestamp;
use opentelemetry::Context as OtelContext;
use opentelemetry::trace::{TraceContextExt, TraceId};
use serde::{Serialize, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::OWN_TARGETS;
use crate::allow::{AllowList, shorten};
use crate::drops::{Drop, Drops};
use crate::guard::Exit;
use crate::records::Records;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line
    #[default]
    Json,
    /// For people
    Text,
}

/// Where finished lines go, newline included.
pub type Writer = Box<dyn Fn(&str) + Send + Sync>;

/// Writes log lines.
pub struct Lines {
    pub format: LogFormat,
    pub allow: Arc<AllowList>,
    pub drops: Arc<Drops>,
    pub exit: Exit,
    pub tags: Option<Tags>,
    pub records: Option<Records>,
    pub write: Writer,
}

/// Datadog's unified tags, by which it finds the trace of a line.
#[derive(Clone, Debug, Serialize)]
pub struct Tags {
    pub service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    pub version: &'static str,
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    target: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<String>,
    #[serde(flatten)]
    datadog: Option<Datadog<'a>>,
    #[serde(flatten)]
    fields: Allowed,
}

/// What Datadog's log processing looks for. Its ids are numbers of 64 bits; of a trace's id those are the last ones.
#[derive(Serialize)]
struct Datadog<'a> {
    #[serde(flatten)]
    tags: &'a Tags,
    #[serde(rename = "dd.trace_id", skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(rename = "dd.span_id", skip_serializing_if = "Option::is_none")]
    span_id: Option<String>,
}

/// What may be told, by name.
struct Allowed(Vec<(&'static str, Value)>);

impl Serialize for Allowed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields {
            allow: &self.allow,
            own: metadata.target().starts_with(OWN_TARGETS),
            message: None,
            allowed: Allowed(Vec::new()),
            dropped: 0,
        };
        event.record(&mut fields);
        self.drops.add(Drop::LogField, fields.dropped);
        let message = fields.message.unwrap_or_else(|| {
            // A library's message may quote data. Its event's name is a constant; unnamed ones are called by place.
            if metadata.name().starts_with("event ") {
                "a library's event, text withheld".to_owned()
            } else {
                metadata.name().to_owned()
            }
        });
        if let Some(records) = &self.records {
            records.put(metadata, &message, &fields.allowed.0);
        }
        let span = OtelContext::map_current(|context| {
            let span = context.span();
            let span = span.span_context();
            span.is_valid().then(|| (span.trace_id(), span.span_id()))
        });
        let line = Line {
            timestamp: format!("{:.3}", Timestamp::now()),
            level: metadata.level().as_str(),
            target: metadata.target(),
            message: &message,
            trace_id: span.map(|(trace, _)| trace.to_string()),
            span_id: span.map(|(_, span)| span.to_string()),
            datadog: self.tags.as_ref().map(|tags| Datadog {
                tags,
                trace_id: span.map(|(trace, _)| last_64_bits(trace).to_string()),
                span_id: span.map(|(_, span)| u64::from_be_bytes(span.to_bytes()).to_string()),
            }),
            fields: fields.allowed,
        };
        let text = line.written(self.format);
        match self.exit.find(text.as_bytes()) {
            None => (self.write)(&text),
            Some(kind) => (self.write)(&blocked(line.timestamp, kind).written(self.format)),
        }
    }
}

fn last_64_bits(trace: TraceId) -> u64 {
    let bytes = trace.to_bytes();
    let last = bytes.last_chunk().copied();
    u64::from_be_bytes(last.unwrap_or_default())
}

/// What is written in place of a line that must not leave.
fn blocked(timestamp: String, kind: &'static str) -> Line<'static> {
    Line {
        timestamp,
        level: "ERROR",
        target: module_path!(),
        message: "held back a log line that would have identified a person: redaction has a gap",
        trace_id: None,
        span_id: None,
        datadog: None,
        fields: Allowed(vec![("icelocator.kind", kind.into())]),
    }
}

impl Line<'_> {
    fn written(&self, format: LogFormat) -> String {
        match format {
            LogFormat::Json => self.json(),
            LogFormat::Text => self.text(),
        }
    }

    fn json(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }

    fn text(&self) -> String {
        let mut text = format!("{} {:5} {}", self.timestamp, self.level, self.message);
        for (name, value) in &self.fields.0 {
            let _ = write!(text, " {name}={value}");
        }
        if let Some(trace) = &self.trace_id {
            let _ = write!(text, " trace_id={trace}");
        }
        text.push('\n');
        text
    }
}

struct Fields<'a> {
    allow: &'a AllowList,
    own: bool,
    message: Option<String>,
    allowed: Allowed,
    dropped: usize,
}

impl Fields<'_> {
    fn record(&mut self, field: &Field, value: impl FnOnce() -> Value) {
        let name = field.name();
        if self.own && self.allow.contains(name) {
            self.allowed.0.push((name, value()));
        } else {
            self.dropped += 1;
        }
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.record(field, || value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.record(field, || value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record(field, || value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.record(field, || value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record(field, || shorten(value.to_owned()).into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() != "message" {
            self.record(field, || shorten(format!("{value:?}")).into());
        } else if self.own {
            self.message = Some(shorten(format!("{value:?}")));
        }
    }
}

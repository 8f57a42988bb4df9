//! What Sentry is told of a call, in the shapes that errors and transactions share.

use std::time::Duration;

use opentelemetry::trace::SpanContext;
use sentry_types::protocol::v7::{Context, Map, SpanId, TraceContext, TraceId, User, Value};

use super::fault::Fault;
use crate::observe::{self, CallEvent, Parameter};

/// The kind of transaction that Sentry knows for what we do.
const OPERATION: &str = "mcp.server";

/// Where a call is in its trace. The same as OpenTelemetry's, where spans are made.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The trace.
    pub trace: TraceId,
    /// The call's own span.
    pub span: SpanId,
}

impl Place {
    /// Of this span, or a place of its own.
    pub fn of(span: Option<&SpanContext>) -> Self {
        match span.filter(|span| span.is_valid()) {
            Some(span) => Self {
                trace: span.trace_id().to_bytes().into(),
                span: span.span_id().to_bytes().into(),
            },
            None => Self {
                trace: TraceId::default(),
                span: SpanId::default(),
            },
        }
    }
}

/// The tool, prompt or resource.
pub fn subject(event: &CallEvent) -> Option<&'static str> {
    event.tool.or(event.prompt).or(event.resource)
}

/// As the conventions name the span.
pub fn name(event: &CallEvent) -> String {
    match event.tool.or(event.prompt) {
        Some(subject) => format!("{} {subject}", event.method),
        None => event.method.to_owned(),
    }
}

/// The trace, and what the conventions say of the call.
pub fn trace(event: &CallEvent, place: Place) -> Context {
    TraceContext {
        trace_id: place.trace,
        span_id: place.span,
        op: Some(OPERATION.to_owned()),
        description: Some(name(event)),
        status: Some(Fault::status(event)),
        origin: Some("auto.mcp.server".to_owned()),
        data: attributes(event),
        ..TraceContext::default()
    }
    .into()
}

fn attributes(event: &CallEvent) -> Map<String, Value> {
    let mut data = Data::default();
    data.put("mcp.method.name", Some(event.method));
    data.put("gen_ai.tool.name", event.tool);
    data.put("gen_ai.prompt.name", event.prompt);
    data.put("mcp.resource.uri", event.resource);
    data.put("gen_ai.operation.name", event.tool.map(|_| "execute_tool"));
    data.put("mcp.protocol.version", event.protocol);
    data.put("mcp.session.id", event.session.as_deref());
    data.put("network.transport", Some(event.transport.as_str()));
    data.put("rpc.response.status_code", event.ending.status_code());
    data.put("error.type", event.ending.error_type());
    data.put(
        "icelocator.outcome",
        event.search.as_ref().map(|search| search.outcome.as_str()),
    );
    data.0
}

/// What the call was like.
pub fn call(event: &CallEvent) -> Context {
    let mut data = Data::default();
    data.put("method", Some(event.method));
    data.put("tool", event.tool);
    data.put("prompt", event.prompt);
    data.put("resource", event.resource);
    data.put("transport", Some(event.transport.as_str()));
    data.put("protocol", event.protocol);
    data.put("client", Some(event.client.name.as_str()));
    data.put("client_version", Some(event.client.version.as_str()));
    data.put("caller", Some(event.caller.kind.as_str()));
    data.put("session", event.session.as_deref());
    data.put("duration_ms", Some(millis(event.duration)));
    data.put("request_bytes", Some(event.request_bytes));
    data.put("response_bytes", Some(event.response_bytes));
    data.put("intent", event.intent.as_deref());
    data.put("error", event.error.as_deref());
    Context::Other(data.0)
}

/// The parameters that were given, hidden where they identify somebody.
pub fn parameters(event: &CallEvent) -> Option<Context> {
    let told = |Parameter { name, value }: &Parameter| {
        let value = match value {
            observe::Value::Sensitive(kind, pseudonym) => {
                format!("[{}:{pseudonym}]", kind.as_str())
            }
            observe::Value::Text(text) | observe::Value::Plain(text) => text.clone(),
            observe::Value::Withheld => "[withheld]".to_owned(),
        };
        ((*name).to_owned(), value.into())
    };
    let data: Map<_, _> = event.parameters.iter().map(told).collect();
    (!data.is_empty()).then_some(Context::Other(data))
}

/// What the search was like.
pub fn search(event: &CallEvent) -> Option<Context> {
    let search = event.search.as_ref()?;
    let facts = &search.facts;
    let mut data = Data::default();
    data.put("outcome", Some(search.outcome.as_str()));
    data.put("language", Some(search.language));
    data.put("duration_ms", Some(millis(search.duration)));
    data.put("people", Some(search.people));
    data.put("lookups", Some(facts.lookups));
    data.put("remembered", Some(facts.remembered));
    data.put("pages", Some(facts.pages));
    data.put("retries", Some(facts.retries));
    data.put("strategy", facts.strategy);
    data.put("matcher", facts.matcher);
    data.put("rank", facts.rank);
    Some(Context::Other(data.0))
}

/// A part of a call.
pub struct Stage {
    /// What was done, as a word.
    pub operation: &'static str,
    /// When it began, since the call did.
    pub after: Duration,
    /// How long it took.
    pub duration: Duration,
}

/// What took how long.
pub fn stages(event: &CallEvent) -> impl Iterator<Item = Stage> {
    event.search.iter().map(|search| Stage {
        operation: "icelocator.search",
        after: event.duration.saturating_sub(search.duration),
        duration: search.duration,
    })
}

/// Who called: a pseudonym, never more.
pub fn user(event: &CallEvent) -> Option<User> {
    Some(User {
        id: Some(event.caller.pseudonym.clone()?),
        ..User::default()
    })
}

/// By what calls are filtered.
pub fn tags(event: &CallEvent) -> Map<String, String> {
    let search = event.search.as_ref();
    [
        ("mcp.method", Some(event.method)),
        ("mcp.tool", event.tool),
        ("mcp.protocol", event.protocol),
        ("transport", Some(event.transport.as_str())),
        (
            "client",
            Some(event.client.name.as_str()).filter(|name| !name.is_empty()),
        ),
        ("outcome", search.map(|search| search.outcome.as_str())),
        ("strategy", search.and_then(|search| search.facts.strategy)),
        ("language", search.map(|search| search.language)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
    .collect()
}

#[derive(Default)]
struct Data(Map<String, Value>);

impl Data {
    fn put(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

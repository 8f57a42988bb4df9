//! Calls as Datadog's logs.

use std::sync::Arc;

use icelocator_delivery::{Destination, Post, body};
use opentelemetry::trace::SpanContext;
use serde_json::{Map, Value, json};

use super::{Identity, post};
use crate::observe::call_event::Value as Given;
use crate::observe::{CallEvent, Ending, SearchReport};
use crate::privacy::Redacted;

/// The intake of logs.
pub(super) struct Logs {
    pub(super) url: String,
    pub(super) identity: Arc<Identity>,
}

impl Destination for Logs {
    type Item = Arc<Redacted<CallEvent>>;

    fn name(&self) -> &'static str {
        "datadog_logs"
    }

    fn weight(&self, event: &Self::Item) -> usize {
        event.get().weight()
    }

    fn encode(&self, event: &Self::Item) -> Option<Vec<u8>> {
        serde_json::to_vec(&log(event.get(), &self.identity)).ok()
    }

    fn request(&self, key: &str, items: &[Vec<u8>]) -> Option<Post> {
        post(&self.url, key, body::json_array(items))
    }
}

fn log(event: &CallEvent, identity: &Identity) -> Value {
    let mut log = Map::new();
    let mut say = |name: &str, value: Value| {
        if !value.is_null() {
            log.insert(name.to_owned(), value);
        }
    };
    // What Datadog itself knows.
    say("message", message(event).into());
    say("service", identity.service.as_str().into());
    say("ddsource", "icelocator".into());
    say("ddtags", identity.tags.join(",").into());
    say("hostname", identity.host.as_deref().into());
    say("status", status(event.ending).into());
    say("timestamp", event.at.as_millisecond().into());
    let duration = u64::try_from(event.duration.as_nanos()).unwrap_or(u64::MAX);
    say("duration", duration.into());
    say("usr.id", event.caller.pseudonym.as_deref().into());
    say("network.bytes_read", event.request_bytes.into());
    say("network.bytes_written", event.response_bytes.into());
    say("error.kind", event.ending.error_type().into());
    say("error.message", event.error.as_deref().into());
    if let Some(span) = &event.span {
        say("dd.trace_id", trace_id(span).into());
        say("dd.span_id", span_id(span).into());
    }
    // As on spans.
    say("mcp.method.name", event.method.into());
    say("gen_ai.tool.name", event.tool.into());
    say("gen_ai.prompt.name", event.prompt.into());
    say("mcp.resource.uri", event.resource.into());
    say("mcp.protocol.version", event.protocol.into());
    say("mcp.session.id", event.session.as_deref().into());
    say("network.transport", event.transport.as_str().into());
    say(
        "rpc.response.status_code",
        event.ending.status_code().into(),
    );
    // Ours.
    say("icelocator", ours(event));
    Value::Object(log)
}

fn ours(event: &CallEvent) -> Value {
    let parameters: Map<String, Value> = event
        .parameters
        .iter()
        .map(|parameter| (parameter.name.to_owned(), given(&parameter.value)))
        .collect();
    json!({
        "client": {"name": event.client.name, "version": event.client.version},
        "caller": event.caller.kind.as_str(),
        "intent": event.intent,
        "parameters": parameters,
        "search": event.search.as_ref().map(search),
    })
}

fn search(report: &SearchReport) -> Value {
    let facts = &report.facts;
    json!({
        "outcome": report.outcome.as_str(),
        "language": report.language,
        "duration": report.duration.as_secs_f64(),
        "matches": report.people,
        "reason": report.refused.map(crate::observe::Enumeration::as_str),
        "lookups": facts.lookups,
        "cache_hits": facts.remembered,
        "pages": facts.pages,
        "retries": facts.retries,
        "strategy": facts.strategy,
        "matcher": facts.matcher,
        "rank": facts.rank,
    })
}

fn given(value: &Given) -> Value {
    match value {
        Given::Sensitive(_, text) | Given::Text(text) | Given::Plain(text) => text.as_str().into(),
        Given::Withheld => "[withheld]".into(),
    }
}

/// In words of ours alone.
fn message(event: &CallEvent) -> String {
    let what = [event.tool, event.prompt, event.resource]
        .into_iter()
        .flatten()
        .fold(event.method.to_owned(), |text, name| text + " " + name);
    let how = match (&event.search, event.ending) {
        (Some(search), Ending::Answered | Ending::ToolError) => search.outcome.as_str(),
        (None, Ending::Answered) => "answered",
        (None, Ending::ToolError) => "tool error",
        (_, Ending::Error(_)) => "error",
        (_, Ending::Refused(_)) => "refused",
        (_, Ending::TimedOut) => "timed out",
        (_, Ending::Cancelled) => "cancelled",
    };
    format!("{what}: {how}")
}

fn status(ending: Ending) -> &'static str {
    match ending {
        Ending::Answered | Ending::Cancelled => "info",
        Ending::ToolError | Ending::Refused(..500) => "warn",
        Ending::Error(_) if ending.error_type().is_none() => "warn",
        Ending::Error(_) | Ending::Refused(_) | Ending::TimedOut => "error",
    }
}

/// Datadog finds a trace by the lower half of its id, as a decimal number.
fn trace_id(span: &SpanContext) -> String {
    let id = u128::from_be_bytes(span.trace_id().to_bytes());
    (id & u128::from(u64::MAX)).to_string()
}

fn span_id(span: &SpanContext) -> String {
    u64::from_be_bytes(span.span_id().to_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanId, TraceFlags, TraceId, TraceState};

    use super::*;

    #[test]
    fn a_trace_is_found_by_the_lower_half_of_its_id() {
        let span = SpanContext::new(
            TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736").unwrap(),
            SpanId::from_hex("00f067aa0ba902b7").unwrap(),
            TraceFlags::SAMPLED,
            false,
            TraceState::NONE,
        );
        assert_eq!(trace_id(&span), "11803532876627986230");
        assert_eq!(span_id(&span), "67667974448284343");
    }

    #[test]
    fn only_what_is_our_own_fault_is_an_error() {
        for (ending, expected) in [
            (Ending::Answered, "info"),
            (Ending::Cancelled, "info"),
            (Ending::ToolError, "warn"),
            (Ending::Error(-32602), "warn"),
            (Ending::Refused(401), "warn"),
            (Ending::Error(-32603), "error"),
            (Ending::Refused(503), "error"),
            (Ending::TimedOut, "error"),
        ] {
            assert_eq!(status(ending), expected, "{ending:?}");
        }
    }
}

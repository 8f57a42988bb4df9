//! A call under way: its server span, and the event that it becomes when it ends, whichever way it ends.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use jiff::Timestamp;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::{CallEvent, Client, Ending, SearchReport, Sink, Transport};
use crate::caller::{Allowance, Caller, unlimited};
use crate::privacy::redact;

/// JSON-RPC's code for a failure that is the server's own.
const INTERNAL_ERROR: i64 = -32603;

/// What is known of a call when it arrives. Names are ours already: what is not on our lists is not in here.
pub struct Arrival {
    /// The MCP method.
    pub method: &'static str,
    /// The tool, if it is one of ours.
    pub tool: Option<&'static str>,
    /// How it came.
    pub transport: Transport,
    /// The protocol version, if it is one that we know.
    pub protocol: Option<&'static str>,
    /// The program that called.
    pub client: Client,
    /// Who calls, as far as it is known.
    pub caller: Caller,
    /// The session, as a digest.
    pub session: Option<String>,
    /// The request's id, if it is a number or looks random.
    pub request_id: Option<String>,
    /// The trace that the caller's message belongs to.
    pub parent: Option<SpanContext>,
    /// A further trace that carried it.
    pub link: Option<SpanContext>,
}

/// Hands ended calls to the sinks.
pub struct Observer {
    sinks: Vec<Box<dyn Sink>>,
}

/// A call under way. Dropped without an ending, it was cancelled, or a bug ended it.
pub struct Call {
    observer: Arc<Observer>,
    span: Span,
    began: Instant,
    at: Timestamp,
    report: Report,
    arrival: Option<Arrival>,
}

/// What the tools get to see of the call that they work for.
#[derive(Clone)]
pub struct CallContext {
    /// The server span, for work done on other tasks.
    pub span: Span,
    /// The tool, if it is one of ours.
    pub tool: Option<&'static str>,
    /// Where the tool says what its search was like.
    pub report: Report,
    /// Who calls.
    pub caller: Caller,
    /// The session, as a digest.
    pub session: Option<String>,
    /// What the caller may still ask for.
    pub allowance: Arc<dyn Allowance>,
}

impl Default for CallContext {
    /// A call that nobody watches.
    fn default() -> Self {
        Self {
            span: Span::none(),
            tool: None,
            report: Report::default(),
            caller: Caller::default(),
            session: None,
            allowance: unlimited(),
        }
    }
}

/// Written once by the tool, read when the call ends.
#[derive(Clone, Default)]
pub struct Report(Arc<OnceLock<SearchReport>>);

impl Report {
    /// Says what the search was like. The first word counts.
    pub fn say(&self, report: SearchReport) {
        let _ = self.0.set(report);
    }

    /// What was said.
    pub fn said(&self) -> Option<&SearchReport> {
        self.0.get()
    }
}

impl Observer {
    /// An observer with these sinks.
    pub fn new(sinks: Vec<Box<dyn Sink>>) -> Arc<Self> {
        Arc::new(Self { sinks })
    }

    /// A call arrives.
    pub fn begin(self: &Arc<Self>, arrival: Arrival) -> Call {
        let span = server_span(&arrival);
        Call {
            observer: Arc::clone(self),
            span,
            began: Instant::now(),
            at: Timestamp::now(),
            report: Report::default(),
            arrival: Some(arrival),
        }
    }
}

impl Call {
    /// For the tools, with what the caller may still ask for.
    pub fn context(&self, allowance: Arc<dyn Allowance>) -> CallContext {
        let arrival = self.arrival.as_ref();
        CallContext {
            span: self.span.clone(),
            tool: arrival.and_then(|arrival| arrival.tool),
            report: self.report.clone(),
            caller: arrival.map_or_else(Caller::default, |arrival| arrival.caller.clone()),
            session: arrival.and_then(|arrival| arrival.session.clone()),
            allowance,
        }
    }

    /// The server span.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// The call ends.
    pub fn finish(mut self, ending: Ending) {
        self.end(ending);
    }

    fn end(&mut self, ending: Ending) {
        let Some(arrival) = self.arrival.take() else {
            return;
        };
        if let Some(code) = ending.status_code() {
            self.span
                .record("rpc.response.status_code", code.to_string());
        }
        if let Some(kind) = ending.error_type() {
            self.span.record("error.type", kind);
            self.span.record("otel.status_code", "ERROR");
        }
        let search = self.report.said().cloned();
        if let Some(search) = &search {
            self.span
                .record("icelocator.outcome", search.outcome.as_str());
        }
        let event = redact(CallEvent {
            at: self.at,
            duration: self.began.elapsed(),
            method: arrival.method,
            tool: arrival.tool,
            transport: arrival.transport,
            protocol: arrival.protocol,
            client: arrival.client,
            caller: arrival.caller,
            session: arrival.session,
            ending,
            search,
        });
        self.span.in_scope(|| {
            for sink in &self.observer.sinks {
                sink.take(&event);
            }
        });
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(if std::thread::panicking() {
            Ending::Error(INTERNAL_ERROR)
        } else {
            Ending::Cancelled
        });
    }
}

fn server_span(arrival: &Arrival) -> Span {
    let name = match arrival.tool {
        Some(tool) => format!("{} {tool}", arrival.method),
        None => arrival.method.to_owned(),
    };
    let span = tracing::info_span!(
        "mcp.request",
        otel.name = name,
        otel.kind = "server",
        otel.status_code = Empty,
        mcp.method.name = arrival.method,
        mcp.protocol.version = arrival.protocol,
        mcp.session.id = arrival.session,
        gen_ai.tool.name = arrival.tool,
        gen_ai.prompt.name = Empty,
        mcp.resource.uri = Empty,
        gen_ai.operation.name = arrival.tool.map(|_| "execute_tool"),
        jsonrpc.request.id = arrival.request_id,
        network.transport = arrival.transport.as_str(),
        network.protocol.name = (arrival.transport == Transport::Http).then_some("http"),
        rpc.response.status_code = Empty,
        error.type = Empty,
        icelocator.outcome = Empty,
    );
    if let Some(parent) = &arrival.parent {
        // An error says that the span is not recorded: then there is nothing to tie together.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent.clone()));
    }
    if let Some(link) = &arrival.link {
        span.add_link(link.clone());
    }
    span
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Mutex;

    use super::*;
    use crate::privacy::Redacted;

    #[derive(Clone, Default)]
    struct Endings(Arc<Mutex<Vec<Ending>>>);

    impl Sink for Endings {
        fn take(&self, event: &Redacted<CallEvent>) {
            self.0.lock().unwrap().push(event.get().ending);
        }
    }

    fn arrival() -> Arrival {
        Arrival {
            method: "tools/call",
            tool: None,
            transport: Transport::Http,
            protocol: None,
            client: Client::default(),
            caller: Caller::default(),
            session: None,
            request_id: None,
            parent: None,
            link: None,
        }
    }

    #[test]
    fn a_call_that_is_dropped_was_cancelled_and_one_that_panics_failed() {
        let endings = Endings::default();
        let observer = Observer::new(vec![Box::new(endings.clone())]);
        drop(observer.begin(arrival()));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _call = observer.begin(arrival());
            panic!("a bug");
        }));
        assert!(panicked.is_err());
        assert_eq!(
            *endings.0.lock().unwrap(),
            [Ending::Cancelled, Ending::Error(INTERNAL_ERROR)]
        );
    }
}

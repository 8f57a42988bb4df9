//! A call under way: its server span, and the event that it becomes when it ends, whichever way it ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use agentcat::{HandBack, SessionId};
use axum::body::Bytes;
use icelocator_config::Sentry;
use jiff::Timestamp;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::{CallEvent, Client, Ending, SearchReport, Sink, Transport, Value};
use crate::caller::{Allowance, Caller, unlimited};
use crate::mcp::added::{Added, Said};
use crate::mcp::given::{self, Given};
use crate::mcp::message::Params;
use crate::privacy::{Privacy, Shown};
use crate::profiling::{Profiler, Running};

/// JSON-RPC's code for a failure that is the server's own.
const INTERNAL_ERROR: i64 = -32603;
/// Longest profile of a call; Sentry takes none that is longer.
const LONGEST_PROFILE: Duration = Duration::from_secs(30);

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
    /// The whole message, where it was read.
    pub message: Bytes,
}

#[cfg(test)]
impl Default for Arrival {
    /// A call of which nothing is known.
    fn default() -> Self {
        Self {
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
            message: Bytes::new(),
        }
    }
}

/// Hands ended calls to the sinks.
pub struct Observer {
    sinks: Vec<Box<dyn Sink>>,
    privacy: Arc<Privacy>,
    /// Whether any of the sinks reads what callers wrote.
    reads_texts: bool,
    added: Arc<Added>,
    profiles: Option<Profiles>,
}

/// Of which calls a CPU profile is taken: no longer than the call, and none while another is being taken.
pub struct Profiles {
    profiler: Profiler,
    share: f64,
}

impl Profiles {
    /// As Sentry is to have them: some of those calls that it has transactions of.
    pub fn of(profiler: &Profiler, sentry: &Sentry) -> Option<Self> {
        let share = sentry.traces_sample_rate.get() * sentry.profiles_sample_rate.get();
        (share > 0.0).then(|| Self {
            profiler: profiler.clone(),
            share,
        })
    }

    fn begin(&self) -> Option<Running> {
        let is_drawn = rand::random::<f64>() < self.share;
        is_drawn.then(|| self.profiler.begin(LONGEST_PROFILE).ok())?
    }
}

/// A call under way. Dropped without an ending, it was cancelled, or a bug ended it.
pub struct Call {
    observer: Arc<Observer>,
    span: Span,
    began: Instant,
    at: Timestamp,
    report: Report,
    shown: Shown,
    response_bytes: usize,
    error: Option<String>,
    underway: Option<(Arrival, Given, Said)>,
    profile: Option<Running>,
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
    /// Where the transport knows none: what the model is to be told of the one that it says.
    pub handed_back: Option<HandBack>,
    /// Takes what shows itself to be sensitive.
    pub shown: Shown,
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
            handed_back: None,
            shown: Shown::default(),
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
    /// An observer with these sinks, which are told what `privacy` lets through.
    pub fn new(sinks: Vec<Box<dyn Sink>>, privacy: impl Into<Arc<Privacy>>) -> Arc<Self> {
        Self::with(sinks, privacy, Arc::default(), None)
    }

    /// The same, which reads of calls what was `added` to tools, and whose sinks are handed CPU profiles of some.
    pub fn with(
        sinks: Vec<Box<dyn Sink>>,
        privacy: impl Into<Arc<Privacy>>,
        added: Arc<Added>,
        profiles: Option<Profiles>,
    ) -> Arc<Self> {
        let reads_texts = sinks.iter().any(|sink| sink.reads_texts());
        Arc::new(Self {
            sinks,
            privacy: privacy.into(),
            reads_texts,
            added,
            profiles,
        })
    }

    /// A call arrives.
    pub fn begin(self: &Arc<Self>, arrival: Arrival) -> Call {
        let (began, at) = (Instant::now(), Timestamp::now());
        let params = Params::read(arrival.method, &arrival.message);
        let said = arrival.tool.map(|tool| {
            let in_session = arrival.session.is_some();
            self.added.said(tool, params.arguments, in_session, at)
        });
        let said = said.unwrap_or_default();
        // Over standard input and output there is one session for as long as the process lives.
        let local = (arrival.transport == Transport::Stdio).then_some("local");
        let session = arrival.session.as_deref().or(local);
        let caller = arrival.caller.pseudonym.as_deref();
        let handed = said.session.as_ref().and_then(HandBack::session);
        let shown = caller.or(handed.map(SessionId::as_str));
        let shown = self.privacy.shown(session, shown);
        let given = given::read(arrival.method, arrival.tool, &params, &shown);
        let span = server_span(&arrival, &given);
        Call {
            observer: Arc::clone(self),
            span,
            began,
            at,
            report: Report::default(),
            shown,
            response_bytes: 0,
            error: None,
            underway: Some((arrival, given, said)),
            profile: self.profiles.as_ref().and_then(Profiles::begin),
        }
    }
}

impl Call {
    /// For the tools, with what the caller may still ask for.
    pub fn context(&self, allowance: Arc<dyn Allowance>) -> CallContext {
        let arrival = self.underway.as_ref().map(|(arrival, ..)| arrival);
        CallContext {
            span: self.span.clone(),
            tool: arrival.and_then(|arrival| arrival.tool),
            report: self.report.clone(),
            caller: arrival.map_or_else(Caller::default, |arrival| arrival.caller.clone()),
            session: arrival.and_then(|arrival| arrival.session.clone()),
            handed_back: self.handed_back().cloned(),
            shown: self.shown.clone(),
            allowance,
        }
    }

    /// The server span.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// So many bytes were answered, beside those before.
    pub fn answered(&mut self, bytes: usize) {
        self.response_bytes += bytes;
    }

    /// What the caller is told of what went wrong, if somebody wants to know.
    pub fn explain<T: Into<String>>(&mut self, words: impl FnOnce() -> Option<T>) {
        if self.observer.reads_texts {
            let mut words = words().map(Into::into);
            if let Some(words) = &mut words {
                // What we said of the session is not what went wrong.
                let own = self.handed_back().and_then(HandBack::text);
                if let Some(rest) = own.and_then(|own| words.strip_prefix(&own)) {
                    *words = rest.trim_start().to_owned();
                }
            }
            self.error = words;
        }
    }

    /// The call ends.
    pub fn finish(mut self, ending: Ending) {
        self.end(ending);
    }

    fn handed_back(&self) -> Option<&HandBack> {
        let (.., said) = self.underway.as_ref()?;
        said.session.as_ref()
    }

    fn span_context(&self) -> Option<SpanContext> {
        if self.span.is_disabled() {
            return None;
        }
        let context = self.span.context();
        let span = context.span().span_context().clone();
        span.is_valid().then_some(span)
    }

    fn end(&mut self, ending: Ending) {
        let Some((arrival, given, said)) = self.underway.take() else {
            return;
        };
        // Who was refused was told of no new session.
        let is_untold =
            |it: &HandBack| matches!((it, ending), (HandBack::Issued(_), Ending::Refused(_)));
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
        let mut parameters = given.parameters;
        if !self.observer.reads_texts {
            for parameter in &mut parameters {
                parameter.value = Value::Withheld;
            }
        }
        let event = CallEvent {
            at: self.at,
            duration: self.began.elapsed(),
            method: arrival.method,
            tool: arrival.tool,
            prompt: given.prompt,
            resource: given.resource,
            parameters,
            intent: said.intent.filter(|_| self.observer.reads_texts),
            transport: arrival.transport,
            protocol: arrival.protocol,
            client: arrival.client,
            caller: arrival.caller,
            session: arrival.session,
            handed_back: said.session.filter(|it| !is_untold(it)),
            span: self.span_context(),
            request_bytes: arrival.message.len(),
            response_bytes: self.response_bytes,
            ending,
            error: self.error.take(),
            search,
            profile: Mutex::new(self.profile.take().map(Running::finish)),
        };
        let Observer { sinks, privacy, .. } = &*self.observer;
        self.span.in_scope(|| {
            let event = Arc::new(privacy.redact(event, &self.shown));
            for sink in sinks {
                if event.is_whole() || !sink.reads_texts() {
                    // The panic hook tells of a sink's bug. Neither the answer nor the other sinks are to pay for it.
                    let _ = catch_unwind(AssertUnwindSafe(|| sink.take(&event)));
                }
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

fn server_span(arrival: &Arrival, given: &Given) -> Span {
    let name = match arrival.tool.or(given.prompt) {
        Some(of) if arrival.method != "completion/complete" => format!("{} {of}", arrival.method),
        _ => arrival.method.to_owned(),
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
        gen_ai.prompt.name = given.prompt,
        mcp.resource.uri = given.resource,
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
mod tests;

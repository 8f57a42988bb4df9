//! What one call was, told once. It may hold what a caller wrote; sinks are handed it only redacted.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agentcat::HandBack;
use icelocator_redaction::Kind;
use jiff::Timestamp;
use opentelemetry::trace::SpanContext;

use super::Outcome;
use crate::caller::Caller;
use crate::privacy::Redacted;
use crate::profiling::Pending;
use crate::search::Facts;

/// One MCP request, ended.
pub struct CallEvent {
    /// When it arrived.
    pub at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// The MCP method, one of ours or `other`.
    pub method: &'static str,
    /// The tool, if it is one of ours.
    pub tool: Option<&'static str>,
    /// The prompt, if it is one of ours.
    pub prompt: Option<&'static str>,
    /// The resource, if it is one of ours.
    pub resource: Option<&'static str>,
    /// The parameters of ours that were given.
    pub parameters: Vec<Parameter>,
    /// Why it was called, in the caller's words.
    pub intent: Option<String>,
    /// How it came.
    pub transport: Transport,
    /// The protocol version, if it is one that we know.
    pub protocol: Option<&'static str>,
    /// Who called, as far as the client says.
    pub client: Client,
    /// Who called, as far as it is known.
    pub caller: Caller,
    /// The session, as a digest.
    pub session: Option<String>,
    /// Where the transport knows none: the session that the model says, and what it was told of it.
    pub handed_back: Option<HandBack>,
    /// Its server span, if spans are made.
    pub span: Option<SpanContext>,
    /// Size of the request.
    pub request_bytes: usize,
    /// Size of the answer.
    pub response_bytes: usize,
    /// How it ended.
    pub ending: Ending,
    /// What went wrong, in the words that the caller was told.
    pub error: Option<String>,
    /// What the search was like, if there was one.
    pub search: Option<SearchReport>,
    /// What the process did meanwhile, if it was looked at.
    pub profile: Mutex<Option<Pending>>,
}

impl CallEvent {
    /// The profile, for who asks first: it is large, and nobody else is to hold it.
    pub fn take_profile(&self) -> Option<Pending> {
        let mut profile = self.profile.lock().unwrap_or_else(PoisonError::into_inner);
        profile.take()
    }

    /// About how many bytes of memory it holds.
    pub fn weight(&self) -> usize {
        let texts = [
            &self.intent,
            &self.caller.pseudonym,
            &self.session,
            &self.error,
        ];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        let values: usize = self.parameters.iter().map(|given| given.value.len()).sum();
        size_of::<Self>()
            + texts
            + self.client.name.len()
            + self.client.version.len()
            + self.parameters.len() * size_of::<Parameter>()
            + values
    }
}

#[cfg(test)]
impl Default for CallEvent {
    /// A call that was answered, of which nothing else is known.
    fn default() -> Self {
        Self {
            at: Timestamp::UNIX_EPOCH,
            duration: Duration::ZERO,
            method: "tools/call",
            tool: None,
            prompt: None,
            resource: None,
            parameters: Vec::new(),
            intent: None,
            transport: Transport::Http,
            protocol: None,
            client: Client::default(),
            caller: Caller::default(),
            session: None,
            handed_back: None,
            span: None,
            request_bytes: 0,
            response_bytes: 0,
            ending: Ending::Answered,
            error: None,
            search: None,
            profile: Mutex::default(),
        }
    }
}

/// A parameter of ours that was given.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it was.
    pub value: Value,
}

/// What a parameter was.
#[derive(Clone, Debug)]
pub enum Value {
    /// Something of a kind that identifies people; redacted, its pseudonym.
    Sensitive(Kind, String),
    /// Words of the caller's; redacted, without what identifies people.
    Text(String),
    /// A number, a switch, or a word from a list of ours.
    Plain(String),
    /// Something that is not told.
    Withheld,
}

impl Value {
    /// Its length, if it is told.
    fn len(&self) -> usize {
        match self {
            Self::Sensitive(_, text) | Self::Text(text) | Self::Plain(text) => text.len(),
            Self::Withheld => 0,
        }
    }
}

/// How a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Streamable HTTP.
    Http,
    /// Standard input and output.
    Stdio,
}

impl Transport {
    /// Its name in the conventions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "tcp",
            Self::Stdio => "pipe",
        }
    }
}

/// The client program, in its own words.
#[derive(Clone, Default)]
pub struct Client {
    /// Its name; empty when it said none.
    pub name: String,
    /// Its version; empty when it said none.
    pub version: String,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With a result.
    Answered,
    /// With a result that is an error for the model to read.
    ToolError,
    /// With a JSON-RPC error.
    Error(i64),
    /// Refused before it was understood, with this HTTP status.
    Refused(u16),
    /// It took too long.
    TimedOut,
    /// The caller went away.
    Cancelled,
}

/// JSON-RPC errors that say something about the caller's request rather than about us.
const CALLERS_ERRORS: [i64; 5] = [-32700, -32600, -32601, -32602, -32002];

impl Ending {
    /// The JSON-RPC error's code.
    pub fn status_code(self) -> Option<i64> {
        match self {
            Self::Error(code) => Some(code),
            _ => None,
        }
    }

    /// `error.type` of the conventions.
    pub fn error_type(self) -> Option<String> {
        match self {
            Self::Answered => None,
            Self::ToolError => Some("tool_error".to_owned()),
            Self::Error(code) => (!CALLERS_ERRORS.contains(&code)).then(|| code.to_string()),
            Self::Refused(status) => Some(status.to_string()),
            Self::TimedOut => Some("timeout".to_owned()),
            Self::Cancelled => Some("cancelled".to_owned()),
        }
    }
}

/// What a search was like; nothing of what was searched for.
#[derive(Clone, Debug)]
pub struct SearchReport {
    /// How it ended.
    pub outcome: Outcome,
    /// The language of the answer: `en` or `es`.
    pub language: &'static str,
    /// How long it took.
    pub duration: Duration,
    /// How many people the answer names.
    pub people: usize,
    /// What may be counted of it.
    pub facts: Facts,
    /// Why it was refused, if it was to look through the locator.
    pub refused: Option<Enumeration>,
}

/// By what requests are known that look through the locator instead of for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enumeration {
    /// Their A-numbers lie close together or at equal distances.
    Range,
    /// They combine few names in many ways.
    List,
}

impl Enumeration {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Range, Self::List];

    /// Its name in labels and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::List => "list",
        }
    }
}

/// Where call events go. One file a sink.
pub trait Sink: Send + Sync {
    /// Whether it reads what callers wrote: parameters, intent, errors. For a sink that does not, nobody redacts them.
    fn reads_texts(&self) -> bool {
        true
    }

    /// Takes an event. Must not wait.
    fn take(&self, event: &Arc<Redacted<CallEvent>>);
}

//! What one call was, told once. It may hold what a caller wrote; sinks are handed it only redacted.

use std::time::Duration;

use jiff::Timestamp;

use super::Outcome;
use crate::caller::Caller;
use crate::privacy::Redacted;
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
    /// How it ended.
    pub ending: Ending,
    /// What the search was like, if there was one.
    pub search: Option<SearchReport>,
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
    /// Takes an event. Must not wait.
    fn take(&self, event: &Redacted<CallEvent>);
}

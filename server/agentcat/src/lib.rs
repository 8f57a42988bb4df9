#![doc = include_str!("../README.md")]

mod endpoint;
mod error;
mod event;
mod gate;
mod id;
mod inject;
mod limits;
mod sessions;
mod tags;

pub use endpoint::{
    AGENTCAT_API_URL, Answer, DEFAULT_BASE, Dialect, EVENTS_PATH, Endpoint, LEGACY_BASE,
    MCPCAT_API_URL, NotAProject, Project, Request,
};
pub use error::{Cause, ErrorInfo, Frame};
pub use event::{Event, EventType, Identity, Method};
pub use gate::{Dropped, Drops, Gate, Redact, Wire, Withhold};
pub use id::{EventId, NotASession, SessionId};
pub use inject::{
    CONTEXT, HandBack, Handle, Injected, Injection, MCP_SESSION, Parameter, SESSION_ID, START,
    Taken,
};
pub use limits::{
    MAX_BREADTH, MAX_CAUSES, MAX_DEPTH, MAX_EVENT_BYTES, MAX_FRAMES, MAX_KEY_BYTES, MAX_NAME_BYTES,
    MAX_STRING_BYTES, MAX_TEXT_BYTES,
};
pub use sessions::{IDLE, IdleSessions};
pub use tags::{MAX_TAG_KEY, MAX_TAG_VALUE, MAX_TAGS};

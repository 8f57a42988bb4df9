//! The one way from an event to bytes: redaction first, then limits.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::limits::{limit, shrink};
use crate::{Dialect, ErrorInfo, Event, MAX_EVENT_BYTES, Project, SessionId};

/// Takes from events what must not leave. It is shown every event before anything else is done to it.
///
/// A closure over `&mut Event` is one.
pub trait Redact: Send + Sync {
    /// Redacts an event, or says that it must not be sent. If it panics, the event is not sent either.
    fn redact(&self, event: &mut Event) -> Result<(), Withhold>;
}

impl<F> Redact for F
where
    F: Fn(&mut Event) -> Result<(), Withhold> + Send + Sync,
{
    fn redact(&self, event: &mut Event) -> Result<(), Withhold> {
        self(event)
    }
}

/// An event must not be sent. Any error becomes it by `?`; what the error says is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withhold;

impl<E: std::error::Error> From<E> for Withhold {
    fn from(_: E) -> Self {
        Self
    }
}

/// Why an event is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Dropped {
    /// Redaction said so.
    #[error("the event was withheld by redaction")]
    Withheld,
    /// Redaction panicked.
    #[error("redaction panicked")]
    Panicked,
    /// It could not be written as JSON of the size that is allowed; a bug.
    #[error("the event could not be written")]
    Unfit,
}

/// How many events were dropped, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drops {
    /// Redaction said so.
    pub withheld: u64,
    /// Redaction panicked.
    pub panicked: u64,
    /// They could not be written.
    pub unfit: u64,
}

/// An event as it is sent, but for its project: a JSON object. Only a [`Gate`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Wire(Vec<u8>);

impl Wire {
    /// Its bytes, to be kept until they are sent.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl AsRef<[u8]> for Wire {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// What is left of an event's size when its project has been written into it.
const MAX_WIRE_BYTES: usize = MAX_EVENT_BYTES - Project::MAX_JSON_BYTES;

/// What events pass on their way out.
pub struct Gate {
    dialect: Dialect,
    redact: Box<dyn Redact>,
    withheld: AtomicU64,
    panicked: AtomicU64,
    unfit: AtomicU64,
}

impl Gate {
    /// A gate with this redaction.
    pub fn new(dialect: Dialect, redact: impl Redact + 'static) -> Self {
        Self {
            dialect,
            redact: Box::new(redact),
            withheld: AtomicU64::new(0),
            panicked: AtomicU64::new(0),
            unfit: AtomicU64::new(0),
        }
    }

    /// Redacts an event, cuts it to what it may be, and writes it.
    pub fn prepare(&self, mut event: Event) -> Result<Wire, Dropped> {
        let redacted = catch_unwind(AssertUnwindSafe(|| self.redact.redact(&mut event)));
        let wire = match redacted {
            Ok(Ok(())) => self.write(event),
            Ok(Err(Withhold)) => Err(Dropped::Withheld),
            Err(_) => Err(Dropped::Panicked),
        };
        if let Err(reason) = wire {
            let count = match reason {
                Dropped::Withheld => &self.withheld,
                Dropped::Panicked => &self.panicked,
                Dropped::Unfit => &self.unfit,
            };
            count.fetch_add(1, Relaxed);
        }
        wire
    }

    /// How many events were dropped here.
    pub fn drops(&self) -> Drops {
        Drops {
            withheld: self.withheld.load(Relaxed),
            panicked: self.panicked.load(Relaxed),
            unfit: self.unfit.load(Relaxed),
        }
    }

    fn write(&self, mut event: Event) -> Result<Wire, Dropped> {
        limit(&mut event);
        let mut body = self.json(&event)?;
        if body.len() > MAX_WIRE_BYTES {
            shrink(&mut event, body.len(), MAX_WIRE_BYTES);
            body = self.json(&event)?;
        }
        if body.len() > MAX_WIRE_BYTES {
            return Err(Dropped::Unfit);
        }
        Ok(Wire(body))
    }

    fn json(&self, event: &Event) -> Result<Vec<u8>, Dropped> {
        serde_json::to_vec(&Body::of(event, self.dialect)).map_err(|_| Dropped::Unfit)
    }
}

/// The fields as the service names them; what is not known is left out.
#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    event_type: String,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_error: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a ErrorInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_intent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identify_actor_given_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identify_actor_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identify_data: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sdk_language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agentcat_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mcpcat_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_version: Option<&'a str>,
}

impl<'a> Body<'a> {
    fn of(event: &'a Event, dialect: Dialect) -> Self {
        let current = dialect == Dialect::AgentCat;
        let version = event.agentcat_version.as_deref();
        Self {
            id: event.id.as_str(),
            event_type: event.event_type.name(dialect),
            timestamp: format!("{:.3}", event.timestamp.max(Timestamp::UNIX_EPOCH)),
            session_id: event.session_id.as_ref().map(SessionId::as_str),
            actor_id: event.actor_id.as_deref(),
            event_id: event.event_id.as_deref(),
            is_error: event.is_error,
            error: event.error.as_ref(),
            resource_name: event.resource_name.as_deref(),
            duration: event
                .duration
                .map(|taken| i64::try_from(taken.as_millis()).unwrap_or(i64::MAX)),
            input_tokens: event.input_tokens.filter(|_| current),
            output_tokens: event.output_tokens.filter(|_| current),
            user_intent: event.user_intent.as_deref(),
            parameters: event.parameters.as_ref(),
            response: event.response.as_ref(),
            identify_actor_given_id: event.identify_actor_given_id.as_deref(),
            identify_actor_name: event.identify_actor_name.as_deref(),
            identify_data: event.identify_data.as_ref(),
            tags: Some(&event.tags).filter(|tags| !tags.is_empty()),
            properties: event.properties.as_ref(),
            ip_address: event.ip_address.as_deref(),
            sdk_language: event.sdk_language.as_deref(),
            agentcat_version: version.filter(|_| current),
            mcpcat_version: version.filter(|_| !current),
            server_name: event.server_name.as_deref(),
            server_version: event.server_version.as_deref(),
            client_name: event.client_name.as_deref(),
            client_version: event.client_version.as_deref(),
        }
    }
}

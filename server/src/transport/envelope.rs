//! What of a message has to be known before it is handled: its method, its tool, who sends it, which trace it belongs to.
//! Whether it is a proper message is for the protocol's library to say.

use axum::body::Bytes;
use axum::http::HeaderMap;
use serde_json::Value;

use crate::mcp::names;
use crate::observe::{Arrival, Client, Transport};

const PROTOCOL_HEADER: &str = "mcp-protocol-version";
const META_PROTOCOL: &str = "io.modelcontextprotocol/protocolVersion";
const META_CLIENT: &str = "io.modelcontextprotocol/clientInfo";

/// A message, as far as it was understood.
pub struct Envelope {
    message: Value,
    header_protocol: Option<&'static str>,
    header_parent: Option<String>,
}

impl Envelope {
    /// Reads what can be read.
    pub fn read(headers: &HeaderMap, body: &Bytes) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            message: serde_json::from_slice(body).unwrap_or_default(),
            header_protocol: header(PROTOCOL_HEADER).and_then(names::protocol),
            header_parent: header("traceparent").map(str::to_owned),
        }
    }

    fn text(&self, path: &[&str]) -> Option<&str> {
        path.iter()
            .try_fold(&self.message, |value, key| value.get(key))?
            .as_str()
    }

    fn meta(&self, path: &[&str]) -> Option<&str> {
        self.text(&[&["params", "_meta"], path].concat())
    }

    /// The method, one of ours or `other`.
    pub fn method(&self) -> &'static str {
        self.text(&["method"]).map_or("other", names::method)
    }

    /// Whether the sender opens a session with it.
    pub fn is_initialize(&self) -> bool {
        self.method() == "initialize"
    }

    /// Whether the message says for itself what sessions say for older clients.
    pub fn is_self_contained(&self) -> bool {
        self.meta(&[META_PROTOCOL])
            .is_some_and(|version| version >= names::FIRST_WITHOUT_INITIALIZE)
    }

    /// The client, in its own words.
    pub fn client(&self) -> Client {
        let said = |field: &str| {
            self.meta(&[META_CLIENT, field])
                .or_else(|| self.text(&["params", "clientInfo", field]))
                .unwrap_or_default()
                .to_owned()
        };
        Client {
            name: said("name"),
            version: said("version"),
        }
    }

    /// The call that this message begins. Its client and session are for the caller to fill in.
    pub fn arrival(&self) -> Arrival {
        let method = self.method();
        let named = |version: &str| names::protocol(version);
        let in_message = self
            .meta(&["traceparent"])
            .and_then(icelocator_telemetry::parent_from);
        let in_header = self
            .header_parent
            .as_deref()
            .and_then(icelocator_telemetry::parent_from);
        let (parent, link) = match (in_message, in_header) {
            (Some(message), header) => {
                let other = header.filter(|header| header.span_id() != message.span_id());
                (Some(message), other)
            }
            (None, header) => (header, None),
        };
        Arrival {
            method,
            tool: (method == "tools/call")
                .then(|| self.text(&["params", "name"]).and_then(names::tool))
                .flatten(),
            transport: Transport::Http,
            protocol: self
                .meta(&[META_PROTOCOL])
                .or_else(|| self.text(&["params", "protocolVersion"]))
                .and_then(named)
                .or(self.header_protocol),
            client: Client::default(),
            session: None,
            request_id: self.message.get("id").and_then(names::request_id),
            parent,
            link,
        }
    }

    /// The request's id as it was sent, for an answer of ours.
    pub fn id(&self) -> Value {
        match self.message.get("id") {
            Some(id @ (Value::Number(_) | Value::String(_))) => id.clone(),
            _ => Value::Null,
        }
    }
}

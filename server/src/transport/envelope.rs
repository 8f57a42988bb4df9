//! What of a message has to be known before it is handled: its method, its tool, who sends it, which trace it belongs to.
//! Whether it is a proper message is for the protocol's library to say.

use axum::body::Bytes;
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Number, Value};

use crate::caller::Caller;
use crate::mcp::names;
use crate::observe::{Arrival, Client, Transport};

const PROTOCOL_HEADER: &str = "mcp-protocol-version";

/// A message, as far as it was understood. Lives as long as the call: the rest of the message is not in it.
#[derive(Default)]
pub struct Envelope {
    message: Message,
    header_protocol: Option<&'static str>,
    header_parent: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message {
    #[serde(deserialize_with = "lenient")]
    id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    method: Option<String>,
    #[serde(deserialize_with = "lenient")]
    params: Params,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(Number),
    Text(String),
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Params {
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    protocol_version: Option<String>,
    #[serde(deserialize_with = "lenient")]
    client_info: ClientInfo,
    #[serde(rename = "_meta", deserialize_with = "lenient")]
    meta: Meta,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    #[serde(deserialize_with = "lenient")]
    traceparent: Option<String>,
    #[serde(
        rename = "io.modelcontextprotocol/protocolVersion",
        deserialize_with = "lenient"
    )]
    protocol_version: Option<String>,
    #[serde(
        rename = "io.modelcontextprotocol/clientInfo",
        deserialize_with = "lenient"
    )]
    client_info: ClientInfo,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClientInfo {
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    version: Option<String>,
}

/// What has not the right form is as good as left out, and does not take the rest with it.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).unwrap_or_default())
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

    /// The method, one of ours or `other`.
    pub fn method(&self) -> &'static str {
        let method = self.message.method.as_deref();
        method.map_or("other", names::method)
    }

    /// Whether the sender opens a session with it.
    pub fn is_initialize(&self) -> bool {
        self.method() == "initialize"
    }

    /// Whether the message says for itself what sessions say for older clients.
    pub fn is_self_contained(&self) -> bool {
        let version = self.message.params.meta.protocol_version.as_deref();
        version.is_some_and(|version| version >= names::FIRST_WITHOUT_INITIALIZE)
    }

    /// The client, in its own words.
    pub fn client(&self) -> Client {
        let params = &self.message.params;
        let (said, once) = (&params.meta.client_info, &params.client_info);
        let either = |said: &Option<String>, once: &Option<String>| {
            said.as_ref().or(once.as_ref()).cloned().unwrap_or_default()
        };
        Client {
            name: either(&said.name, &once.name),
            version: either(&said.version, &once.version),
        }
    }

    /// The call that this message begins. Its client and session are for the caller to fill in.
    pub fn arrival(&self) -> Arrival {
        let method = self.method();
        let params = &self.message.params;
        let in_message = params
            .meta
            .traceparent
            .as_deref()
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
                .then(|| params.name.as_deref().and_then(names::tool))
                .flatten(),
            transport: Transport::Http,
            protocol: params
                .meta
                .protocol_version
                .as_deref()
                .or(params.protocol_version.as_deref())
                .and_then(names::protocol)
                .or(self.header_protocol),
            client: Client::default(),
            caller: Caller::default(),
            session: None,
            request_id: names::request_id(&self.id()),
            parent,
            link,
            message: Bytes::new(),
        }
    }

    /// The request's id as it was sent, for an answer of ours.
    pub fn id(&self) -> Value {
        match &self.message.id {
            Some(Id::Number(number)) => Value::Number(number.clone()),
            Some(Id::Text(text)) => Value::String(text.clone()),
            None => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &str) -> Envelope {
        Envelope::read(&HeaderMap::new(), &Bytes::from(body.to_owned()))
    }

    #[test]
    fn what_has_not_the_right_form_does_not_hide_the_rest() {
        let good = json!({
            "id": 7,
            "method": "tools/call",
            "params": {
                "name": names::SEARCH_BY_NAME,
                "arguments": {"first_name": "Planted"},
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientInfo": {"name": "inspector", "version": "2.12"},
                },
            },
        });
        for path in [
            "/params/_meta/io.modelcontextprotocol~1clientInfo/version",
            "/params/_meta/io.modelcontextprotocol~1clientInfo",
            "/params/_meta",
        ] {
            let mut message = good.clone();
            *message.pointer_mut(path).unwrap() = json!([[{"a": 1}]]);
            let envelope = read(&message.to_string());
            let arrival = envelope.arrival();
            assert_eq!(arrival.method, "tools/call", "{path}");
            assert_eq!(arrival.tool, Some(names::SEARCH_BY_NAME), "{path}");
            assert_eq!(envelope.id(), json!(7), "{path}");
            assert_eq!(envelope.client().version, "", "{path}");
        }
        let mut message = good;
        message["id"] = json!({"a": 1});
        let envelope = read(&message.to_string());
        assert_eq!(envelope.id(), Value::Null);
        assert_eq!(envelope.client().name, "inspector");
        assert!(envelope.is_self_contained());
    }

    #[test]
    fn what_is_no_message_says_nothing() {
        for body in ["", "null", "[]", "7", r#"{"method": "ping""#] {
            let envelope = read(body);
            assert_eq!(envelope.method(), "other", "{body}");
            assert_eq!(envelope.id(), Value::Null, "{body}");
        }
    }
}

//! What an event holds.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{Dialect, ErrorInfo, EventId, SessionId};

/// Something that happened. Its fields are the service's, under the service's names. Its project is
/// said when it is sent.
///
/// It cannot be serialized: only what has passed a gate becomes bytes. Nor does it print what it holds.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// Its id, which stays the same when it is sent again.
    pub id: EventId,
    /// What happened.
    pub event_type: EventType,
    /// When; sent in milliseconds.
    pub timestamp: Timestamp,
    /// The session that it belongs to; without one the service finds one.
    pub session_id: Option<SessionId>,
    /// The service's id of who did it.
    pub actor_id: Option<String>,
    /// An id of your own, which must be unique.
    pub event_id: Option<String>,
    /// Whether it went wrong.
    pub is_error: Option<bool>,
    /// What went wrong.
    pub error: Option<ErrorInfo>,
    /// The tool, prompt or resource; of a custom event, its name.
    pub resource_name: Option<String>,
    /// How long it took; sent in milliseconds.
    pub duration: Option<Duration>,
    /// Tokens of the request. The old dialect does not know them.
    pub input_tokens: Option<u64>,
    /// Tokens of the response. The old dialect does not know them.
    pub output_tokens: Option<u64>,
    /// Why it was done, in the words of who did it.
    pub user_intent: Option<String>,
    /// What was asked.
    pub parameters: Option<Map<String, Value>>,
    /// What was answered.
    pub response: Option<Map<String, Value>>,
    /// Your id of who did it.
    pub identify_actor_given_id: Option<String>,
    /// Their name.
    pub identify_actor_name: Option<String>,
    /// What else is known of them.
    pub identify_data: Option<Map<String, Value>>,
    /// Words by which the event is found again.
    pub tags: BTreeMap<String, String>,
    /// Whatever else is known of it.
    pub properties: Option<Map<String, Value>>,
    /// The client's address. Nothing in this crate sets it.
    pub ip_address: Option<String>,
    /// The language of the SDK.
    pub sdk_language: Option<String>,
    /// The version of the SDK.
    pub agentcat_version: Option<String>,
    /// The MCP server's name.
    pub server_name: Option<String>,
    /// The MCP server's version.
    pub server_version: Option<String>,
    /// The MCP client's name.
    pub client_name: Option<String>,
    /// The MCP client's version.
    pub client_version: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// An MCP request.
    Mcp(Method),
    /// It became known who somebody is.
    Identify,
    /// Something of your own.
    Custom,
}

impl EventType {
    /// Its name in this dialect.
    pub fn name(self, dialect: Dialect) -> String {
        let own = dialect.namespace();
        match self {
            Self::Mcp(method) => format!("mcp:{}", method.as_str()),
            Self::Identify => format!("{own}:identify"),
            Self::Custom => format!("{own}:custom"),
        }
    }
}

macro_rules! methods {
    ($($variant:ident = $name:literal,)+) => {
        /// The MCP methods that the service has event types for. The old dialect knows no tasks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Method {
            $(#[doc = concat!("`", $name, "`.")] $variant,)+
        }

        impl Method {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its name in the protocol.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

methods! {
    Ping = "ping",
    Initialize = "initialize",
    Complete = "completion/complete",
    SetLevel = "logging/setLevel",
    PromptsGet = "prompts/get",
    PromptsList = "prompts/list",
    ResourcesList = "resources/list",
    ResourcesTemplatesList = "resources/templates/list",
    ResourcesRead = "resources/read",
    ResourcesSubscribe = "resources/subscribe",
    ResourcesUnsubscribe = "resources/unsubscribe",
    ToolsCall = "tools/call",
    ToolsList = "tools/list",
    TasksGet = "tasks/get",
    TasksResult = "tasks/result",
    TasksList = "tasks/list",
    TasksCancel = "tasks/cancel",
}

impl Method {
    /// The one of this name in the protocol. For others there is [`EventType::Custom`].
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|method| method.as_str() == name)
    }
}

/// Who somebody is.
#[derive(Clone, PartialEq)]
pub struct Identity {
    /// Your id of them.
    pub given_id: String,
    /// Their name.
    pub name: Option<String>,
    /// What else is known of them.
    pub data: Map<String, Value>,
}

impl Event {
    /// An event with nothing in it but what happened and when.
    pub fn new(event_type: EventType, timestamp: Timestamp) -> Self {
        Self {
            id: EventId::new(timestamp),
            event_type,
            timestamp,
            session_id: None,
            actor_id: None,
            event_id: None,
            is_error: None,
            error: None,
            resource_name: None,
            duration: None,
            input_tokens: None,
            output_tokens: None,
            user_intent: None,
            parameters: None,
            response: None,
            identify_actor_given_id: None,
            identify_actor_name: None,
            identify_data: None,
            tags: BTreeMap::new(),
            properties: None,
            ip_address: None,
            sdk_language: Some("Rust".to_owned()),
            agentcat_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            server_name: None,
            server_version: None,
            client_name: None,
            client_version: None,
        }
    }

    /// An MCP request.
    pub fn mcp(method: Method, timestamp: Timestamp) -> Self {
        Self::new(EventType::Mcp(method), timestamp)
    }

    /// It became known who somebody is.
    pub fn identify(identity: Identity, timestamp: Timestamp) -> Self {
        Self::new(EventType::Identify, timestamp).by(identity)
    }

    /// Something of your own.
    pub fn custom(name: impl Into<String>, timestamp: Timestamp) -> Self {
        Self::new(EventType::Custom, timestamp).of(name)
    }

    /// Who did it.
    #[must_use]
    pub fn by(mut self, identity: Identity) -> Self {
        self.identify_actor_given_id = Some(identity.given_id);
        self.identify_actor_name = identity.name;
        self.identify_data = Some(identity.data);
        self
    }

    /// The tool, prompt or resource.
    #[must_use]
    pub fn of(mut self, resource_name: impl Into<String>) -> Self {
        self.resource_name = Some(resource_name.into());
        self
    }

    /// The session that it belongs to.
    #[must_use]
    pub fn in_session(mut self, session: SessionId) -> Self {
        self.session_id = Some(session);
        self
    }

    /// How long it took.
    #[must_use]
    pub fn took(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// Why it was done.
    #[must_use]
    pub fn because(mut self, intent: impl Into<String>) -> Self {
        self.user_intent = Some(intent.into());
        self
    }

    /// What was asked.
    #[must_use]
    pub fn asked(mut self, parameters: Map<String, Value>) -> Self {
        self.parameters = Some(parameters);
        self
    }

    /// What was answered.
    #[must_use]
    pub fn answered(mut self, response: Map<String, Value>) -> Self {
        self.response = Some(response);
        self
    }

    /// It went wrong.
    #[must_use]
    pub fn failed(mut self, error: ErrorInfo) -> Self {
        self.is_error = Some(true);
        self.error = Some(error);
        self
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// With this property.
    #[must_use]
    pub fn property(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.properties
            .get_or_insert_default()
            .insert(key.into(), value.into());
        self
    }

    /// The MCP server.
    #[must_use]
    pub fn server(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self.server_version = Some(version.into());
        self
    }

    /// The MCP client.
    #[must_use]
    pub fn client(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.client_name = Some(name.into());
        self.client_version = Some(version.into());
        self
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Event")
            .field("id", &self.id)
            .field("event_type", &self.event_type)
            .finish_non_exhaustive()
    }
}

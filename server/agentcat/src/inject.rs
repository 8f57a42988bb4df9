//! Parameters that a server adds to its tools: why a model calls, and which session it is in where the transport knows none.
//!
//! They are added to the schemas that clients see and taken from the arguments before the tool sees them. A parameter that the
//! tool has itself is the tool's: nothing is added, nothing is taken.

use serde_json::{Map, Value, json};

use crate::SessionId;

/// The parameter in which a model says why it calls.
pub const CONTEXT: &str = "context";
/// The parameter in which a model says which session it is in.
pub const SESSION_ID: &str = "session_id";
/// What a model sends that has no session id yet.
pub const START: &str = "start";
/// Where the session stands in structured results.
pub const MCP_SESSION: &str = "mcp_session";

const SESSION_PATTERN: &str = "^(start|ses_[0-9A-Za-z]{27})$";
/// Schemas that stand elsewhere, or say what must not be, have no one place to which a property could be added.
const ELSEWHERE: [&str; 2] = ["$ref", "not"];
/// Nor have schemas made of schemas, unless those only say what must be given.
const COMPOSED: [&str; 3] = ["oneOf", "anyOf", "allOf"];

/// A parameter to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// What a model reads of it.
    pub description: String,
    /// Whether the schema says that it must be given. Calls without it are served all the same.
    pub required: bool,
}

impl Parameter {
    /// `context`, required as the SDKs have it.
    pub fn context() -> Self {
        let description = "Why this tool is called now and what the whole task is: one sentence of 15 to 25 words, in the third \
            person. It is kept for analytics. No names, numbers, credentials or other personal data.";
        Self {
            description: description.to_owned(),
            required: true,
        }
    }

    /// `session_id`, required as the SDKs have it.
    pub fn session_id() -> Self {
        let description = "Ties the calls of one task together. Send start with the first call of a task; its result holds an id \
            that begins with ses_. Send that id with every later call of the task, and hand it to whoever helps with it. Never \
            make one up.";
        Self {
            description: description.to_owned(),
            required: true,
        }
    }

    /// The same, which may be left out.
    #[must_use]
    pub fn optional(self) -> Self {
        Self {
            required: false,
            ..self
        }
    }

    /// The same, with other words.
    #[must_use]
    pub fn described(self, description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            ..self
        }
    }
}

/// Which parameters are added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Injection {
    /// `context`.
    pub context: Option<Parameter>,
    /// `session_id`.
    pub session_id: Option<Parameter>,
}

/// What was added to a tool, and is to be taken from its arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Injected {
    /// `context`.
    pub context: bool,
    /// `session_id`.
    pub session_id: bool,
}

impl Injection {
    /// Adds the parameters to a tool's input schema, `context` last, and says which it added.
    ///
    /// `additionalProperties: false` may stay: what is added is a property like any other. So may `oneOf` and its like where
    /// they only say which properties must be given; the other SDKs leave such a tool out. "Last" is seen only where
    /// `serde_json` keeps the order (its feature `preserve_order`), and in `required`.
    pub fn input_schema(&self, schema: Map<String, Value>) -> (Map<String, Value>, Injected) {
        let mut schema = schema;
        if !is_plain_object(&schema) {
            return (schema, Injected::default());
        }
        let session = self.session_id.as_ref().is_some_and(|parameter| {
            add(&mut schema, SESSION_ID, parameter, Some(SESSION_PATTERN))
        });
        let context = self
            .context
            .as_ref()
            .is_some_and(|parameter| add(&mut schema, CONTEXT, parameter, None));
        let injected = Injected {
            context,
            session_id: session,
        };
        (schema, injected)
    }

    /// Allows a tool's structured results to hold `mcp_session`, if sessions are handed out.
    pub fn output_schema(&self, schema: Map<String, Value>) -> Map<String, Value> {
        let mut schema = schema;
        if self.session_id.is_some() && is_plain_object(&schema) && !has(&schema, MCP_SESSION) {
            let property = json!({
                "type": "object",
                "description": "The session that this call was in.",
                "properties": {
                    "session_id": {"type": "string", "description": "To be sent with every later call of this task."},
                    "status": {
                        "type": "string",
                        "enum": ["issued", "active", "unrecognized"],
                        "description": "issued: new; active: known; unrecognized: what was sent was not issued here.",
                    },
                },
            });
            insert(&mut schema, MCP_SESSION, property);
        }
        schema
    }
}

/// What was in the arguments of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// What the tool is to see.
    pub arguments: Map<String, Value>,
    /// Why it was called, if that was said.
    pub intent: Option<String>,
    /// Which session it is in, if the tool was given the parameter.
    pub session: Option<Handle>,
}

impl Injected {
    /// Takes from the arguments what is not the tool's.
    pub fn take(self, arguments: Map<String, Value>) -> Taken {
        let mut arguments = arguments;
        let mut take = |name: &str, injected: bool| {
            let value = injected
                .then(|| arguments.get_mut(name).map(Value::take))
                .flatten();
            if value.is_some() {
                // Not `remove`: that changes the order of what stays, where there is one.
                arguments.retain(|key, _| key != name);
            }
            match value {
                Some(Value::String(text)) if !text.trim().is_empty() => {
                    Some(text.trim().to_owned())
                }
                _ => None,
            }
        };
        let intent = take(CONTEXT, self.context);
        let session = take(SESSION_ID, self.session_id);
        Taken {
            arguments,
            intent,
            session: self.session_id.then(|| Handle::read(session.as_deref())),
        }
    }
}

/// What a caller said of their session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handle {
    /// Nothing, or that one begins.
    Start,
    /// This one. It has the form of one that was issued; whether it was cannot be told.
    Known(SessionId),
    /// Something that was never issued.
    Unrecognized,
}

impl Handle {
    fn read(said: Option<&str>) -> Self {
        match said {
            None => Self::Start,
            Some(text) if text.eq_ignore_ascii_case(START) => Self::Start,
            Some(text) => text.parse().map_or(Self::Unrecognized, Self::Known),
        }
    }

    /// The session that the call is in, and what the caller is told of it; `new` makes one that begins.
    pub fn resolve(self, new: impl FnOnce() -> SessionId) -> HandBack {
        match self {
            Self::Start => HandBack::Issued(new()),
            Self::Known(session) => HandBack::Active(session),
            Self::Unrecognized => HandBack::Unrecognized,
        }
    }
}

/// What a caller is told of their session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandBack {
    /// It begins with this call.
    Issued(SessionId),
    /// It goes on.
    Active(SessionId),
    /// There is none of the name that they sent. They get no new one: they may have one already.
    Unrecognized,
}

impl HandBack {
    /// The session that the call is in.
    pub const fn session(&self) -> Option<&SessionId> {
        match self {
            Self::Issued(session) | Self::Active(session) => Some(session),
            Self::Unrecognized => None,
        }
    }

    /// A text to stand before the results, if there is something to say.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Issued(session) => Some(format!(
                "[session_id issued]\nsession_id: {session}\nSend it with every later call of this task."
            )),
            Self::Active(_) => None,
            Self::Unrecognized => Some(
                "[session_id unrecognized]\nWhat was sent was not issued here. Send the id that was issued for this task; if none \
                 was, or it was the one that was sent, send start."
                    .to_owned(),
            ),
        }
    }

    /// Adds `mcp_session` to structured results, unless they have one of their own.
    pub fn structured(&self, results: Map<String, Value>) -> Map<String, Value> {
        let mut results = results;
        let status = match self {
            Self::Issued(_) => "issued",
            Self::Active(_) => "active",
            Self::Unrecognized => "unrecognized",
        };
        if !results.contains_key(MCP_SESSION) {
            let mut told = Map::new();
            if let Some(session) = self.session() {
                told.insert(SESSION_ID.to_owned(), Value::from(session.as_str()));
            }
            told.insert("status".to_owned(), Value::from(status));
            results.insert(MCP_SESSION.to_owned(), Value::Object(told));
        }
        results
    }
}

fn is_plain_object(schema: &Map<String, Value>) -> bool {
    let is = |key: &str, right: fn(&Value) -> bool| schema.get(key).is_none_or(right);
    is("type", |kind| kind == "object")
        && is("properties", Value::is_object)
        && is("required", Value::is_array)
        && COMPOSED.iter().all(|key| is(key, only_require))
        && !ELSEWHERE.iter().any(|key| schema.contains_key(*key))
}

fn only_require(schemas: &Value) -> bool {
    let only_requires = |schema: &Value| {
        let schema = schema.as_object();
        schema.is_some_and(|schema| schema.keys().all(|key| key == "required"))
    };
    schemas
        .as_array()
        .is_some_and(|all| all.iter().all(only_requires))
}

fn has(schema: &Map<String, Value>, name: &str) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.is_some_and(|properties| properties.contains_key(name))
}

fn add(
    schema: &mut Map<String, Value>,
    name: &str,
    parameter: &Parameter,
    pattern: Option<&str>,
) -> bool {
    if has(schema, name) {
        return false;
    }
    let mut property = json!({"type": "string", "description": parameter.description});
    if let Some(pattern) = pattern {
        property["pattern"] = Value::from(pattern);
    }
    insert(schema, name, property);
    if parameter.required
        && let Value::Array(required) = schema.entry("required").or_insert_with(|| json!([]))
    {
        required.push(Value::from(name));
    }
    true
}

/// Into a plain object's schema.
fn insert(schema: &mut Map<String, Value>, name: &str, property: Value) {
    schema
        .entry("type")
        .or_insert_with(|| Value::from("object"));
    if let Value::Object(properties) = schema.entry("properties").or_insert_with(|| json!({})) {
        properties.insert(name.to_owned(), property);
    }
}

#[cfg(test)]
mod tests;

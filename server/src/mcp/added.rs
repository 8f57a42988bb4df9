//! What tools take and give beside their own, where the settings of analytics say so: why a model calls, and which session it is
//! in where the transport knows none.

use std::sync::Arc;

use agentcat::{CONTEXT, HandBack, Handle, Injected, Injection, Parameter, SESSION_ID};
use icelocator_config::Analytics;
use jiff::Timestamp;
use ring::hmac::Key;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool};
use serde_json::Value;
use serde_json::value::RawValue;

use super::issuer::Issuer;
use super::message::{Fields, value};
use super::tools;

/// What the key of issued sessions is derived for.
pub const PURPOSE: &[u8] = b"icelocator issued session 1";

/// What is added.
#[derive(Default)]
pub struct Added {
    injection: Injection,
    issuer: Option<Issuer>,
}

/// What a call says in it.
#[derive(Default)]
pub struct Said {
    /// Why it is made.
    pub intent: Option<String>,
    /// Its session, and what the model is told of it. Nothing where the transport knows the session.
    pub session: Option<HandBack>,
}

impl Added {
    /// As these settings say; ids of sessions are sealed with `key`.
    pub fn new(settings: Option<&Analytics>, key: Key) -> Self {
        let settings = settings.filter(|analytics| analytics.enabled);
        let intent = settings.is_some_and(|analytics| analytics.capture_intent);
        let sessions = settings.is_some_and(|analytics| analytics.issue_sessions);
        Self {
            injection: Injection {
                context: intent.then(Parameter::context),
                session_id: sessions.then(Parameter::session_id),
            },
            issuer: sessions.then(|| Issuer::new(key)),
        }
    }

    /// These tools as clients see them.
    pub fn to(&self, tools: &[Tool], session_is_known: bool) -> Arc<[Tool]> {
        let injection = Injection {
            session_id: self
                .injection
                .session_id
                .clone()
                .filter(|_| !session_is_known),
            ..self.injection.clone()
        };
        let with = |tool: &Tool| {
            let mut tool = tool.clone();
            let (input, _) = injection.input_schema(JsonObject::clone(&tool.input_schema));
            tool.input_schema = Arc::new(input);
            tool.output_schema = tool
                .output_schema
                .map(|schema| Arc::new(injection.output_schema(JsonObject::clone(&schema))));
            tool
        };
        tools.iter().map(with).collect()
    }

    /// What a call of `tool` that arrives now says in its arguments.
    pub fn said(
        &self,
        tool: &'static str,
        arguments: Option<&RawValue>,
        session_is_known: bool,
        at: Timestamp,
    ) -> Said {
        let injected = self.injected(tool);
        if injected == Injected::default() {
            return Said::default();
        }
        let fields = Fields::read(arguments).0.into_iter();
        let fields = fields.filter(|(name, _)| [CONTEXT, SESSION_ID].contains(&&**name));
        let fields: JsonObject = fields
            .filter_map(|(name, raw)| Some((name.into_owned(), value::<Value>(raw)?)))
            .collect();
        let taken = injected.take(fields);
        let handle = taken.session.filter(|_| !session_is_known);
        Said {
            intent: taken.intent,
            session: handle.zip(self.issuer.as_ref()).map(|(handle, issuer)| {
                let handle = match handle {
                    Handle::Known(session) if !issuer.knows(&session) => Handle::Unrecognized,
                    handle => handle,
                };
                handle.resolve(|| issuer.issue(at))
            }),
        }
    }

    /// The arguments that are the tool's own.
    pub fn taken_from(&self, tool: &'static str, arguments: JsonObject) -> JsonObject {
        self.injected(tool).take(arguments).arguments
    }

    /// What is not the tool's own.
    fn injected(&self, tool: &'static str) -> Injected {
        let own = tools::arguments(tool);
        let is_added =
            |parameter: &Option<Parameter>, name| parameter.is_some() && !own.contains(&name);
        Injected {
            context: is_added(&self.injection.context, CONTEXT),
            session_id: is_added(&self.injection.session_id, SESSION_ID),
        }
    }
}

/// Tells the model its session, in results and in errors: what is called again after an error is the same task.
pub fn tell(session: &HandBack, mut result: CallToolResult) -> CallToolResult {
    if let Some(text) = session.text() {
        // First, as clients cut long results at their end.
        result.content.insert(0, ContentBlock::text(text));
    }
    result.structured_content = result.structured_content.map(|results| match results {
        Value::Object(results) => Value::Object(session.structured(results)),
        other => other,
    });
    result
}

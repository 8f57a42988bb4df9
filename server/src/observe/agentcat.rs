//! Call events as product analytics, to AgentCat (formerly MCPcat): one for every call, and one an hour for everybody who calls.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agentcat::{
    Endpoint, ErrorInfo, Event, EventType, Gate, Identity, IdleSessions, Method, Project,
    SessionId, Wire,
};
use icelocator_config::{Analytics, HttpUrl, Mounts};
use icelocator_delivery::{
    Destination, HeaderName, HeaderValue, Outbox, Outboxes, Post, SecretFile, Settings,
};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use serde_json::{Map, Value as Json, json};

use super::{CallEvent, Ending, Enumeration, Sink, Transport, Value};
use crate::privacy::Redacted;

/// Most callers without sessions, and most callers altogether, that are remembered.
const CALLERS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// How often it is told who somebody is.
const IDENTIFIED: Duration = Duration::from_hours(1);
/// What an event takes in memory beside its texts, about.
const EVENT_BYTES: usize = 2048;
/// Most requests at the same time; each carries one event.
const CONCURRENCY: usize = 8;

/// Sends every call.
pub struct AgentCat {
    outbox: Outbox<Service>,
    /// Sessions of callers whose transport has none.
    sessions: Mutex<IdleSessions>,
    identified: Cache<String, ()>,
}

/// The service.
struct Service {
    endpoint: Endpoint,
    gate: Gate,
    /// Says the project.
    project: SecretFile,
}

/// An event that waits.
struct Item {
    call: Arc<Redacted<CallEvent>>,
    kind: Kind,
    /// The session, if the transport knows none and there is one. The id of one that it knows follows from the project, which
    /// is read when the event is sent.
    session: Option<SessionId>,
}

/// What is told of a call.
#[derive(Clone, Copy)]
enum Kind {
    /// Who called.
    Who,
    /// What it was.
    What,
}

impl AgentCat {
    /// Sends as these settings say; nothing where they say nothing.
    pub fn open(
        settings: &Analytics,
        mounts: &Mounts,
        outboxes: &Outboxes,
    ) -> Result<Option<Self>, reqwest::Error> {
        let reference = settings.project_id_secret_ref.as_ref();
        let Some(reference) = reference.filter(|_| settings.enabled) else {
            return Ok(None);
        };
        let option = settings.endpoint.as_ref().map(HttpUrl::as_str);
        let endpoint = Endpoint::resolve(option, |name| std::env::var(name).ok());
        let project = mounts.secret_key(reference);
        // What a sink is handed has been redacted: there is nothing left to do.
        let gate = Gate::new(endpoint.dialect(), |_: &mut Event| Ok(()));
        let delivery = Settings {
            batch_items: 1,
            concurrency: CONCURRENCY,
            secret: Some(project.clone()),
            ..Settings::default()
        };
        let service = Service {
            endpoint,
            gate,
            project: SecretFile::new(project),
        };
        Ok(Some(Self {
            outbox: outboxes.open(service, delivery)?,
            sessions: Mutex::new(IdleSessions::new(CALLERS)),
            identified: Cache::builder()
                .max_capacity(CALLERS.get() as u64)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(IDENTIFIED)
                .build(),
        }))
    }

    /// The session of a call whose transport knows none: the one that the model says, none where that was made up. Where it
    /// is not asked, the caller's last, until they have been quiet for a while; of somebody who is not known, one of its own.
    fn session(&self, call: &CallEvent) -> Option<SessionId> {
        if call.session.is_some() {
            return None;
        }
        if let Some(handed_back) = &call.handed_back {
            return handed_back.session().cloned();
        }
        // Over standard input and output it is always the same one who calls.
        let local = (call.transport == Transport::Stdio).then_some("local");
        Some(match call.caller.pseudonym.as_deref().or(local) {
            Some(caller) => {
                let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
                sessions.at(caller, call.at)
            }
            None => SessionId::new(call.at),
        })
    }
}

impl Sink for AgentCat {
    fn take(&self, event: &Arc<Redacted<CallEvent>>) {
        let call = event.get();
        let session = self.session(call);
        let put = |kind| {
            self.outbox.put(Item {
                call: Arc::clone(event),
                kind,
                session: session.clone(),
            });
        };
        let is_new = |actor| self.identified.entry_by_ref(actor).or_insert(()).is_fresh();
        if actor(call).is_some_and(is_new) {
            put(Kind::Who);
        }
        put(Kind::What);
    }
}

impl Destination for Service {
    type Item = Item;

    fn name(&self) -> &'static str {
        "agentcat"
    }

    fn weight(&self, item: &Item) -> usize {
        let call = item.call.get();
        let texts = [&call.intent, &call.error]
            .into_iter()
            .flatten()
            .map(String::len);
        let parameters = call.parameters.iter().map(|given| match &given.value {
            Value::Sensitive(_, text) | Value::Text(text) | Value::Plain(text) => text.len(),
            Value::Withheld => 0,
        });
        EVENT_BYTES + texts.sum::<usize>() + parameters.sum::<usize>()
    }

    fn encode(&self, item: &Item) -> Option<Vec<u8>> {
        let call = item.call.get();
        let identity = actor(call).map(|actor| Identity {
            given_id: actor.clone(),
            name: None,
            data: traits(call),
        });
        let mut event = match (item.kind, identity) {
            (Kind::Who, identity) => from(Event::identify(identity?, call.at), call),
            (Kind::What, Some(identity)) => told(call).by(identity),
            (Kind::What, None) => told(call),
        };
        event.session_id = item.session.clone().or_else(|| {
            let project = self.project.says();
            let session = call.session.as_ref()?;
            Some(SessionId::derive(session, project.as_deref()))
        });
        self.gate.prepare(event).ok().map(Wire::into_bytes)
    }

    fn request(&self, project: &str, items: &[Vec<u8>]) -> Option<Post> {
        let project: Project = project.parse().ok()?;
        let request = self.endpoint.request(&project, items.first()?);
        Some(Post {
            url: request.url,
            headers: agentcat::Request::HEADERS
                .map(|(name, value)| {
                    (
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    )
                })
                .into(),
            body: request.body,
        })
    }
}

/// By what somebody who calls is told from others.
fn actor(call: &CallEvent) -> Option<&String> {
    call.caller.pseudonym.as_ref().or(call.session.as_ref())
}

/// What a call was, in the service's terms.
fn told(call: &CallEvent) -> Event {
    let event = match Method::of(call.method) {
        Some(method) => {
            let mut event = Event::new(EventType::Mcp(method), call.at);
            event.resource_name = call
                .tool
                .or(call.prompt)
                .or(call.resource)
                .map(str::to_owned);
            event
        }
        // The service has no type for it.
        None => Event::custom(call.method, call.at),
    };
    let mut event = from(event, call)
        .took(call.duration)
        .asked(
            call.parameters
                .iter()
                .map(|given| (given.name.to_owned(), parameter(&given.value)))
                .collect(),
        )
        .answered(answer(call));
    event.user_intent.clone_from(&call.intent);
    event.is_error = Some(false);
    if call.ending != Ending::Answered {
        let kind = call
            .ending
            .error_type()
            .or_else(|| call.ending.status_code().map(|code| code.to_string()));
        let kind = kind.unwrap_or_default();
        event = event.failed(ErrorInfo::new(call.error.as_ref().unwrap_or(&kind)).of_kind(&kind));
    }
    event.properties = Some(properties(call));
    event
}

/// What all events of a call have.
fn from(event: Event, call: &CallEvent) -> Event {
    let tags = [
        ("tool", call.tool),
        (
            "outcome",
            call.search.as_ref().map(|search| search.outcome.as_str()),
        ),
        (
            "language",
            call.search.as_ref().map(|search| search.language),
        ),
    ];
    let event = event
        .server("icelocator", env!("CARGO_PKG_VERSION"))
        .client(call.client.name.as_str(), call.client.version.as_str());
    tags.into_iter()
        .fold(event, |event, (key, value)| match value {
            Some(value) => event.tag(key, value),
            None => event,
        })
}

/// What is known of somebody who calls: nothing of whom they look for.
fn traits(call: &CallEvent) -> Map<String, Json> {
    let patterns: Vec<&str> = call.parameters.iter().map(|given| given.name).collect();
    object([
        ("client_type", json!(call.client.name)),
        (
            "language",
            json!(call.search.as_ref().map(|search| search.language)),
        ),
        ("auth", json!(call.caller.kind.as_str())),
        ("search_pattern", json!(patterns)),
    ])
}

fn parameter(value: &Value) -> Json {
    match value {
        Value::Sensitive(_, pseudonym) => json!(pseudonym),
        Value::Text(text) | Value::Plain(text) => json!(text),
        Value::Withheld => json!("[withheld]"),
    }
}

/// What came of it: how it went, never what was found.
fn answer(call: &CallEvent) -> Map<String, Json> {
    let search = call.search.as_ref();
    let facts = search.map(|search| &search.facts);
    object([
        (
            "outcome",
            json!(search.map(|search| search.outcome.as_str())),
        ),
        ("people", json!(search.map(|search| search.people))),
        (
            "reason",
            json!(search.and_then(|search| search.refused.map(Enumeration::as_str))),
        ),
        ("lookups", json!(facts.map(|facts| facts.lookups))),
        ("cache", json!(facts.map(|facts| facts.remembered))),
        ("matcher", json!(facts.map(|facts| facts.matcher))),
        ("rank", json!(facts.map(|facts| facts.rank))),
        ("strategy", json!(facts.map(|facts| facts.strategy))),
        ("bytes", json!(call.response_bytes)),
    ])
}

fn properties(call: &CallEvent) -> Map<String, Json> {
    let facts = call.search.as_ref().map(|search| &search.facts);
    object([
        ("lookups", json!(facts.map(|facts| facts.lookups))),
        ("retries", json!(facts.map(|facts| facts.retries))),
        ("matcher", json!(facts.map(|facts| facts.matcher))),
        ("rank", json!(facts.map(|facts| facts.rank))),
        ("strategy", json!(facts.map(|facts| facts.strategy))),
        ("transport", json!(call.transport.as_str())),
        ("protocol", json!(call.protocol)),
    ])
}

/// Without what is not known.
fn object<const N: usize>(entries: [(&str, Json); N]) -> Map<String, Json> {
    let known = entries.into_iter().filter(|(_, value)| !value.is_null());
    known.map(|(key, value)| (key.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;

//! What is sent: errors, bugs, transactions, counts of calls, each as an envelope.

use std::borrow::Cow;
use std::io::Write as _;
use std::time::SystemTime;

use sentry_types::protocol::v7::{
    Breadcrumb, ClientSdkInfo, Context, Envelope, EnvelopeItem, Event, Exception, Frame, Level,
    Map, Mechanism, SessionAggregateItem, SessionAggregates, SessionAttributes, Span, SpanId,
    Stacktrace, TraceContext, Transaction, Uuid,
};
use serde_json::{Value, json};

use super::fault::Fault;
use super::limits::{Category, Limits};
use super::profile::{Of, Sampled};
use super::told::{self, Place};
use crate::observe::CallEvent;
use crate::profiling::Profile;

/// A language that Sentry takes for one without a runtime; it has no word for ours.
pub const PLATFORM: &str = "native";

/// What is told of this process with everything.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The environment.
    pub environment: Option<String>,
    /// The pod.
    pub server: Option<String>,
}

/// An envelope that waits to be sent.
pub struct Item {
    category: Category,
    envelope: Envelope,
    profile: Option<Attached>,
}

/// A transaction's profile, as it is sent: each function's name once.
struct Attached {
    id: Uuid,
    encoded: Box<[u8]>,
}

/// Where a bug showed.
#[derive(Clone, Debug)]
pub struct Bug {
    /// The source file.
    pub file: String,
    /// Its line.
    pub line: u32,
    /// The trace that it is part of.
    pub place: Place,
}

impl Item {
    fn of(category: Category, item: impl Into<EnvelopeItem>) -> Self {
        let mut envelope = Envelope::new();
        envelope.add_item(item);
        Self {
            category,
            envelope,
            profile: None,
        }
    }

    /// About how much memory it holds.
    pub fn weight(&self) -> usize {
        // An event of ours with its contexts takes about so much, and so does a span.
        const EACH: usize = 512;
        let weight = |item: &EnvelopeItem| match item {
            EnvelopeItem::Event(event) => {
                EACH * (8 + event.breadcrumbs.len()) + texts(&event.contexts)
            }
            EnvelopeItem::Transaction(transaction) => {
                EACH * (8 + transaction.spans.len()) + texts(&transaction.contexts)
            }
            _ => EACH,
        };
        let profile = self.profile.as_ref();
        let profile = profile.map_or(0, |profile| profile.encoded.len());
        self.envelope.items().map(weight).sum::<usize>() + profile
    }

    /// As it is sent, if its category may be.
    pub fn encode(&self, limits: &Limits) -> Option<Vec<u8>> {
        if !limits.allow(self.category) {
            return None;
        }
        let profile = self.profile.as_ref();
        if let Some(profile) = profile.filter(|_| limits.allow(Category::Profile))
            && let Some(bytes) = self.encode_with(profile)
        {
            return Some(bytes);
        }
        let mut bytes = Vec::new();
        self.envelope.to_writer(&mut bytes).ok()?;
        Some(bytes)
    }

    /// With a profile, which the types of the protocol do not know.
    fn encode_with(&self, profile: &Attached) -> Option<Vec<u8>> {
        let transaction = self.transaction()?;
        let mut told = serde_json::to_value(transaction).ok()?;
        told["contexts"]["profile"] =
            json!({"type": "profile", "profile_id": profile.id.simple().to_string()});
        let told = serde_json::to_vec(&told).ok()?;
        let mut bytes = Vec::new();
        let header = json!({"event_id": transaction.event_id.simple().to_string()});
        writeln!(bytes, "{header}").ok()?;
        for (kind, payload) in [("transaction", &*told), ("profile", &*profile.encoded)] {
            writeln!(bytes, "{}", json!({"type": kind, "length": payload.len()})).ok()?;
            bytes.extend(payload);
            bytes.push(b'\n');
        }
        Some(bytes)
    }

    /// With a profile of what the process did meanwhile, if there is enough of it.
    #[must_use]
    pub fn with_profile(mut self, profile: &Profile, origin: &Origin, place: Place) -> Self {
        self.profile = self.attached(profile, origin, place);
        self
    }

    fn attached(&self, profile: &Profile, origin: &Origin, place: Place) -> Option<Attached> {
        let transaction = self.transaction()?;
        let id = Uuid::new_v4();
        let release = Origin::release();
        let profile = Sampled::new(
            profile,
            &Of {
                profile: id,
                transaction: transaction.event_id,
                name: transaction.name.as_deref()?,
                trace: place.trace,
                release: &release,
                environment: origin.environment.as_deref(),
            },
        )?;
        let encoded = serde_json::to_vec(&profile).ok()?.into();
        Some(Attached { id, encoded })
    }

    fn transaction(&self) -> Option<&Transaction<'static>> {
        self.envelope.items().find_map(|item| match item {
            EnvelopeItem::Transaction(transaction) => Some(&**transaction),
            _ => None,
        })
    }
}

impl Origin {
    /// The release, as it is announced when it is deployed.
    fn release() -> Cow<'static, str> {
        Cow::Borrowed(concat!(
            env!("CARGO_PKG_NAME"),
            "@",
            env!("CARGO_PKG_VERSION")
        ))
    }

    fn environment(&self) -> Option<Cow<'static, str>> {
        self.environment.clone().map(Cow::Owned)
    }

    fn server(&self) -> Option<Cow<'static, str>> {
        self.server.clone().map(Cow::Owned)
    }

    fn event(&self) -> Event<'static> {
        Event {
            platform: Cow::Borrowed(PLATFORM),
            release: Some(Self::release()),
            environment: self.environment(),
            server_name: self.server(),
            sdk: Some(Cow::Owned(sdk())),
            ..Event::default()
        }
    }

    /// A call that ended in an error of ours.
    pub fn error(
        &self,
        event: &CallEvent,
        fault: Fault,
        place: Place,
        before: Vec<Breadcrumb>,
    ) -> Item {
        let exception = Exception {
            ty: fault.kind.to_owned(),
            value: Some(fault.says.to_owned()),
            mechanism: Some(mechanism(true)),
            ..Exception::default()
        };
        let detail = event.ending.error_type().unwrap_or_default();
        let subject = told::subject(event).unwrap_or(event.method);
        let ended = SystemTime::from(event.at) + event.duration;
        let mut contexts: Map<_, _> = [
            ("trace".to_owned(), told::trace(event, place)),
            ("call".to_owned(), told::call(event)),
        ]
        .into();
        contexts.extend(told::search(event).map(named("search")));
        contexts.extend(told::parameters(event).map(named("parameters")));
        Item::of(
            Category::Error,
            Event {
                level: fault.level,
                fingerprint: [fault.kind.to_owned(), detail, subject.to_owned()]
                    .map(Cow::Owned)
                    .to_vec()
                    .into(),
                transaction: Some(told::name(event)),
                timestamp: ended,
                user: told::user(event),
                contexts,
                breadcrumbs: before.into(),
                exception: vec![exception].into(),
                tags: told::tags(event),
                ..self.event()
            },
        )
    }

    /// A bug that showed. What it said may quote the data that it stumbled over, and is not told.
    pub fn bug(&self, bug: &Bug) -> Item {
        let frame = Frame {
            abs_path: Some(bug.file.clone()),
            filename: Some(bug.file.clone()),
            lineno: Some(bug.line.into()),
            in_app: Some(true),
            ..Frame::default()
        };
        let exception = Exception {
            ty: "panic".to_owned(),
            value: Some("a bug: the program met what it takes for impossible".to_owned()),
            stacktrace: Stacktrace::from_frames_reversed(vec![frame]),
            mechanism: Some(mechanism(false)),
            ..Exception::default()
        };
        let trace = TraceContext {
            trace_id: bug.place.trace,
            span_id: bug.place.span,
            ..TraceContext::default()
        };
        Item::of(
            Category::Error,
            Event {
                level: Level::Fatal,
                fingerprint: vec![
                    Cow::Borrowed("panic"),
                    Cow::Owned(bug.file.clone()),
                    Cow::Owned(bug.line.to_string()),
                ]
                .into(),
                contexts: [("trace".to_owned(), trace.into())].into(),
                exception: vec![exception].into(),
                ..self.event()
            },
        )
    }

    /// How long a call took, and what took how long in it.
    pub fn transaction(&self, event: &CallEvent, place: Place) -> Item {
        let start = SystemTime::from(event.at);
        let spans = told::stages(event).map(|stage| Span {
            span_id: SpanId::default(),
            trace_id: place.trace,
            parent_span_id: Some(place.span),
            op: Some(stage.operation.to_owned()),
            start_timestamp: start + stage.after,
            timestamp: Some(start + stage.after + stage.duration),
            ..Span::default()
        });
        let mut contexts: Map<_, _> = [("trace".to_owned(), told::trace(event, place))].into();
        contexts.extend(told::search(event).map(named("search")));
        Item::of(
            Category::Transaction,
            Transaction {
                name: Some(told::name(event)),
                platform: Cow::Borrowed(PLATFORM),
                release: Some(Self::release()),
                environment: self.environment(),
                server_name: self.server(),
                sdk: Some(Cow::Owned(sdk())),
                user: told::user(event),
                tags: told::tags(event),
                start_timestamp: start,
                timestamp: Some(start + event.duration),
                spans: spans.collect(),
                contexts,
                ..Transaction::default()
            },
        )
    }

    /// How calls went.
    pub fn health(&self, aggregates: Vec<SessionAggregateItem>) -> Item {
        Item::of(
            Category::Session,
            SessionAggregates {
                aggregates,
                attributes: SessionAttributes {
                    release: Self::release(),
                    environment: self.environment(),
                    ip_address: None,
                    user_agent: None,
                },
            },
        )
    }
}

/// How long the texts are that stand in these.
fn texts(contexts: &Map<String, Context>) -> usize {
    let length = |context: &Context| match context {
        Context::Other(data) => data.values().filter_map(Value::as_str).map(str::len).sum(),
        _ => 0,
    };
    contexts.values().map(length).sum()
}

fn named(name: &'static str) -> impl Fn(Context) -> (String, Context) {
    move |context| (name.to_owned(), context)
}

/// How it came to be known.
fn mechanism(handled: bool) -> Mechanism {
    Mechanism {
        ty: if handled { "mcp" } else { "panic" }.to_owned(),
        handled: Some(handled),
        ..Mechanism::default()
    }
}

fn sdk() -> ClientSdkInfo {
    ClientSdkInfo {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        integrations: Vec::new(),
        packages: Vec::new(),
    }
}

#[cfg(test)]
mod tests;

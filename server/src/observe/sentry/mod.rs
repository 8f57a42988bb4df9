//! Call events to Sentry: errors that are ours, with the last calls of the session before them; a sample of calls with what
//! took how long; how many calls went well, by the minute; and bugs, by where they showed. Nothing tells who called from
//! where: no addresses, no cookies, no bodies.

mod crumbs;
mod envelope;
mod fault;
mod health;
mod limits;
mod profile;
mod told;

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use icelocator_config::{Mounts, Sentry as Settings};
use icelocator_delivery::{
    Destination, HeaderMap, HeaderName, HeaderValue, Outbox, Outboxes, Post, StatusCode, Verdict,
    read_secret,
};
use icelocator_telemetry::panics;
use opentelemetry::trace::TraceContextExt as _;
use sentry_types::Dsn;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use self::crumbs::Crumbs;
use self::envelope::{Bug, Item, Origin};
use self::fault::Fault;
use self::health::{Health, Went};
use self::limits::Limits;
use self::told::Place;
use super::{CallEvent, Sink};
use crate::privacy::Redacted;
use crate::profiling::Pending;

/// How often counts of calls are sent.
const COUNTS: Duration = Duration::from_mins(1);

/// Longest time to put a profile together, its functions' names included.
const PROFILE: Duration = Duration::from_secs(10);

/// Hands to Sentry what it is to know of a call.
#[derive(Clone)]
pub struct Sentry(Arc<Inner>);

struct Inner {
    origin: Origin,
    outbox: Outbox<Relay>,
    crumbs: Crumbs,
    health: Health,
    traces: f64,
    /// Transactions that wait for their profiles, and when they are to wait no longer.
    profiled: Mutex<JoinSet<()>>,
    draining: CancellationToken,
}

impl Sentry {
    /// Sends by `outboxes` from the pod `server`. Must be called within a runtime.
    pub fn open(
        settings: &Settings,
        mounts: &Mounts,
        outboxes: &Outboxes,
        server: Option<String>,
    ) -> Result<Self, reqwest::Error> {
        let secret = mounts.secret_key(&settings.dsn_secret_ref);
        if read_secret(&secret).is_some_and(|dsn| dsn.parse::<Dsn>().is_err()) {
            tracing::warn!(
                "telemetry.sentry: the DSN in the Secret is none; nothing is sent until it is"
            );
        }
        let outbox = outboxes.open(
            Relay::default(),
            icelocator_delivery::Settings {
                // Sentry takes one event a request.
                batch_items: 1,
                linger: Duration::ZERO,
                concurrency: 4,
                gzip: true,
                secret: Some(secret),
                ..icelocator_delivery::Settings::default()
            },
        )?;
        let inner = Arc::new(Inner {
            origin: Origin {
                environment: settings.environment.clone(),
                server,
            },
            outbox,
            crumbs: Crumbs::default(),
            health: Health::default(),
            traces: settings.traces_sample_rate.get(),
            profiled: Mutex::default(),
            draining: CancellationToken::new(),
        });
        tokio::spawn(send_counts(Arc::downgrade(&inner)));
        Ok(Self(inner))
    }

    /// Tells of every bug of this process from now on. The first of a process to be called stays.
    pub fn report_bugs(&self) {
        let inner = Arc::downgrade(&self.0);
        panics::listen(move |file, line| {
            if let Some(inner) = inner.upgrade() {
                let context = Span::current().context();
                inner.outbox.put(inner.origin.bug(&Bug {
                    file: file.to_owned(),
                    line,
                    place: Place::of(Some(context.span().span_context())),
                }));
            }
        });
    }

    /// Sends what is not sent yet: what was counted, and transactions without the profiles that they wait for.
    pub async fn finish(&self) {
        self.0.send_counts();
        self.0.draining.cancel();
        let mut profiled = mem::take(&mut *self.0.profiled());
        while profiled.join_next().await.is_some() {}
    }
}

impl Sink for Sentry {
    fn take(&self, event: &Arc<Redacted<CallEvent>>) {
        let (inner, event) = (&self.0, event.get());
        let place = Place::of(event.span.as_ref());
        let fault = Fault::of(event);
        // A bug has been reported already, by where it showed.
        let is_bug = thread::panicking();
        if let Some(fault) = fault.filter(|_| !is_bug) {
            let session = event.session.as_deref();
            let before = session.map_or_else(Vec::new, |session| inner.crumbs.before(session));
            inner
                .outbox
                .put(inner.origin.error(event, fault, place, before));
        }
        inner.crumbs.add(event);
        inner.health.count(
            event.at.into(),
            match fault {
                _ if is_bug => Went::Down,
                Some(_) => Went::Wrong,
                None => Went::Well,
            },
        );
        // Calls with a profile were drawn when they began.
        if let Some(profile) = event.take_profile() {
            let item = inner.origin.transaction(event, place);
            let mut profiled = inner.profiled();
            while profiled.try_join_next().is_some() {}
            profiled.spawn(Arc::clone(inner).send_with_profile(item, place, profile));
        } else if rand::random::<f64>() < inner.traces {
            inner.outbox.put(inner.origin.transaction(event, place));
        }
    }
}

impl Inner {
    async fn send_with_profile(self: Arc<Self>, item: Item, place: Place, profile: Pending) {
        let profile = tokio::select! {
            biased;
            profile = tokio::time::timeout(PROFILE, profile) => profile.ok().flatten(),
            () = self.draining.cancelled() => None,
        };
        self.outbox.put(match profile {
            Some(profile) => item.with_profile(&profile, &self.origin, place),
            None => item,
        });
    }

    fn profiled(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.profiled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send_counts(&self) {
        let counts = self.health.fetch();
        if !counts.is_empty() {
            self.outbox.put(self.origin.health(counts));
        }
    }
}

/// Sends what was counted, now and again, for as long as there is somebody who counts.
async fn send_counts(inner: Weak<Inner>) {
    loop {
        tokio::time::sleep(COUNTS).await;
        match inner.upgrade() {
            Some(inner) => inner.send_counts(),
            None => return,
        }
    }
}

/// Sentry's own, or a relay before it.
#[derive(Default)]
struct Relay {
    limits: Limits,
}

impl Destination for Relay {
    type Item = Item;

    fn name(&self) -> &'static str {
        "sentry"
    }

    fn weight(&self, item: &Item) -> usize {
        item.weight()
    }

    fn encode(&self, item: &Item) -> Option<Vec<u8>> {
        item.encode(&self.limits)
    }

    fn request(&self, secret: &str, items: &[Vec<u8>]) -> Option<Post> {
        let dsn: Dsn = secret.parse().ok()?;
        let authorization = format!(
            "Sentry sentry_version=7, sentry_client={}/{}, sentry_key={}",
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION"),
            dsn.public_key()
        );
        let mut authorization = HeaderValue::from_str(&authorization).ok()?;
        authorization.set_sensitive(true);
        Some(Post {
            url: dsn.envelope_api_url().into(),
            headers: vec![
                (HeaderName::from_static("x-sentry-auth"), authorization),
                (
                    http::header::CONTENT_TYPE,
                    HeaderValue::from_static("application/x-sentry-envelope"),
                ),
            ],
            body: items.concat(),
        })
    }

    fn judge(&self, status: StatusCode, headers: &HeaderMap) -> Verdict {
        self.limits.judge(status, headers)
    }
}

//! What the redactor has missed is stopped at every exit: what identifies somebody is put behind it, all that may leave goes
//! to a place that keeps it, and there nothing of it arrives.

mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use futures::FutureExt as _;
use icelocator_redaction::Kind;
use tracing::dispatcher;

use self::world::{PAGE, STDERR, World};
use crate::caller::Caller;
use crate::observe::{CallEvent, Client, Ending};

/// An invented name that a call has shown.
const SHOWN: &str = "Zorka Plantedova";
/// What must not leave; all but a name is known by its form.
const LEAKS: [(Kind, &str); 3] = [
    (Kind::Name, SHOWN),
    (Kind::AlienNumber, "A987654321"),
    (Kind::Ssn, "987-65-4321"),
];
const HARMLESS: &str = "harmless";

/// A way out.
struct Exit {
    sink: &'static str,
    /// Puts a text where it would leave by this exit.
    put: fn(&World, &'static str),
    /// Where it would arrive.
    place: &'static str,
    /// What it looks like there.
    looks: &'static str,
}

const EXITS: [Exit; 13] = [
    Exit {
        sink: "agentcat",
        put: error,
        place: "/agentcat/v1/public/events/",
        looks: "\"message\":\"TEXT\"",
    },
    Exit {
        sink: "agentcat",
        put: caller,
        place: "/agentcat/v1/public/events/",
        looks: "\"identify_actor_given_id\":\"TEXT\"",
    },
    Exit {
        sink: "datadog_logs",
        put: error,
        place: "/datadog/api/v2/logs",
        looks: "\"error.message\":\"TEXT\"",
    },
    Exit {
        sink: "datadog_metrics",
        put: client,
        place: "/datadog/api/v2/series",
        looks: "\"client:TEXT\"",
    },
    Exit {
        sink: "datadog_traces",
        put: span,
        place: "/agent/v1/traces",
        looks: "TEXT",
    },
    Exit {
        sink: "log",
        put: client,
        place: STDERR,
        looks: "\"icelocator.client\":\"TEXT\"",
    },
    Exit {
        sink: "otlp_logs",
        put: client,
        place: "/collector/v1/logs",
        looks: "TEXT",
    },
    Exit {
        sink: "otlp_metrics",
        put: client,
        place: "/collector/v1/metrics",
        looks: "TEXT",
    },
    Exit {
        sink: "otlp_traces",
        put: span,
        place: "/collector/v1/traces",
        looks: "TEXT",
    },
    Exit {
        sink: "prometheus",
        put: client,
        place: PAGE,
        looks: "client=\"TEXT\"",
    },
    Exit {
        sink: "sentry",
        put: error,
        place: "/sentry/api/42/envelope/",
        looks: "\"error\":\"TEXT\"",
    },
    Exit {
        sink: "sentry",
        put: caller,
        place: "/sentry/api/42/envelope/",
        looks: "\"user\":{\"id\":\"TEXT\"}",
    },
    Exit {
        sink: "sentry",
        put: breadcrumb,
        place: "/sentry/api/42/envelope/",
        looks: "\"mcp.subject\":\"TEXT\"",
    },
];

/// In what the caller was told of an error.
fn error(world: &World, text: &'static str) {
    world.call(CallEvent {
        error: Some(text.to_owned()),
        ending: Ending::ToolError,
        ..call()
    });
}

/// In who called, and that went well.
fn caller(world: &World, text: &'static str) {
    world.call(CallEvent {
        caller: Caller {
            pseudonym: Some(text.to_owned()),
            ..Caller::default()
        },
        ..call()
    });
}

/// In the program that called: a label of metrics, a field of log lines.
fn client(world: &World, text: &'static str) {
    world.call(CallEvent {
        client: Client {
            name: text.to_owned(),
            version: String::new(),
        },
        ..call()
    });
}

/// In a call that went well, before one of the same session that did not.
fn breadcrumb(world: &World, text: &'static str) {
    let session = Some(uuid::Uuid::new_v4().to_string());
    world.call(CallEvent {
        tool: Some(text),
        session: session.clone(),
        ..call()
    });
    world.call(CallEvent {
        session,
        ending: Ending::ToolError,
        ..call()
    });
}

/// In an attribute of a span.
fn span(world: &World, text: &'static str) {
    dispatcher::with_default(&world.dispatch, || {
        drop(tracing::info_span!("mcp.request", mcp.session.id = text));
    });
}

fn call() -> CallEvent {
    CallEvent {
        at: jiff::Timestamp::now(),
        duration: Duration::from_millis(3),
        tool: Some("search_detainee_by_name"),
        request_bytes: 100,
        response_bytes: 100,
        ..CallEvent::default()
    }
}

/// How much was held back of each kind, by sink and kind.
fn blocked(page: &str) -> BTreeMap<(&str, &str), u64> {
    let series = page.lines().filter_map(|line| {
        let line = line.strip_prefix("icelocator_privacy_blocked_total{kind=\"")?;
        let (kind, line) = line.split_once("\",sink=\"")?;
        let (sink, count) = line.split_once("\"} ")?;
        Some(((sink, kind), count.parse().ok()?))
    });
    series.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_redactor_missed_is_stopped_at_every_exit_and_nothing_else_is() {
    let tested: BTreeSet<_> = EXITS.iter().map(|exit| exit.sink).collect();
    for Exit {
        sink,
        put,
        place,
        looks,
    } in EXITS
    {
        let world = World::start(SHOWN).await;
        let sending: BTreeSet<_> = world.sinks().collect();
        assert!(sending.is_subset(&tested), "not tested: {sending:?}");
        for (_, leak) in LEAKS {
            put(&world, leak);
        }
        put(&world, HARMLESS);
        let (arrived, counts) = world.end().await;

        for (place, text) in &arrived {
            let is_tested = EXITS.iter().any(|exit| exit.place == place);
            assert!(is_tested, "something is sent to {place}: not tested");
            for (_, leak) in LEAKS {
                assert!(
                    !text.contains(leak),
                    "{leak}, put for {sink}, left by {place}"
                );
            }
        }
        let looks = looks.replace("TEXT", HARMLESS);
        assert!(
            arrived.get(place).is_some_and(|text| text.contains(&looks)),
            "{sink}: no {looks} at {place}: {:?}",
            arrived.get(place)
        );
        let counts = blocked(&counts);
        for kind in Kind::ALL {
            let is_planted = LEAKS.iter().any(|(planted, _)| *planted == kind);
            let count = counts[&(sink, kind.as_str())];
            assert_eq!(count > 0, is_planted, "{sink}, {kind:?}: {count}");
        }
        let watched: BTreeSet<_> = counts.keys().map(|(sink, _)| *sink).collect();
        assert_eq!(watched, tested, "exits that are watched, and those tested");
        let shown: BTreeSet<_> = blocked(&arrived[PAGE])
            .into_keys()
            .map(|(sink, _)| sink)
            .collect();
        assert_eq!(shown, tested, "exits of which Prometheus is told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_waits_for_its_profile_at_the_end_is_sent_without_it() {
    let world = World::start(SHOWN).await;
    let event = world.call(CallEvent {
        profile: Mutex::new(Some(std::future::pending().boxed())),
        ..call()
    });
    let kept = event.get().take_profile();
    assert!(kept.is_none(), "what other sinks keep holds no profile");
    let (arrived, _) = world.end().await;
    let sentry = &arrived["/sentry/api/42/envelope/"];
    assert!(sentry.contains("\"type\":\"transaction\""), "{sentry}");
}

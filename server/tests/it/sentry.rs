//! What Sentry is sent. With `SENTRY_ENVELOPES` in the environment, everything is left there for its own programs to read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use icelocator_config::{Mounts, Ratio, SecretKeyRef};
use icelocator_delivery::{Guard, Outboxes};
use icelocator_server::caller::{Caller, Kind, unlimited};
use icelocator_server::observe::{
    Arrival, Client, Ending, Observer, Outcome, Profiles, SearchReport, Sentry, Transport,
};
use icelocator_server::privacy::Privacy;
use icelocator_server::profiling::Profiler;
use icelocator_server::search::Facts;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use serde_json::{Value, json};

use crate::support::people::{KNOWN, holds};
use crate::support::sentry::{Intake, Item};
use crate::support::wait::PATIENCE;
use crate::support::{Scratch, Server, Simulator, begin};

const TOOL: &str = "search_detainee_by_name";
const SETTINGS: &str = "\
telemetry:
  sentry:
    dsnSecretRef: {name: sentry, key: dsn}
    environment: clinic
    tracesSampleRate: 1
";

/// Everything of a kind.
fn of<'a>(items: &'a [Item], kind: &str) -> Vec<&'a Value> {
    let wanted = items.iter().filter(|item| item.kind == kind);
    wanted.map(|item| &item.payload).collect()
}

/// What errors are told, in the alphabet's order.
fn kinds(items: &[Item]) -> Vec<&str> {
    let mut kinds: Vec<_> = of(items, "event")
        .into_iter()
        .filter_map(|event| event["exception"]["values"][0]["type"].as_str())
        .collect();
    kinds.sort_unstable();
    kinds
}

fn keep(intake: &Intake, name: &str) {
    if let Some(folder) = std::env::var_os("SENTRY_ENVELOPES") {
        for (number, envelope) in intake.envelopes().iter().enumerate() {
            std::fs::write(
                Path::new(&folder).join(format!("{name}-{number}")),
                envelope,
            )
            .unwrap();
        }
    }
}

/// A sink in this process.
struct Direct {
    intake: Intake,
    outboxes: Outboxes,
    observer: Arc<Observer>,
    sentry: Sentry,
    _secrets: Scratch,
}

impl Direct {
    async fn start(traces: u16, profiles: u16) -> Self {
        begin();
        let intake = Intake::start().await;
        let secrets = Scratch::new();
        secrets.write_in("sentry", "dsn", &intake.dsn);
        let settings = icelocator_config::Sentry {
            enabled: true,
            dsn_secret_ref: SecretKeyRef {
                name: "sentry".to_owned(),
                key: "dsn".to_owned(),
            },
            environment: Some("clinic".to_owned()),
            traces_sample_rate: Ratio::per_mille(traces),
            profiles_sample_rate: Ratio::per_mille(profiles),
            deploys: None,
        };
        let mounts = Mounts {
            secrets: secrets.path().to_owned(),
            ..Mounts::default()
        };
        let meter = SdkMeterProvider::builder().build().meter("test");
        let outboxes = Outboxes::new(&meter, Guard::none(), "icelocator-server/test");
        let pod = Some("clinic-7d9f-abcde".to_owned());
        let sentry = Sentry::open(&settings, &mounts, &outboxes, pod).unwrap();
        let profiles = Profiles::of(&Profiler::default(), &settings);
        let privacy = Privacy::new(None, &Mounts::default(), &meter, &Arc::default()).unwrap();
        Self {
            intake,
            outboxes,
            observer: Observer::with(
                vec![Box::new(sentry.clone())],
                privacy,
                Arc::default(),
                profiles,
            ),
            sentry,
            _secrets: secrets,
        }
    }

    fn arrival(session: &str) -> Arrival {
        Arrival {
            method: "tools/call",
            tool: Some(TOOL),
            transport: Transport::Http,
            protocol: Some("2025-06-18"),
            client: Client {
                name: "claude-ai".to_owned(),
                version: "1.2.3".to_owned(),
            },
            caller: Caller {
                kind: Kind::Bearer,
                pseudonym: Some("k3v9q2".to_owned()),
            },
            session: Some(session.to_owned()),
            request_id: None,
            parent: None,
            link: None,
            message: Bytes::new(),
        }
    }

    fn call(&self, session: &str, outcome: Option<Outcome>, ending: Ending) {
        let call = self.observer.begin(Self::arrival(session));
        if let Some(outcome) = outcome {
            call.context(unlimited()).report.say(SearchReport {
                outcome,
                language: "es",
                duration: Duration::from_millis(3),
                people: 0,
                facts: Facts {
                    lookups: 2,
                    retries: 1,
                    strategy: Some("direct"),
                    ..Facts::default()
                },
                refused: None,
            });
        }
        call.finish(ending);
    }

    /// Everything, when nothing comes any more.
    async fn end(self) -> Intake {
        self.sentry.finish().await;
        self.outboxes.drain(Duration::from_secs(30)).await;
        self.intake
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sentry_is_told_of_errors_that_are_ours_and_of_no_callers_mistakes() {
    let direct = Direct::start(0, 0).await;
    direct.call("one", Some(Outcome::Found), Ending::Answered);
    direct.call("one", Some(Outcome::Invalid), Ending::ToolError);
    direct.call("two", Some(Outcome::NotFound), Ending::Answered);
    for ending in [-32700, -32600, -32601, -32602, -32002].map(Ending::Error) {
        direct.call("three", None, ending);
    }
    for ending in [401, 403, 404, 413, 429].map(Ending::Refused) {
        direct.call("three", None, ending);
    }
    direct.call("three", None, Ending::Cancelled);
    for outcome in [
        Outcome::PageChanged,
        Outcome::Unavailable,
        Outcome::RateLimited,
        Outcome::Challenged,
    ] {
        direct.call("one", Some(outcome), Ending::ToolError);
    }
    direct.call("four", None, Ending::ToolError);
    direct.call("four", None, Ending::TimedOut);
    direct.call("four", None, Ending::Error(-32603));
    direct.call("four", None, Ending::Error(-32099));
    direct.call("four", None, Ending::Refused(503));
    let intake = direct.end().await;
    let items = intake.items();
    assert_eq!(
        kinds(&items),
        [
            "challenged",
            "internal_error",
            "jsonrpc_error",
            "page_changed",
            "rate_limited",
            "refused",
            "timeout",
            "tool_error",
            "unavailable",
        ]
    );

    let events = of(&items, "event");
    let changed = events
        .iter()
        .find(|event| event["exception"]["values"][0]["type"] == "page_changed")
        .unwrap();
    for (pointer, expected) in [
        ("/release", json!("icelocator-server@0.1.0")),
        ("/environment", json!("clinic")),
        ("/server_name", json!("clinic-7d9f-abcde")),
        ("/user", json!({"id": "k3v9q2"})),
        ("/fingerprint", json!(["page_changed", "tool_error", TOOL])),
        ("/tags/mcp.tool", json!(TOOL)),
        ("/tags/client", json!("claude")),
        ("/contexts/search/outcome", json!("page_changed")),
        ("/contexts/search/strategy", json!("direct")),
        ("/contexts/search/lookups", json!(2)),
        ("/contexts/search/retries", json!(1)),
        ("/contexts/search/language", json!("es")),
        ("/contexts/trace/op", json!("mcp.server")),
    ] {
        assert_eq!(changed.pointer(pointer), Some(&expected), "{changed:#}");
    }
    // Of its own session, oldest first, by kind only.
    let told: Vec<_> = changed["breadcrumbs"]["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|crumb| crumb["message"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["found", "invalid"]);

    // Of alike ones the fingerprint is the same, and of others it is not.
    let mut fingerprints: Vec<_> = events
        .iter()
        .map(|event| event["fingerprint"].to_string())
        .collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), events.len());

    let counted = of(&items, "sessions");
    let sum = |what: &str| -> u64 {
        let aggregates = counted
            .iter()
            .flat_map(|item| item["aggregates"].as_array().unwrap());
        aggregates
            .filter_map(|aggregate| aggregate[what].as_u64())
            .sum()
    };
    assert_eq!((sum("exited"), sum("errored"), sum("crashed")), (14, 9, 0));
    keep(&intake, "errors");
}

#[tokio::test(flavor = "multi_thread")]
async fn sentry_is_told_where_a_bug_showed_and_not_what_it_said() {
    let direct = Direct::start(0, 0).await;
    let hook = std::panic::take_hook();
    icelocator_telemetry::panics::install(|| {});
    direct.sentry.report_bugs();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let _call = direct.observer.begin(Direct::arrival("one"));
        panic!("Planted Muestra, A900000002");
    }));
    std::panic::set_hook(hook);
    assert!(ended.is_err());
    let intake = direct.end().await;
    let items = intake.items();
    assert_eq!(
        kinds(&items),
        ["panic"],
        "the call is not told as a second error"
    );
    let event = of(&items, "event")[0].clone();
    let frame = &event["exception"]["values"][0]["stacktrace"]["frames"][0];
    assert!(
        frame["filename"].as_str().unwrap().ends_with("sentry.rs"),
        "{event:#}"
    );
    assert!(frame["lineno"].is_u64(), "{event:#}");
    assert_eq!(event["level"], "fatal");
    assert!(!event.to_string().contains("Planted"), "{event:#}");
    assert_eq!(of(&items, "sessions")[0]["aggregates"][0]["crashed"], 1);
    keep(&intake, "bug");
}

#[tokio::test(flavor = "multi_thread")]
async fn sentry_is_told_what_took_how_long_with_a_profile_of_it() {
    let direct = Direct::start(1000, 1000).await;
    let began = Instant::now();
    // Until one was long enough: which ones are depends on what else this machine does.
    let items = loop {
        let call = direct.observer.begin(Direct::arrival("one"));
        let until = Instant::now() + Duration::from_millis(300);
        let mut sum = 0_u64;
        while Instant::now() < until {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        call.finish(Ending::Answered);
        let items = direct.intake.items();
        if !of(&items, "profile").is_empty() {
            break items;
        }
        assert!(began.elapsed() < PATIENCE, "no profile came");
    };
    let envelope = direct.intake.envelopes().len();
    assert!(envelope > 0);
    let profile = of(&items, "profile")[0];
    let transaction = of(&items, "transaction")
        .into_iter()
        .find(|transaction| transaction["event_id"] == profile["transaction"]["id"])
        .unwrap();
    assert_eq!(transaction["transaction"], format!("tools/call {TOOL}"));
    assert_eq!(
        transaction["contexts"]["profile"]["profile_id"],
        profile["event_id"]
    );
    let frames = profile["profile"]["frames"].as_array().unwrap();
    assert!(
        frames.iter().any(|frame| frame["function"]
            .as_str()
            .unwrap()
            .contains("sentry_is_told")),
        "{profile:#}"
    );
    keep(&direct.end().await, "performance");
}

#[tokio::test(flavor = "multi_thread")]
async fn sentry_is_sent_nothing_of_what_it_does_not_want_for_a_while() {
    let direct = Direct::start(1000, 0).await;
    direct.intake.limit("600:error:organization");
    direct.call("one", None, Ending::TimedOut);
    direct.intake.wait(|items| items.len() == 2).await;
    direct.call("one", None, Ending::TimedOut);
    let items = direct.end().await.items();
    let count = |kind| of(&items, kind).len();
    assert_eq!(
        (count("event"), count("transaction"), count("sessions")),
        (1, 2, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sentry_hears_of_calls_as_soon_as_its_address_is_one_and_never_of_people() {
    begin();
    let intake = Intake::start().await;
    let simulator = Simulator::start();
    let secrets = Scratch::new();
    secrets.write_in("sentry", "dsn", "planted-but-no-address");
    let folder = secrets.path().to_str().unwrap();
    let mut server = Server::with(&simulator.url, SETTINGS, &["--secrets-dir", folder]);
    let reply = server.client.call(TOOL, KNOWN.by_name()).await;
    assert_eq!(
        reply.answer()["outcome"],
        "found",
        "nothing waits for Sentry"
    );
    server.process.says(&["the DSN in the Secret is none"]);
    assert!(!server.process.log().contains("planted-but-no-address"));
    assert!(intake.items().is_empty());

    secrets.write_in("sentry", "dsn", &intake.dsn);
    let planted = json!({"first_name": "Plantada", "last_name": "Falla-Nueva", "country_of_birth": "Honduras"});
    let reply = server.client.call(TOOL, planted).await;
    assert_eq!(reply.answer()["outcome"], "page_changed");
    intake
        .wait(|items| of(items, "transaction").len() == 2 && of(items, "event").len() == 1)
        .await;
    server.process.signal("TERM");
    assert!(server.process.end().success());
    let items = intake.items();
    let transactions = of(&items, "transaction");
    assert!(
        transactions
            .iter()
            .all(|transaction| !transaction["spans"].as_array().unwrap().is_empty())
    );
    let aggregates = of(&items, "sessions");
    assert_eq!(
        aggregates.len(),
        1,
        "what was counted is sent at the end: {items:#?}"
    );

    let everything: Vec<_> = intake.envelopes().concat();
    let everything = String::from_utf8(everything).unwrap();
    let people = KNOWN
        .secrets()
        .into_iter()
        .chain(["Plantada", "Falla-Nueva"].map(str::to_owned));
    for secret in people.chain(["127.0.0.1".to_owned()]) {
        assert!(!holds(&everything, &secret), "{secret} in {everything}");
    }
    keep(&intake, "served");
}

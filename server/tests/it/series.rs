//! However many call, a pod has so many series and no more.

use std::time::Duration;

use icelocator_server::caller::{Caller, Kind, unlimited};
use icelocator_server::mcp::names;
use icelocator_server::observe::{
    Arrival, Client, Ending, Outcome, SearchReport, Transport, catalogue,
};
use icelocator_server::search::{Facts, Stage, Stages};
use serde_json::json;

use crate::support::begin;
use crate::support::inner::{Inner, Site};
use crate::support::people::KNOWN;

/// Most series of a pod.
const MOST: usize = 3000;
const USERS: usize = 10_000;

const TOOL_ENDINGS: [Ending; 9] = [
    Ending::Answered,
    Ending::ToolError,
    Ending::Error(-32600),
    Ending::Error(-32603),
    Ending::Refused(404),
    Ending::Refused(429),
    Ending::Refused(503),
    Ending::TimedOut,
    Ending::Cancelled,
];
const OTHER_ENDINGS: [Ending; 12] = [
    Ending::Answered,
    Ending::Error(-32601),
    Ending::Error(-32602),
    Ending::Error(-32002),
    Ending::Refused(400),
    Ending::Refused(401),
    Ending::Refused(403),
    Ending::Refused(404),
    Ending::Refused(408),
    Ending::Refused(413),
    Ending::Refused(429),
    Ending::TimedOut,
];
const METHODS: [&str; 9] = [
    "initialize",
    "ping",
    "tools/list",
    "prompts/list",
    "prompts/get",
    "resources/list",
    "resources/read",
    "completion/complete",
    "planted",
];
const MATCHERS: [&str; 17] = [
    "alien_number",
    "exact",
    "unaccented",
    "transliterated",
    "given_names",
    "first_surname",
    "surnames",
    "joined",
    "suffix",
    "swapped",
    "moved",
    "nickname",
    "sound",
    "spelling",
    "one_name",
    "several",
    "birth_date",
];

/// A call of the user of this number, who is like no other.
fn arrival(user: usize) -> Arrival {
    let call = !user.is_multiple_of(3);
    let tool = call.then(|| names::TOOLS[user / 3 % names::TOOLS.len()]);
    let method = METHODS[user / 7 % METHODS.len()];
    let arguments = json!({
        "first_name": format!("Zorko{user}"), "last_name": "Planted", "middle_name": "x", "alien_number": "A900000002",
        "query": "x", "requests": [{"first_name": "x"}], "results": [1], "criteria": {"last_name": "y"}, "format": "html",
        "report_type": "legal", "language": "en", "fuzzy_search": false, "country_of_birth": "Honduras",
        "date_of_birth": "1931-07-29", "max_concurrent": 3, "continue_on_error": true, "planted": user,
    });
    let message = json!({"params": {"name": tool, "arguments": arguments}});
    Arrival {
        method: if call {
            "tools/call"
        } else {
            names::method(method)
        },
        tool,
        transport: Transport::Http,
        protocol: names::PROTOCOLS.get(user % 6).copied(),
        client: Client {
            name: format!(
                "{} {user}",
                ["claude", "cursor", "planted", "zed"][user % 4]
            ),
            version: format!("1.{user}"),
        },
        caller: Caller {
            kind: Kind::default(),
            pseudonym: Some(format!("user{user}")),
        },
        session: Some(format!("session{user}")),
        request_id: Some(user.to_string()),
        parent: None,
        link: None,
        message: message.to_string().into(),
    }
}

fn report(user: usize) -> SearchReport {
    let mut stages = Stages::default();
    for stage in Stage::ALL {
        stages.add(stage, Duration::from_millis(user as u64 % 5000));
    }
    SearchReport {
        outcome: Outcome::ALL[user / 5 % Outcome::ALL.len()],
        language: ["en", "es"][user % 2],
        duration: Duration::from_millis(user as u64),
        people: user % 20,
        facts: Facts {
            lookups: u32::try_from(user % 30).unwrap(),
            matcher: Some(MATCHERS[user / 2 % MATCHERS.len()]),
            rank: u32::try_from(user / 11 % 12).ok(),
            strategy: Some("proxied"),
            proxy: Some(format!("proxy{user}").into()),
            stages,
            ..Facts::default()
        },
        refused: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_users_of_every_tool_with_every_outcome_make_no_more_series_than_promised() {
    begin();
    let server = Inner::start(&Site::start().await.url, None).await;
    // What comes from further in: each kind of answer of the site and its cache.
    for _ in 0..2 {
        server
            .client
            .call("search_detainee_by_alien_number", KNOWN.by_number())
            .await;
        server
            .client
            .call("search_detainee_by_name", KNOWN.by_name())
            .await;
    }
    let mut counts = Vec::new();
    for users in [0..USERS / 2, USERS / 2..USERS] {
        for user in users {
            let arrival = arrival(user);
            let is_call = arrival.method == "tools/call";
            let call = server.observer.begin(arrival);
            if is_call {
                call.context(unlimited()).report.say(report(user));
                call.finish(TOOL_ENDINGS[user / 13 % TOOL_ENDINGS.len()]);
            } else {
                call.finish(OTHER_ENDINGS[user / 17 % OTHER_ENDINGS.len()]);
            }
        }
        let metrics = server.metrics();
        for planted in ["user1", "session1", "Zorko", "planted", "proxy1"] {
            assert!(!metrics.contains(planted), "{planted} is a label");
        }
        counts.push(
            metrics
                .lines()
                .filter(|line| !line.starts_with('#'))
                .count(),
        );
    }
    println!("series after {USERS} users: {}", counts[1]);
    // The second half brought nobody who is like the first in anything that is counted.
    assert_eq!(counts[0], counts[1]);
    assert!(counts[1] <= MOST, "{} series", counts[1]);
    // All that callers bring about was seen: what is missing are labels of the way to the site.
    let metrics = server.metrics();
    for metric in [
        catalogue::SEARCHES,
        catalogue::SEARCH_MATCHES,
        catalogue::PARAMETERS,
        catalogue::CLIENT_CALLS,
    ] {
        assert!(metrics.contains(&metric.prometheus_name()));
    }
}

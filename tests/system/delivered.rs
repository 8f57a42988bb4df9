//! Every destination at once: a thousand calls with planted values arrive everywhere and nothing planted does; then each
//! destination in turn is spoilt, and calls go on as if nothing were.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use icelocator_tests::{
    Case, eventually,
    gate::{Gate, Mode},
    helm,
    mcp::{BY_NAME, BY_NUMBER, Mcp},
    receivers::{Intake, VENV},
    resource::Resource,
    world::{is_ready, metric, pod_ip},
};
use serde_json::{Value, json};

use crate::rolling::SERVERS;
use destinations::Destinations;

mod destinations;

/// How many calls are made, and how many at a time.
const CALLS: usize = 1000;
const AT_A_TIME: usize = 16;
/// How many between two looks at the queues, and how many while a destination is spoilt.
const FEWER: usize = 100;
/// What may still wait for a destination then: a call leaves 13 spans, and a queue holds 2,048.
const MOST_QUEUED: usize = 500;
/// Queues, batches and what Datadog's metrics are gathered in.
const ARRIVED_WITHIN: Duration = Duration::from_mins(2);
/// The longest back-off, and a batch.
const RESUMED_WITHIN: Duration = Duration::from_mins(2);
/// What a pod may hold while nothing that it sends is taken.
const MOST_MEMORY: f64 = 200.0 * 1024.0 * 1024.0;

/// Parts of what is planted, folded; none may arrive, nor a number from `PLANTED_NUMBERS` on.
const PLANTED: [&str; 5] = [
    "quetzalin",
    "vorrenkam",
    "1987-03-29",
    "march 29",
    "29 de marzo",
];
const PLANTED_NUMBERS: u32 = 987_600_000;

pub async fn every_sink_gets_its_share_and_none_can_harm(case: Case) -> Result<()> {
    let destinations = Destinations::open(&case).await?;
    case.apply(&destinations.secrets()).await?;
    let resource = Resource::apply(&case, "sinks", &destinations.spec(&case.namespace)).await?;
    resource.until_ready().await?;
    let mcp = case.mcp("sinks").await?;

    let mut undisturbed = Duration::ZERO;
    for first in (0..CALLS).step_by(FEWER) {
        undisturbed += calls(&mcp, first..first + FEWER).await?;
        caught_up(&case).await?;
    }
    undisturbed /= u32::try_from(CALLS / FEWER)?;
    if let Err(missing) = arrived(&case, &destinations).await {
        return Err(missing.context(page(&case, "readyz?verbose").await?));
    }
    is_understood(&case, &destinations).await?;
    nothing_planted(&destinations)?;

    let mut next = CALLS;
    for (name, way) in destinations.ways() {
        for mode in Mode::SPOILT {
            way.set(mode);
            let spoilt = calls(&mcp, next..next + FEWER).await?;
            next += FEWER;
            let page = page(&case, "metrics").await?;
            let memory = metric(&page, "process_memory_resident_bytes", &[])
                .or_else(|_| metric(&page, "process_resident_memory_bytes", &[]))?;
            ensure!(
                memory < MOST_MEMORY,
                "{memory} bytes while {name} is {mode:?}"
            );
            println!(
                "  {name} {mode:?}: {:.2} times as long a call, {:.0} MiB",
                spoilt.as_secs_f64() / undisturbed.as_secs_f64(),
                memory / 1024.0 / 1024.0
            );
        }
        way.set(Mode::Open);
        resumed(name, way, &mcp, &mut next).await?;
    }
    one_pod_all_the_time(&case).await?;
    is_understood(&case, &destinations).await?;
    nothing_planted(&destinations)
}

/// Calls of all kinds, each with something planted; how long one took on the average.
async fn calls(mcp: &Mcp, numbers: std::ops::Range<usize>) -> Result<Duration> {
    let count = u32::try_from(numbers.len())?;
    let began = Instant::now();
    stream::iter(numbers)
        .map(|number| async move {
            let (tool, arguments) = varied(number);
            mcp.call(&Mcp::modern(), tool, arguments)
                .await
                .map(drop)
                .with_context(|| format!("call {number}"))
        })
        .buffer_unordered(AT_A_TIME)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(began.elapsed() / count)
}

/// Names differ from call to call, so that not all answers come from the cache.
fn varied(number: usize) -> (&'static str, Value) {
    let tail: String = number
        .to_string()
        .bytes()
        .map(|digit| char::from(b'a' + digit - b'0'))
        .collect();
    let (first, last) = (format!("Quetzalina{tail}"), format!("Vorrenkamp{tail}"));
    let digits = PLANTED_NUMBERS as usize + number;
    match number % 7 {
        0 => (
            BY_NAME,
            json!({"first_name": first, "last_name": last, "country_of_birth": "Guatemala", "date_of_birth": "1987-03-29", "fuzzy_search": false}),
        ),
        1 => (
            BY_NUMBER,
            json!({"alien_number": format!("A{digits}"), "country_of_birth": "Guatemala"}),
        ),
        2 => (
            "smart_detainee_search",
            json!({"query": format!("my brother {first} {last} from Guatemala, born March 29, 1987")}),
        ),
        3 => (
            "smart_detainee_search",
            json!({"query": format!("busco a mi hermana {first} {last}, nacida el 29 de marzo de 1987 en Guatemala"), "language": "es"}),
        ),
        4 => (
            "bulk_search_detainees",
            json!({"searches": [
                {"first_name": first, "last_name": last, "country_of_birth": "Guatemala", "fuzzy_search": false},
            ]}),
        ),
        5 => (
            BY_NAME,
            json!({"first_name": first, "last_name": last, "date_of_birth": "Vorrenkamp"}),
        ),
        _ => (
            BY_NUMBER,
            json!({"alien_number": format!("Vorrenkamp A{digits}")}),
        ),
    }
}

/// Waits until no queue is so full that what more calls leave might be too much for it.
async fn caught_up(case: &Case) -> Result<()> {
    eventually(ARRIVED_WITHIN, "room in every queue", || async {
        let health = page(case, "readyz?verbose").await?;
        for sink in health.lines() {
            let Some((before, _)) = sink.split_once(" queued, ") else {
                continue;
            };
            let (_, queued) = before.rsplit_once(' ').context("no number")?;
            ensure!(queued.parse::<usize>()? <= MOST_QUEUED, "{sink}");
        }
        Ok(())
    })
    .await
}

/// Waits until every destination has what it should of the first calls.
async fn arrived(case: &Case, destinations: &Destinations) -> Result<()> {
    eventually(
        ARRIVED_WITHIN,
        "every call at every destination",
        || async {
            let intakes = &destinations.intakes;
            let events = intakes.arrived(Intake::AgentCat);
            let calls = count(&events, b"\"mcp:tools/call\"");
            ensure!(calls == CALLS, "{calls} calls at AgentCat");
            let logs = count(&intakes.arrived(Intake::DatadogLogs), b"\"ddsource\"");
            ensure!(logs >= CALLS, "{logs} logs at Datadog");
            let series = intakes.arrived(Intake::DatadogSeries);
            let series = count(&series, b"\"icelocator.searches\"");
            ensure!(series > 0, "no metrics at Datadog");
            let envelopes = intakes.arrived(Intake::Sentry);
            let transactions = count(&envelopes, b"\"type\":\"transaction\"");
            ensure!(
                transactions >= CALLS,
                "{transactions} transactions at Sentry"
            );
            // Here and there a frame ends in the middle of a name.
            let spans = occurrences(&destinations.otlp.sent(), b"tools/call ");
            ensure!(
                spans * 100 >= CALLS * 99,
                "{spans} server spans at the collector"
            );
            let spans = destinations.test_agent.spans(&case.world).await?;
            let calls = spans.iter().filter_map(|span| span["name"].as_str());
            let calls = calls.filter(|name| name.starts_with("tools/call ")).count();
            ensure!(calls == CALLS, "{calls} server spans at Datadog's agent");
            Ok(())
        },
    )
    .await
}

/// The services' own models take all that arrived.
async fn is_understood(case: &Case, destinations: &Destinations) -> Result<()> {
    let folder = "target/test-logs/delivered";
    destinations.intakes.write(&case.world.root.join(folder))?;
    let python = format!("{VENV}/bin/python");
    let said = helm::command(&case.world, &python, &["tests/sinks/arrived.py", folder]).await?;
    println!("  {}", said.trim());
    Ok(())
}

fn nothing_planted(destinations: &Destinations) -> Result<()> {
    let mut looked_at = 0;
    for intake in Intake::ALL {
        for body in destinations.intakes.arrived(intake) {
            looked_at += body.len();
            holds_nothing_planted(&body).with_context(|| format!("{intake:?}"))?;
        }
    }
    for (name, way) in destinations.ways() {
        let sent = way.sent();
        looked_at += sent.len();
        holds_nothing_planted(&sent).with_context(|| name.to_owned())?;
    }
    ensure!(looked_at > CALLS * 100, "only {looked_at} bytes were sent");
    Ok(())
}

fn holds_nothing_planted(bytes: &[u8]) -> Result<()> {
    let folded = String::from_utf8_lossy(bytes).to_lowercase();
    let words = PLANTED.iter().filter_map(|planted| folded.find(planted));
    if let Some(at) = words.chain(planted_number(&folded)).next() {
        let around: String = folded[..at].chars().rev().take(200).collect();
        let before: String = around.chars().rev().collect();
        let after: String = folded[at..].chars().take(80).collect();
        anyhow::bail!("something planted was sent: …{before}>>>{after}…");
    }
    Ok(())
}

/// Where one of the numbers stands whole: a fraction, a duration or a time may have the same digits within.
fn planted_number(text: &str) -> Option<usize> {
    let whole = PLANTED_NUMBERS.to_string();
    let is_digit = |c: char| c.is_ascii_digit();
    text.match_indices(&whole[..5])
        .map(|(at, _)| at)
        .find(|&at| {
            let before = text[..at].chars().next_back();
            let digits = text[at..].chars().take_while(|c| is_digit(*c)).count();
            digits == whole.len() && !before.is_some_and(|c| is_digit(c) || c == '.')
        })
}

/// Waits until something comes along the way again, of calls made after it is open.
async fn resumed(name: &str, way: &Gate, mcp: &Mcp, next: &mut usize) -> Result<()> {
    let before = way.sent().len();
    let numbers = *next..*next + FEWER;
    *next = numbers.end;
    calls(mcp, numbers).await?;
    let what = format!("{name} is sent to again");
    eventually(RESUMED_WITHIN, &what, || async {
        let sent = way.sent().len() - before;
        ensure!(sent > 1000, "{sent} bytes");
        Ok(())
    })
    .await
}

/// A page of the `metrics` port of the server's one pod.
async fn page(case: &Case, path: &str) -> Result<String> {
    let pods = case.world.pods(&case.namespace, SERVERS).await?;
    let pod = pods.first().context("no server pod")?;
    case.world.page(pod_ip(pod)?, path).await
}

async fn one_pod_all_the_time(case: &Case) -> Result<()> {
    for pod in case.world.pods(&case.namespace, SERVERS).await? {
        let containers = pod.status.iter().flat_map(|s| s.container_statuses.iter());
        let restarts: i32 = containers.flatten().map(|c| c.restart_count).sum();
        ensure!(restarts == 0 && is_ready(&pod), "{restarts} restarts");
    }
    Ok(())
}

fn count(bodies: &[impl AsRef<[u8]>], what: &[u8]) -> usize {
    let in_each = bodies.iter().map(|body| occurrences(body.as_ref(), what));
    in_each.sum()
}

fn occurrences(bytes: &[u8], what: &[u8]) -> usize {
    bytes
        .windows(what.len())
        .filter(|window| *window == what)
        .count()
}

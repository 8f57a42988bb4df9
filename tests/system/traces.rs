//! One trace from the client through the server to the upstream site, as it arrives at the collector.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, ensure};
use icelocator_tests::{
    Case,
    collector::{self, Span},
    eventually,
    mcp::{BY_NAME, Extras, Mcp},
    people,
    resource::{Resource, SIMULATED},
};
use rand::Rng;
use serde_json::json;

/// Exporters send in batches.
pub const ARRIVED_WITHIN: Duration = Duration::from_mins(2);

const SERVER: i64 = 2;
const CLIENT: i64 = 3;

/// The request that asks the site for somebody.
const UPSTREAM: &str = "POST search";

/// The sections that send traces to the cluster's collector.
pub fn traced(protocol: &str) -> String {
    let port = if protocol == "grpc" { 4317 } else { 4318 };
    format!(
        "{SIMULATED}  monitoring:\n    telemetry:\n      otlp: {{endpoint: \"http://otel-collector.monitoring:{port}\", protocol: {protocol}, traceSampling: 1.0}}\n"
    )
}

/// A client's own trace: its id, and the id of the span that calls.
pub fn new_trace() -> (String, String) {
    let mut random = rand::rng();
    (
        format!("{:032x}", random.random::<u128>()),
        format!("{:016x}", random.random::<u64>()),
    )
}

pub async fn one_trace_from_client_to_upstream(case: Case) -> Result<()> {
    for protocol in ["grpc", "http"] {
        let name = format!("traced-{protocol}");
        let resource = Resource::apply(&case, &name, &traced(protocol)).await?;
        resource.until_ready().await?;
        let mcp = case.mcp(&name).await?;

        let (trace, caller) = new_trace();
        let context = format!("00-{trace}-{caller}-01");
        let in_meta = Extras {
            meta: serde_json::from_value(json!({"traceparent": context}))?,
            // What `_meta` says wins over what a proxy on the way says.
            headers: vec![(
                "traceparent",
                format!("00-{}-{}-01", new_trace().0, new_trace().1),
            )],
        };
        whole(&case, &mcp, &in_meta, (&trace, &caller))
            .await
            .context("context in _meta")?;

        let (trace, caller) = new_trace();
        let in_header = Extras {
            headers: vec![("traceparent", format!("00-{trace}-{caller}-01"))],
            ..Extras::default()
        };
        // The first search is in the cache now; another one goes to the site.
        whole(&case, &mcp, &in_header, (&trace, &caller))
            .await
            .context("context in the header")?;
    }
    Ok(())
}

/// Calls, and waits for every span of the call under the client's own.
async fn whole(
    case: &Case,
    mcp: &Mcp,
    extras: &Extras,
    (trace, caller): (&str, &str),
) -> Result<()> {
    let answer = mcp
        .call_with(&Mcp::modern(), BY_NAME, people::invented(), extras)
        .await?;
    ensure!(answer.outcome() == "not_found", "{answer:?}");
    eventually(
        ARRIVED_WITHIN,
        "all spans of the call at the collector",
        || async { check(&collector::trace(&case.world, trace).await?, caller) },
    )
    .await
}

fn check(spans: &[Span], caller: &str) -> Result<()> {
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    let by_id: BTreeMap<&str, &Span> = spans.iter().map(|span| (span.id.as_str(), span)).collect();
    let root = spans.iter().find(|span| span.parent == caller);
    let root = root.with_context(|| format!("no span under the client's: {names:?}"))?;
    ensure!(
        root.name == format!("tools/call {BY_NAME}"),
        "the root is {root:?}"
    );
    ensure!(root.kind == SERVER, "the root is no server span: {root:?}");
    for (key, value) in [
        ("mcp.method.name", "tools/call"),
        ("gen_ai.tool.name", BY_NAME),
        ("gen_ai.operation.name", "execute_tool"),
        ("network.transport", "tcp"),
    ] {
        ensure!(
            root.attributes.get(key).is_some_and(|v| v == value),
            "{key} of {root:?}"
        );
    }
    for name in [
        "icelocator.search",
        "icelocator.cache",
        "icelocator.strategy",
        UPSTREAM,
        "icelocator.parse",
    ] {
        let of_name: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
        ensure!(!of_name.is_empty(), "no span {name} among {names:?}");
        for span in of_name {
            let mut above = span;
            while above.id != root.id {
                above = by_id
                    .get(above.parent.as_str())
                    .with_context(|| format!("{name} hangs in the air: {names:?}"))?;
            }
            ensure!(name != UPSTREAM || span.kind == CLIENT, "{span:?}");
        }
    }
    Ok(())
}

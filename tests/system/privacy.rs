//! What identifies a person goes in, and is looked for wherever something comes out: logs, metrics, spans,
//! settings, events, status.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use icelocator_tests::{
    Case, World, collector, eventually,
    mcp::{BY_NAME, BY_NUMBER, Extras, LEGACY, Mcp},
    resource::Resource,
    simulator::Simulator,
    world::{SYSTEM, pod_ip},
};
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::json;

use crate::traces::{ARRIVED_WITHIN, new_trace, traced};

/// Parts of what is said about invented people; none may come out anywhere, whatever its case.
const PLANTED: [&str; 7] = [
    "quetzalina",
    "vorrenkamp",
    "1987-03-29",
    "987604321",
    "987-604-321",
    "ponte-vhara",
    "baggageperson",
];

/// The simulator's ways to fail: what is said in an error must be as silent as what is said otherwise.
const FAULTS: [&str; 4] = ["none", "unavailable", "challenge", "page_changed"];

pub async fn nothing_personal_leaves(case: Case) -> Result<()> {
    let resource = Resource::apply(&case, "silent", &traced("grpc")).await?;
    resource.until_ready().await?;
    let simulator = Simulator::of(&case, "silent").await?;
    let mcp = case.mcp("silent").await?;
    let mut traces = Vec::new();
    for (number, fault) in FAULTS.iter().enumerate() {
        simulator.set(&crate::alerting::fault(fault)).await?;
        traces.push(say_it_all(&mcp, number).await?);
    }
    simulator.set(&crate::alerting::fault("none")).await?;
    for trace in &traces {
        eventually(ARRIVED_WITHIN, "the calls' traces", || async {
            let spans = collector::trace(&case.world, trace).await?;
            ensure!(!spans.is_empty(), "trace {trace} has not arrived");
            Ok(())
        })
        .await?;
    }
    let exits = exits(&case).await?;
    ensure!(exits.len() > 6, "only {} exits were looked at", exits.len());
    for (exit, text) in exits {
        ensure!(!text.is_empty(), "{exit} is empty: nothing was looked at");
        let text = text.to_lowercase();
        let found: Vec<_> = PLANTED
            .iter()
            .filter(|planted| text.contains(**planted))
            .collect();
        let line = text
            .lines()
            .find(|line| PLANTED.iter().any(|planted| line.contains(planted)));
        ensure!(found.is_empty(), "{found:?} came out in {exit}: {line:?}");
    }
    Ok(())
}

/// Says the planted things wherever a client can say something; the trace in which it was said.
async fn say_it_all(mcp: &Mcp, number: usize) -> Result<String> {
    let (trace, span) = new_trace();
    let extras = Extras {
        meta: serde_json::from_value(json!({
            "traceparent": format!("00-{trace}-{span}-01"),
            "tracestate": "vendor=baggageperson",
            "baggage": "person=baggageperson",
        }))?,
        headers: vec![
            ("baggage", "person=baggageperson".to_owned()),
            ("tracestate", "vendor=baggageperson".to_owned()),
            ("user-agent", "baggageperson/1.0".to_owned()),
        ],
    };
    let session = Mcp::modern();
    // Names differ from round to round, so that no answer comes from the cache.
    let named = json!({
        "first_name": format!("Quetzalina{}", "a".repeat(number)), "last_name": "Vorrenkamp",
        "date_of_birth": "1987-03-29", "country_of_birth": "Guatemala",
    });
    mcp.call_with(&session, BY_NAME, named, &extras).await?;
    let numbered = json!({"alien_number": "A987-604-321", "country_of_birth": "Guatemala"});
    mcp.call_with(&session, BY_NUMBER, numbered, &extras)
        .await?;
    // What is refused is said too, and some of it in the wrong place.
    for (tool, arguments) in [
        (
            BY_NAME,
            json!({"first_name": "Quetzalina", "last_name": ["Vorrenkamp"]}),
        ),
        (
            BY_NAME,
            json!({"first_name": "Quetzalina", "last_name": "Vorrenkamp", "Vorrenkamp": 1}),
        ),
        (
            BY_NAME,
            json!({"first_name": "Quetzalina", "last_name": "V", "country_of_birth": "Ponte-Vhara"}),
        ),
        (
            BY_NAME,
            json!({"first_name": "Quetzalina", "last_name": "V", "date_of_birth": "Vorrenkamp"}),
        ),
        (BY_NUMBER, json!({"alien_number": "Vorrenkamp 987604321"})),
        ("find_Quetzalina_Vorrenkamp", json!({})),
    ] {
        // An error of the protocol is an answer too; what it says to its own caller is the caller's.
        let _ = mcp.call_with(&session, tool, arguments, &extras).await;
    }
    let _ = mcp
        .request(&session, "quetzalina/vorrenkamp", json!({}), &extras)
        .await;
    let _ = mcp.initialize(LEGACY, "quetzalina vorrenkamp").await;
    Ok(trace)
}

/// Everything that came out, by where.
async fn exits(case: &Case) -> Result<Vec<(String, String)>> {
    let world: &World = &case.world;
    let mut exits = Vec::new();
    for namespace in [case.namespace.as_str(), SYSTEM] {
        let pods: Api<Pod> = Api::namespaced(world.client.clone(), namespace);
        for pod in pods.list(&ListParams::default()).await? {
            let name = pod.name_any();
            // The stand-in site is upstream: it may know whom it was asked for, as the real one does.
            if name.contains("-simulator-") {
                continue;
            }
            exits.push((
                format!("the log of {name}"),
                world.log(namespace, &name).await?,
            ));
            let port = if namespace == SYSTEM { 8080 } else { 9090 };
            let url = format!("http://{}:{port}/metrics", pod_ip(&pod)?);
            exits.push((format!("the metrics of {name}"), world.text(&url).await?));
        }
        let events: Api<Event> = Api::namespaced(world.client.clone(), namespace);
        let events = events.list(&ListParams::default()).await?;
        exits.push((
            format!("events in {namespace}"),
            serde_json::to_string(&events.items)?,
        ));
    }
    exits.push((
        "the collector's spans".to_owned(),
        collector::text(world).await?,
    ));
    let query = format!("{{namespace=\"{}\"}}", case.namespace);
    let prometheus = world.prometheus().await?;
    let series = eventually(Duration::from_mins(3), "scraped series", || async {
        let samples = prometheus.query(&query).await?;
        let searched =
            |s: &&icelocator_tests::prometheus::Sample| s.label("outcome") == "page_changed";
        samples
            .iter()
            .find(searched)
            .context("the last calls are not scraped yet")?;
        Ok(format!("{samples:?}"))
    });
    exits.push(("Prometheus".to_owned(), series.await?));
    Ok(exits)
}

//! Spans as they arrived at the cluster's OpenTelemetry collector, read from its log.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, ResourceExt, api::LogParams};
use serde::Deserialize;
use serde_json::Value;

use crate::{World, world::MONITORING};

/// Seconds of the log that are looked at: longer than a scenario takes from a call to its spans.
const RECENT: i64 = 180;

/// A span with its attributes as text.
#[derive(Debug, Clone)]
pub struct Span {
    pub trace: String,
    pub id: String,
    /// Empty for a root.
    pub parent: String,
    pub name: String,
    /// `SpanKind` by number: 2 server, 3 client.
    pub kind: i64,
    pub attributes: BTreeMap<String, String>,
    pub service: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(default)]
    resource_spans: Vec<Value>,
}

/// What arrived in the last minutes, as the collector writes it: one JSON document a line.
pub async fn text(world: &World) -> Result<String> {
    let labels = "app.kubernetes.io/name=otel-collector";
    let pods = world.pods(MONITORING, labels).await?;
    let pod = pods.first().context("no collector runs")?.name_any();
    let api: Api<Pod> = Api::namespaced(world.client.clone(), MONITORING);
    let recent = LogParams {
        since_seconds: Some(RECENT),
        ..LogParams::default()
    };
    Ok(api.logs(&pod, &recent).await?)
}

/// The spans of one trace that have arrived so far.
pub async fn trace(world: &World, trace: &str) -> Result<Vec<Span>> {
    let text = text(world).await?;
    let mut spans = Vec::new();
    for line in text.lines().filter(|line| line.contains(trace)) {
        // The last line may be in the middle of being written.
        let Ok(line) = serde_json::from_str::<Line>(line) else {
            continue;
        };
        for resource in &line.resource_spans {
            let service = attributes(&resource["resource"]["attributes"]).remove("service.name");
            let scopes = resource["scopeSpans"].as_array().into_iter().flatten();
            for span in scopes.flat_map(|scope| scope["spans"].as_array().into_iter().flatten()) {
                spans.push(read(span, service.clone().unwrap_or_default()));
            }
        }
    }
    spans.retain(|span| span.trace == trace);
    Ok(spans)
}

fn read(span: &Value, service: String) -> Span {
    let text = |key: &str| span[key].as_str().unwrap_or_default().to_owned();
    Span {
        trace: text("traceId"),
        id: text("spanId"),
        parent: text("parentSpanId"),
        name: text("name"),
        kind: span["kind"].as_i64().unwrap_or_default(),
        attributes: attributes(&span["attributes"]),
        service,
    }
}

/// OTLP's list of keys and typed values, the types left aside.
fn attributes(list: &Value) -> BTreeMap<String, String> {
    let entries = list.as_array().into_iter().flatten();
    entries
        .filter_map(|entry| {
            let key = entry["key"].as_str()?;
            let value = entry["value"].as_object()?.values().next()?;
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            Some((key.to_owned(), value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn attributes_of_every_type_are_read_as_text() {
        let list = json!([
            {"key": "a", "value": {"stringValue": "x"}},
            {"key": "b", "value": {"intValue": "200"}},
            {"key": "c", "value": {"boolValue": true}},
        ]);
        let read: Vec<_> = attributes(&list).into_values().collect();
        assert_eq!(read, ["x", "200", "true"]);
    }
}

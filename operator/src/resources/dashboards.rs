//! Grafana dashboards, one `ConfigMap` each, for the sidecar that loads them.
//!
//! The JSON is generated (see `grafana/`) and embedded; per resource only what tells instances apart is set: uid, title,
//! tags and the defaults of the variables.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::controller::validate::{Component, Dashboards, ValidatedLocator};
use crate::hex::hex;

#[expect(
    clippy::expect_used,
    reason = "generated, embedded, and read by every test below"
)]
static OVERVIEW: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../grafana/dashboards/overview.json"))
        .expect("a dashboard is JSON")
});

/// The annotations by which the sidecar may choose a folder: its own default, and the one that most installations set.
/// It reads one of them and ignores the other.
const FOLDER: [&str; 2] = ["k8s-sidecar-target-directory", "grafana_folder"];

/// Builds the dashboards; none where they are off.
pub fn build(locator: &ValidatedLocator) -> Vec<ConfigMap> {
    locator
        .dashboards
        .iter()
        .map(|dashboards| {
            let json = personal(&OVERVIEW, "overview", locator, dashboards);
            config_map(locator, dashboards, "overview", &json)
        })
        .collect()
}

/// Where the overview of this instance is found in Grafana, with the instance filled in. Without the address of Grafana
/// it is the path alone, which is the same in every Grafana that has the dashboard; `None` where there is no dashboard.
pub fn overview_url(locator: &ValidatedLocator) -> Option<String> {
    let dashboards = locator.dashboards.as_ref()?;
    let grafana = dashboards
        .grafana_url
        .as_ref()
        .map_or("", |url| url.as_str().trim_end_matches('/'));
    Some(format!(
        "{grafana}/d/{}/icelocator-overview?var-namespace={}&var-instance={}",
        uid("overview", locator),
        locator.namespace,
        locator.name,
    ))
}

/// Stable for an instance and unlike any other's, within Grafana's 40 characters, which a name and a namespace in full
/// would not always be.
fn uid(dashboard: &str, locator: &ValidatedLocator) -> String {
    let digest = Sha256::digest(format!("{}/{}", locator.namespace, locator.name));
    format!("icl-{dashboard}-{}", hex(&digest[..8]))
}

/// The dashboard made this instance's own.
fn personal(
    dashboard: &Value,
    kind: &str,
    locator: &ValidatedLocator,
    dashboards: &Dashboards,
) -> Value {
    let ValidatedLocator {
        name, namespace, ..
    } = locator;
    let mut json = dashboard.clone();
    json["uid"] = uid(kind, locator).into();
    json["title"] = format!("IceLocator {kind}: {namespace}/{name}").into();
    if let Some(tags) = json["tags"].as_array_mut() {
        tags.extend([
            format!("namespace:{namespace}").into(),
            format!("instance:{name}").into(),
        ]);
    }
    for variable in json["templating"]["list"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        let value = match variable["name"].as_str() {
            Some("namespace") => Some(namespace),
            Some("instance") => Some(name),
            Some("datasource") => dashboards.datasource_uid.as_ref(),
            _ => None,
        };
        if let Some(value) = value {
            variable["current"] = json!({"selected": true, "text": value, "value": value});
        }
    }
    json
}

fn config_map(
    locator: &ValidatedLocator,
    dashboards: &Dashboards,
    kind: &str,
    json: &Value,
) -> ConfigMap {
    let mut metadata = locator.object_meta(
        &format!("{}-dashboard-{kind}", locator.name),
        Component::Monitoring,
    );
    metadata
        .labels
        .get_or_insert_default()
        .extend(dashboards.labels.clone());
    metadata
        .annotations
        .get_or_insert_default()
        .extend(FOLDER.map(|key| (key.to_owned(), dashboards.folder.clone())));
    // The sidecar writes every ConfigMap's keys into one directory: the file's name has to be unique there too.
    let file = format!("{}.json", uid(kind, locator));
    ConfigMap {
        metadata,
        data: Some(BTreeMap::from([(file, json.to_string())])),
        ..ConfigMap::default()
    }
}

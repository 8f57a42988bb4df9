//! Grafana dashboards.

use std::collections::BTreeMap;

use icelocator_config::HttpUrl;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reserved::{LABEL_VALUE, no_reserved_keys};
use super::yes;

/// Grafana dashboards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dashboards {
    /// Whether there are any.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Which ones.
    #[serde(default)]
    pub set: DashboardSet,
    /// The folder in Grafana: one name, no path.
    #[serde(default = "default_folder")]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[^/\\.\s][^/\\]*$"))]
    pub folder: String,
    /// How they reach Grafana.
    #[serde(default)]
    pub delivery: DashboardDelivery,
    /// Labels of the ConfigMaps, by which Grafana's sidecar finds them.
    #[serde(default = "default_labels")]
    #[schemars(
        extend("maxProperties" = 32, "x-kubernetes-validations" = no_reserved_keys()),
        inner(length(max = 63), regex(pattern = LABEL_VALUE))
    )]
    pub labels: BTreeMap<String, String>,
    /// Which Grafana takes them, where the Grafana operator delivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_selector: Option<InstanceSelector>,
    /// The data source that they start with.
    #[serde(default)]
    pub datasource: Datasource,
    /// Address of Grafana, for links from alerts; left out: the links are paths without a host, and messages have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grafana_url: Option<HttpUrl>,
}

/// Which dashboards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DashboardSet {
    /// All of them.
    #[default]
    Full,
    /// The overview only.
    Overview,
}

/// How dashboards reach Grafana.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DashboardDelivery {
    /// As ConfigMaps; later, through the Grafana operator where its API exists.
    #[default]
    Auto,
    /// As ConfigMaps, for Grafana's sidecar.
    ConfigMap,
    /// Through the Grafana operator.
    GrafanaOperator,
}

/// Which Grafana takes the dashboards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstanceSelector {
    /// Labels that it must have.
    #[schemars(extend("maxProperties" = 16), inner(length(max = 63)))]
    pub match_labels: BTreeMap<String, String>,
}

/// The data source that dashboards start with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Datasource {
    /// Its uid in Grafana; left out: Grafana's default Prometheus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 40))]
    pub uid: Option<String>,
}

fn default_folder() -> String {
    "IceLocator".to_owned()
}

fn default_labels() -> BTreeMap<String, String> {
    BTreeMap::from([("grafana_dashboard".to_owned(), "1".to_owned())])
}

impl Default for Dashboards {
    fn default() -> Self {
        Self {
            enabled: true,
            set: DashboardSet::default(),
            folder: default_folder(),
            delivery: DashboardDelivery::default(),
            labels: default_labels(),
            instance_selector: None,
            datasource: Datasource::default(),
            grafana_url: None,
        }
    }
}

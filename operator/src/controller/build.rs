//! The third step: from what is meant to everything that is to exist. Pure.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use super::validate::ValidatedLocator;
use crate::resources::alertmanager_config::{self, AlertmanagerConfig};
use crate::resources::datadog::{self, DatadogDashboard, DatadogMonitor};
use crate::resources::prometheus_rule::{self, PrometheusRule};
use crate::resources::service_monitor::{self, ServiceMonitor};
use crate::resources::{
    admin_token, config_map, dashboards, deployment, network_policy, pod_disruption_budget,
    service, service_account, session_key, simulator,
};

/// Everything that is to exist for one resource. What takes it apart names every field, so that a kind which is built
/// but not applied does not compile.
#[derive(Clone, Debug, PartialEq)]
pub struct Children {
    pub service_account: ServiceAccount,
    pub session_key: Secret,
    pub admin_token: Option<Secret>,
    pub settings: ConfigMap,
    pub service: Service,
    pub metrics_service: Option<Service>,
    pub simulator_service: Option<Service>,
    pub pod_disruption_budget: PodDisruptionBudget,
    pub network_policy: Option<NetworkPolicy>,
    pub simulator: Option<Deployment>,
    pub deployment: Deployment,
    pub service_monitor: Option<ServiceMonitor>,
    pub prometheus_rule: Option<PrometheusRule>,
    pub alertmanager_config: Option<AlertmanagerConfig>,
    pub dashboards: Vec<ConfigMap>,
    pub datadog_dashboard: Option<DatadogDashboard>,
    pub datadog_monitors: Vec<DatadogMonitor>,
}

/// A child could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("the server's settings cannot be written as YAML: {0}")]
    Settings(#[from] serde_saphyr::ser::Error),
}

pub fn build(locator: &ValidatedLocator) -> Result<Children, BuildError> {
    let settings = config_map::build(locator)?;
    Ok(Children {
        service_account: service_account::build(locator),
        session_key: session_key::build(locator),
        admin_token: admin_token::build(locator),
        service: service::build(locator),
        metrics_service: service::metrics(locator),
        simulator_service: simulator::service(locator),
        pod_disruption_budget: pod_disruption_budget::build(locator),
        network_policy: network_policy::build(locator),
        simulator: simulator::deployment(locator),
        deployment: deployment::build(locator)?,
        settings,
        service_monitor: service_monitor::build(locator),
        prometheus_rule: prometheus_rule::build(locator),
        alertmanager_config: alertmanager_config::build(locator),
        dashboards: dashboards::build(locator),
        datadog_dashboard: datadog::dashboard(locator),
        datadog_monitors: datadog::monitors(locator),
    })
}

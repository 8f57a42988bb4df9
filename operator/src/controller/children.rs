//! The children as one list, each as the manifest that is applied.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::Value;

use super::build::Children;
use super::compare::{DESIRED, digest};
use crate::kinds::Kind;

/// A child as it is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    pub kind: Kind,
    pub name: String,
    /// Of the manifest without the annotation that holds it.
    pub digest: String,
    /// With that annotation.
    pub manifest: Value,
}

impl Child {
    fn new(
        kind: Kind,
        metadata: &ObjectMeta,
        object: &impl Serialize,
    ) -> Result<Self, serde_json::Error> {
        let mut manifest = serde_json::to_value(object)?;
        let digest = digest(&manifest);
        let mut annotations: BTreeMap<String, String> =
            metadata.annotations.clone().unwrap_or_default();
        annotations.insert(DESIRED.to_owned(), digest.clone());
        manifest["metadata"]["annotations"] = serde_json::to_value(annotations)?;
        Ok(Self {
            kind,
            name: metadata.name.clone().unwrap_or_default(),
            digest,
            manifest,
        })
    }
}

/// Every child, in the order in which they are applied: what pods need comes before the pods, what watches them after.
pub fn list(children: &Children) -> Result<Vec<Child>, serde_json::Error> {
    // Every field by its name: a kind that is built but not listed here does not compile.
    let Children {
        service_account,
        session_key,
        admin_token,
        settings,
        service,
        metrics_service,
        simulator_service,
        pod_disruption_budget,
        network_policy,
        simulator,
        deployment,
        service_monitor,
        prometheus_rule,
        alertmanager_config,
        dashboards,
        datadog_dashboard,
        datadog_monitors,
    } = children;
    let mut list = vec![
        Child::new(
            Kind::ServiceAccount,
            &service_account.metadata,
            service_account,
        )?,
        Child::new(Kind::Secret, &session_key.metadata, session_key)?,
        Child::new(Kind::ConfigMap, &settings.metadata, settings)?,
        Child::new(Kind::Service, &service.metadata, service)?,
    ];
    if let Some(token) = admin_token {
        list.push(Child::new(Kind::Secret, &token.metadata, token)?);
    }
    for service in metrics_service.iter().chain(simulator_service) {
        list.push(Child::new(Kind::Service, &service.metadata, service)?);
    }
    list.push(Child::new(
        Kind::PodDisruptionBudget,
        &pod_disruption_budget.metadata,
        pod_disruption_budget,
    )?);
    if let Some(policy) = network_policy {
        list.push(Child::new(Kind::NetworkPolicy, &policy.metadata, policy)?);
    }
    for deployment in simulator.iter().chain([deployment]) {
        list.push(Child::new(
            Kind::Deployment,
            &deployment.metadata,
            deployment,
        )?);
    }
    if let Some(monitor) = service_monitor {
        list.push(Child::new(
            Kind::ServiceMonitor,
            &monitor.metadata,
            monitor,
        )?);
    }
    if let Some(rule) = prometheus_rule {
        list.push(Child::new(Kind::PrometheusRule, &rule.metadata, rule)?);
    }
    if let Some(config) = alertmanager_config {
        list.push(Child::new(
            Kind::AlertmanagerConfig,
            &config.metadata,
            config,
        )?);
    }
    for dashboard in dashboards {
        list.push(Child::new(Kind::ConfigMap, &dashboard.metadata, dashboard)?);
    }
    if let Some(dashboard) = datadog_dashboard {
        let kind = Kind::DatadogDashboard;
        list.push(Child::new(kind, &dashboard.metadata, dashboard)?);
    }
    for monitor in datadog_monitors {
        list.push(Child::new(
            Kind::DatadogMonitor,
            &monitor.metadata,
            monitor,
        )?);
    }
    Ok(list)
}

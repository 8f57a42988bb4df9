//! The children of an `IceLocator`, one file a Kubernetes kind, each a pure function of the validated resource.

pub mod admin_token;
pub mod alertmanager_config;
pub mod api_token;
pub mod config_map;
pub mod dashboards;
pub mod datadog;
pub mod deployment;
pub mod folders;
pub mod network_policy;
pub mod pod_disruption_budget;
pub mod pods;
pub mod ports;
pub mod prometheus_rule;
pub mod security;
pub mod service;
pub mod service_account;
pub mod service_monitor;
pub mod session_key;
pub mod simulator;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod promql;
#[cfg(test)]
mod tests;

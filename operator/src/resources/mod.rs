//! The children of an `IceLocator`, one file a Kubernetes kind, each a pure function of the validated resource.

pub mod alertmanager_config;
pub mod dashboards;
pub mod prometheus_rule;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod promql;

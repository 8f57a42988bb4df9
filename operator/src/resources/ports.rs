//! The ports of the pods, by the names that Services and monitors use.

use k8s_openapi::api::core::v1::{ContainerPort, HTTPGetAction, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// A port.
#[derive(Clone, Copy, Debug)]
pub struct Port {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub number: u16,
}

/// MCP; at the simulator, its site.
pub const HTTP: Port = Port {
    name: "http",
    number: 8080,
};
/// Metrics and probes.
pub const METRICS: Port = Port {
    name: "metrics",
    number: 9090,
};

/// Profiles, for those who show the token.
pub const ADMIN: Port = Port {
    name: "admin",
    number: 9091,
};

impl Port {
    /// As a container declares it.
    pub fn of_container(self) -> ContainerPort {
        ContainerPort {
            name: Some(self.name.to_owned()),
            container_port: self.number.into(),
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }
    }

    /// A probe of `path`, every `period` seconds, that gives up after `failures`.
    pub fn probe(self, path: &str, period: i32, failures: i32) -> Probe {
        Probe {
            http_get: Some(HTTPGetAction {
                path: Some(path.to_owned()),
                port: IntOrString::String(self.name.to_owned()),
                ..HTTPGetAction::default()
            }),
            period_seconds: Some(period),
            failure_threshold: Some(failures),
            timeout_seconds: Some(2),
            ..Probe::default()
        }
    }
}

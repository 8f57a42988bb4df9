//! The `Service` in front of the server's pods.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::ports::{HTTP, METRICS, Port};
use crate::controller::validate::{Component, ServiceType, ValidatedLocator};

/// Builds it. Where it can be reached from outside the cluster, metrics have a Service of their own.
pub fn build(locator: &ValidatedLocator) -> Service {
    let mut metadata = locator.object_meta(&locator.name, Component::Server);
    let annotations = &locator.service.annotations;
    metadata.annotations = (!annotations.is_empty()).then(|| annotations.clone());
    Service {
        metadata,
        spec: Some(ServiceSpec {
            type_: Some(locator.service.service_type.as_str().to_owned()),
            selector: Some(locator.selector(Component::Server)),
            ports: Some(if is_inside(locator) {
                vec![port(HTTP), port(METRICS)]
            } else {
                vec![port(HTTP)]
            }),
            ..ServiceSpec::default()
        }),
        status: None,
    }
}

/// Builds the Service of the metrics, where the other one must not show them.
pub fn metrics(locator: &ValidatedLocator) -> Option<Service> {
    (!is_inside(locator)).then(|| Service {
        metadata: locator.object_meta(&format!("{}-metrics", locator.name), Component::Server),
        spec: Some(ServiceSpec {
            selector: Some(locator.selector(Component::Server)),
            ports: Some(vec![port(METRICS)]),
            ..ServiceSpec::default()
        }),
        status: None,
    })
}

fn is_inside(locator: &ValidatedLocator) -> bool {
    locator.service.service_type == ServiceType::ClusterIP
}

/// Where MCP clients in the cluster connect to the server of the resource `name`.
pub fn url(namespace: &str, name: &str) -> String {
    format!("http://{name}.{namespace}.svc:{}/mcp", HTTP.number)
}

/// A port of a Service, under the name and the number that it has in the pod.
pub fn port(port: Port) -> ServicePort {
    ServicePort {
        name: Some(port.name.to_owned()),
        port: port.number.into(),
        target_port: Some(IntOrString::String(port.name.to_owned())),
        protocol: Some("TCP".to_owned()),
        app_protocol: Some("http".to_owned()),
        ..ServicePort::default()
    }
}

//! The simulator's `Deployment` and `Service`, where the resource asks for the stand-in site.

use std::collections::BTreeMap;

use icelocator_config::Mounts;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{
    Container, PodSpec, PodTemplateSpec, ResourceRequirements, Service, ServiceSpec,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use sha2::{Digest as _, Sha256};

use super::deployment::content_hash;
use super::folders::folders;
use super::ports::HTTP;
use super::{pods, security, service};
use crate::controller::validate::{Component, Simulator, ValidatedLocator};

/// Name of both.
pub fn name(locator: &ValidatedLocator) -> String {
    format!("{}-simulator", locator.name)
}

/// Builds the Deployment. Its sessions live in memory, so there is one pod.
pub fn deployment(locator: &ValidatedLocator) -> Option<Deployment> {
    let simulator = locator.simulator.as_ref()?;
    let (folders, seen) = folders(&simulator.mounts);
    let hash = content_hash(Sha256::new(), &simulator.mounts);
    let container = Container {
        name: "simulator".to_owned(),
        image: Some(simulator.image.clone()),
        image_pull_policy: locator
            .image_pull_policy
            .map(|policy| policy.as_str().to_owned()),
        args: Some(arguments(simulator)),
        ports: Some(vec![HTTP.of_container()]),
        volume_mounts: (!seen.is_empty()).then_some(seen),
        readiness_probe: Some(HTTP.probe("/readyz", 2, 2)),
        liveness_probe: Some(HTTP.probe("/livez", 10, 3)),
        resources: Some(ResourceRequirements {
            requests: Some(quantities(&[("cpu", "10m"), ("memory", "32Mi")])),
            limits: Some(quantities(&[("memory", "128Mi")])),
            ..ResourceRequirements::default()
        }),
        lifecycle: Some(pods::farewell()),
        termination_message_policy: pods::last_words(),
        security_context: Some(security::container()),
        ..Container::default()
    };
    let selector = locator.selector(Component::Simulator);
    Some(Deployment {
        metadata: locator.object_meta(&name(locator), Component::Simulator),
        spec: Some(DeploymentSpec {
            replicas: Some(i32::from(!locator.suspended)),
            selector: LabelSelector {
                match_labels: Some(selector),
                ..LabelSelector::default()
            },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(locator.labels(Component::Simulator)),
                    // Where it reads no file, nothing can change under it.
                    annotations: (!folders.is_empty()).then(|| BTreeMap::from([hash])),
                    ..ObjectMeta::default()
                }),
                spec: Some(PodSpec {
                    service_account_name: Some(locator.name.clone()),
                    automount_service_account_token: Some(false),
                    enable_service_links: Some(false),
                    image_pull_secrets: pods::pull_secrets(locator),
                    security_context: Some(security::pod()),
                    // Where the server's pods may run, its stand-in site may too, and nowhere else.
                    node_selector: (!locator.pod.node_selector.is_empty())
                        .then(|| locator.pod.node_selector.clone()),
                    tolerations: (!locator.pod.tolerations.is_empty())
                        .then(|| locator.pod.tolerations.clone()),
                    containers: vec![container],
                    volumes: (!folders.is_empty()).then_some(folders),
                    ..PodSpec::default()
                }),
            },
            ..DeploymentSpec::default()
        }),
        status: None,
    })
}

fn arguments(simulator: &Simulator) -> Vec<String> {
    let file = simulator.people_file.as_ref();
    let file = file.map(|reference| Mounts::default().config_map_key(reference));
    [
        Some("simulate".to_owned()),
        simulator.seed.map(|seed| format!("--seed={seed}")),
        simulator.people.map(|people| format!("--people={people}")),
        file.map(|path| format!("--people={}", path.display())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Builds the Service.
pub fn service(locator: &ValidatedLocator) -> Option<Service> {
    locator.simulator.as_ref()?;
    Some(Service {
        metadata: locator.object_meta(&name(locator), Component::Simulator),
        spec: Some(ServiceSpec {
            selector: Some(locator.selector(Component::Simulator)),
            ports: Some(vec![service::port(HTTP)]),
            ..ServiceSpec::default()
        }),
        status: None,
    })
}

fn quantities(list: &[(&str, &str)]) -> BTreeMap<String, Quantity> {
    list.iter()
        .map(|(name, size)| ((*name).to_owned(), Quantity((*size).to_owned())))
        .collect()
}

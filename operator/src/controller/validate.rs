//! The second step: from what a person wrote to what is meant. Pure.
//!
//! Takes the raw resource and the facts that were read for it; gives a [`ValidatedLocator`] with every default resolved,
//! or every error, each named by its field. What would be unsafe to leave out is refused while it cannot be honoured
//! ([`in_effect`]); monitoring extras that cannot be honoured yet are listed instead.

mod checks;
mod in_effect;
mod mounts;
mod quantity;
mod types;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use icelocator_config::{FieldError, FieldPath};
use k8s_openapi::api::core::v1::{ResourceRequirements, TopologySpreadConstraint};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

pub use crate::api::{ImagePullPolicy, Objectives, ServiceType, Severity, Thresholds};
pub use mounts::{Mount, Which};
pub use quantity::{InvalidQuantity, canonical};
pub use types::{
    Alerting, Channel, ChannelKind, Component, Dashboards, Datadog, Deploys, NetworkPolicy,
    PodSettings, ServiceMonitor, ServiceSettings, SessionKey, Simulator, ValidatedLocator,
};

use super::contents::Contents;
use super::render::render;
use crate::api::{self, DashboardDelivery, IceLocator, IceLocatorSpec};

/// What was read for a resource before it is validated.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The image that runs where the resource names none.
    pub default_image: String,
    /// The key that seals session ids.
    pub session_key: SessionKey,
    /// What the Secrets and ConfigMaps that the resource names hold.
    pub contents: Contents,
    /// Whether servers can be let ask the API server about tokens.
    pub token_review: bool,
    /// Where the operator's own pods are, as far as it runs in the cluster.
    pub operator_namespace: Option<String>,
}

impl Facts {
    /// Facts about a resource that names nothing.
    pub fn new(default_image: String, session_key: SessionKey) -> Self {
        Self {
            default_image,
            session_key,
            contents: Contents::default(),
            token_review: false,
            operator_namespace: None,
        }
    }
}

/// Why a resource is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidationError {
    /// Fields whose values make no sense.
    #[error("{}", sentence(.0))]
    Invalid(Vec<FieldError>),
    /// Fields that are understood, but cannot be honoured by this version; nothing runs without them.
    #[error("this version cannot honour {}: leave it out, or use a version that can", fields.join(", "))]
    NotInEffect {
        /// The paths of the fields.
        fields: Vec<String>,
    },
    /// Tokens are to be reviewed, and this operator cannot give the right to.
    #[error(
        "spec.auth.tokenReview: this operator cannot let servers ask the API server about tokens: install it for the whole cluster, with rbac.create, or know callers by bearer or oidc"
    )]
    NoTokenReview,
}

fn sentence(errors: &[FieldError]) -> String {
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    errors.join("; ")
}

impl ValidationError {
    /// The reason of the condition `Accepted`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "Invalid",
            Self::NotInEffect { .. } => "NotInEffect",
            Self::NoTokenReview => "NotGranted",
        }
    }
}

/// Validates a resource.
pub fn validate(resource: &IceLocator, facts: Facts) -> Result<ValidatedLocator, ValidationError> {
    let mut errors = checks::check(resource);
    let spec = &resource.spec;
    let name = resource.metadata.name.clone().unwrap_or_default();
    let namespace = resource.metadata.namespace.clone().unwrap_or_default();
    let resources = resources(spec, &mut errors);
    let server_config = match render(&name, &namespace, spec) {
        Ok(config) => config,
        Err(error) => {
            errors.push(
                FieldPath::root()
                    .field("metadata.name")
                    .error(error.to_string()),
            );
            return Err(ValidationError::Invalid(errors));
        }
    };
    if !errors.is_empty() {
        return Err(ValidationError::Invalid(errors));
    }
    let fields = in_effect::refused(spec);
    if !fields.is_empty() {
        return Err(ValidationError::NotInEffect { fields });
    }
    if server_config.auth.token_review.is_some() && !facts.token_review {
        return Err(ValidationError::NoTokenReview);
    }

    let monitoring = spec.monitoring.clone().unwrap_or_default();
    let telemetry = monitoring.telemetry.unwrap_or_default();
    let service = spec.exposure.clone().unwrap_or_default().service;
    let image = spec.image.clone().unwrap_or(facts.default_image);
    let monitor = monitoring.metrics.service_monitor;
    Ok(ValidatedLocator {
        uid: resource.metadata.uid.clone().unwrap_or_default(),
        generation: resource.metadata.generation.unwrap_or_default(),
        image_pull_policy: spec.image_pull_policy,
        image_pull_secrets: spec
            .image_pull_secrets
            .iter()
            .map(|secret| secret.name.clone())
            .collect(),
        replicas: if spec.suspend {
            0
        } else {
            spec.replicas.unwrap_or(1)
        },
        suspended: spec.suspend,
        pod: pod(&name, spec, resources),
        service: ServiceSettings {
            service_type: service.service_type,
            annotations: service.annotations,
        },
        simulator: spec
            .locator
            .simulator
            .as_ref()
            .map(|written| simulator(written, &image, &facts.contents)),
        image,
        mounts: mounts::of_server(&server_config, &facts.contents),
        server_config,
        session_key: facts.session_key,
        network_policy: spec
            .network_policy
            .clone()
            .filter(|policy| policy.enabled)
            .map(|policy| NetworkPolicy {
                ingress_from: policy.ingress_from,
                operator_namespace: facts.operator_namespace,
            }),
        deploys: telemetry.sentry.and_then(deploys),
        datadog: telemetry.datadog.and_then(datadog),
        service_monitor: monitor.enabled.then_some(ServiceMonitor {
            interval: monitor.interval,
            labels: monitor.labels,
        }),
        dashboards: dashboards(monitoring.dashboards),
        alerting: alerting(monitoring.alerting),
        not_in_effect: in_effect::left_out(spec),
        name,
        namespace,
    })
}

fn simulator(
    written: &icelocator_config::Simulator,
    image: &str,
    contents: &Contents,
) -> Simulator {
    let icelocator_config::Simulator {
        seed,
        people,
        people_file,
    } = written.clone();
    Simulator {
        image: image.to_owned(),
        seed,
        people,
        mounts: mounts::of_simulator(people_file.as_ref(), contents),
        people_file: people_file.map(|file| file.config_map_ref),
    }
}

/// What a pod asks for and may use, in the form in which the API server gives it back.
fn resources(spec: &IceLocatorSpec, errors: &mut Vec<FieldError>) -> ResourceRequirements {
    let Some(written) = spec.pod.as_ref().and_then(|pod| pod.resources.clone()) else {
        let quantities = |list: &[(&str, &str)]| {
            let list = list
                .iter()
                .map(|(name, size)| ((*name).to_owned(), Quantity((*size).to_owned())));
            Some(list.collect::<BTreeMap<_, _>>())
        };
        return ResourceRequirements {
            requests: quantities(&[("cpu", "50m"), ("memory", "64Mi")]),
            limits: quantities(&[("memory", "256Mi")]),
            ..ResourceRequirements::default()
        };
    };
    let at = FieldPath::root().field("spec.pod.resources");
    checks::requests_within_limits(&written, &at, errors);
    ResourceRequirements {
        requests: canonical_all(written.requests, &at.field("requests"), errors),
        limits: canonical_all(written.limits, &at.field("limits"), errors),
        claims: written.claims,
    }
}

fn canonical_all(
    quantities: Option<BTreeMap<String, Quantity>>,
    at: &FieldPath,
    errors: &mut Vec<FieldError>,
) -> Option<BTreeMap<String, Quantity>> {
    let mut result = BTreeMap::new();
    for (name, quantity) in quantities? {
        match canonical(&quantity.0) {
            Ok(text) => {
                result.insert(name, Quantity(text));
            }
            Err(error) => errors.push(at.field(&name).error(error.to_string())),
        }
    }
    Some(result)
}

fn pod(name: &str, spec: &IceLocatorSpec, resources: ResourceRequirements) -> PodSettings {
    let written = spec.pod.clone().unwrap_or_default();
    let topology_spread_constraints = if written.topology_spread_constraints.is_empty() {
        vec![spread_over_nodes(name)]
    } else {
        written.topology_spread_constraints
    };
    PodSettings {
        resources,
        node_selector: written.node_selector,
        tolerations: written.tolerations,
        affinity: written.affinity,
        topology_spread_constraints,
        labels: written.labels,
        annotations: written.annotations,
    }
}

/// Pods of one server stay off each other's nodes where they can.
fn spread_over_nodes(name: &str) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        max_skew: 1,
        topology_key: "kubernetes.io/hostname".to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        label_selector: Some(LabelSelector {
            match_labels: Some(types::selector(name, Component::Server)),
            ..LabelSelector::default()
        }),
        ..TopologySpreadConstraint::default()
    }
}

fn deploys(sentry: icelocator_config::Sentry) -> Option<Deploys> {
    Some(Deploys {
        to: sentry.deploys.filter(|_| sentry.enabled)?,
        // As Sentry itself calls it where events name none.
        environment: sentry
            .environment
            .unwrap_or_else(|| "production".to_owned()),
    })
}

fn datadog(written: icelocator_config::Datadog) -> Option<Datadog> {
    (written.enabled && written.resources).then_some(Datadog {
        service: written.service,
        env: written.env,
    })
}

fn dashboards(written: api::Dashboards) -> Option<Dashboards> {
    // Delivery through the Grafana operator is not in effect yet, and ConfigMaps are not what was asked for.
    if !written.enabled || written.delivery == DashboardDelivery::GrafanaOperator {
        return None;
    }
    Some(Dashboards {
        set: written.set,
        folder: written.folder,
        labels: written.labels,
        datasource_uid: written.datasource.uid,
        grafana_url: written.grafana_url,
    })
}

fn alerting(written: api::Alerting) -> Option<Alerting> {
    if !written.enabled {
        return None;
    }
    let routes = written.routes.unwrap_or_default();
    let routes = Severity::ALL
        .into_iter()
        .map(|severity| (severity, routes.of(severity).to_vec()))
        .filter(|(_, channels)| !channels.is_empty());
    Some(Alerting {
        labels: written.labels,
        runbook_base_url: written.runbook_base_url,
        objectives: written.objectives,
        thresholds: written.thresholds,
        routes: routes.collect(),
        channels: written.channels.into_iter().filter_map(channel).collect(),
    })
}

/// A channel with its one kind; `None` has been refused by the checks.
fn channel(written: api::Channel) -> Option<Channel> {
    let kind = if let Some(kind) = written.pagerduty {
        ChannelKind::Pagerduty {
            routing_key_secret_ref: kind.routing_key_secret_ref,
            url: kind.url,
        }
    } else if let Some(kind) = written.slack {
        ChannelKind::Slack {
            webhook_secret_ref: kind.webhook_secret_ref,
            channel: kind.channel,
        }
    } else if let Some(kind) = written.email {
        ChannelKind::Email {
            to: kind.to,
            from: kind.from,
            smarthost: kind.smarthost,
            require_tls: kind.require_tls,
            auth: kind.auth,
        }
    } else {
        ChannelKind::Webhook {
            url_secret_ref: written.webhook?.url_secret_ref,
        }
    };
    Some(Channel {
        name: written.name,
        kind,
    })
}

//! A validated resource: the only input of every builder.

use std::collections::BTreeMap;
use std::fmt;

use icelocator_config::{
    ConfigMapKeyRef, Duration, HttpUrl, SecretKeyRef, SentryDeploys, ServerConfig,
};
use k8s_openapi::api::core::v1::{
    Affinity, ResourceRequirements, Toleration, TopologySpreadConstraint,
};
use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kube::Resource;

use super::mounts::Mount;
use crate::api::{
    DashboardSet, EmailAuth, IceLocator, ImagePullPolicy, Objectives, Reference, ServiceType,
    Severity, Thresholds,
};

/// A resource that makes sense, every default resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidatedLocator {
    /// Name of the resource, at most 40 characters.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its uid.
    pub uid: String,
    /// Its generation.
    pub generation: i64,
    /// The server's image.
    pub image: String,
    /// When the image is pulled; `None` leaves it to Kubernetes.
    pub image_pull_policy: Option<ImagePullPolicy>,
    /// Names of the Secrets with which the image is pulled.
    pub image_pull_secrets: Vec<String>,
    /// How many pods there are to be; 0 while suspended.
    pub replicas: i32,
    /// Scaled to nothing, all else kept.
    pub suspended: bool,
    /// The server's pods.
    pub pod: PodSettings,
    /// The server's Service.
    pub service: ServiceSettings,
    /// The stand-in site, where asked for.
    pub simulator: Option<Simulator>,
    /// The server's settings file.
    pub server_config: ServerConfig,
    /// The Secrets and ConfigMaps that the settings name.
    pub mounts: Vec<Mount>,
    /// The key that seals session ids, one for all replicas.
    pub session_key: SessionKey,
    /// Which traffic is let through; `None`: all.
    pub network_policy: Option<NetworkPolicy>,
    /// Where deploys are announced; `None`: nowhere.
    pub deploys: Option<Deploys>,
    /// Which dashboards and monitors are made for Datadog; `None`: none.
    pub datadog: Option<Datadog>,
    /// How Prometheus collects; `None` where switched off.
    pub service_monitor: Option<ServiceMonitor>,
    /// Grafana dashboards; `None` where switched off.
    pub dashboards: Option<Dashboards>,
    /// Rules, and where their alerts go; `None` where switched off.
    pub alerting: Option<Alerting>,
    /// Paths of the monitoring extras that the resource asks for and this version leaves out.
    pub not_in_effect: Vec<String>,
}

/// The server's pods, as far as the resource decides about them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodSettings {
    /// What a pod asks for and may use; quantities in canonical form.
    pub resources: ResourceRequirements,
    /// Labels that a node must have.
    pub node_selector: BTreeMap<String, String>,
    /// Taints that are put up with.
    pub tolerations: Vec<Toleration>,
    /// Which nodes and neighbours are preferred or required.
    pub affinity: Option<Affinity>,
    /// How pods spread; never empty.
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
    /// Further labels; none of the operator's own.
    pub labels: BTreeMap<String, String>,
    /// Further annotations; none of the operator's own.
    pub annotations: BTreeMap<String, String>,
}

/// The server's Service, as far as the resource decides about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSettings {
    /// Its type.
    pub service_type: ServiceType,
    /// Further annotations; none of the operator's own.
    pub annotations: BTreeMap<String, String>,
}

/// The stand-in site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulator {
    /// Its image: the server's.
    pub image: String,
    /// Which people there are.
    pub seed: Option<u32>,
    /// How many.
    pub people: Option<u32>,
    /// The file with people of one's own.
    pub people_file: Option<ConfigMapKeyRef>,
    /// Where that file is.
    pub mounts: Vec<Mount>,
}

/// Which traffic is let through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetworkPolicy {
    /// Who may call; empty: anyone in the cluster.
    pub ingress_from: Vec<NetworkPolicyPeer>,
    /// Where the operator's own pods are, as far as it is one.
    pub operator_namespace: Option<String>,
}

/// Where and how deploys are announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploys {
    /// Sentry's address, organisation, project and token.
    pub to: SentryDeploys,
    /// The environment that they are deployed to.
    pub environment: String,
}

/// What dashboards and monitors for Datadog select by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datadog {
    /// The unified tag `service`.
    pub service: String,
    /// The unified tag `env`; `None`: any.
    pub env: Option<String>,
}

/// How Prometheus collects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceMonitor {
    /// How often.
    pub interval: Duration,
    /// Further labels.
    pub labels: BTreeMap<String, String>,
}

/// Grafana dashboards, delivered as ConfigMaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboards {
    /// Which ones.
    pub set: DashboardSet,
    /// The folder in Grafana.
    pub folder: String,
    /// Labels of the ConfigMaps.
    pub labels: BTreeMap<String, String>,
    /// The data source that they start with; `None`: Grafana's default.
    pub datasource_uid: Option<String>,
    /// Address of Grafana, for links from alerts.
    pub grafana_url: Option<HttpUrl>,
}

/// Rules, and where their alerts go.
#[derive(Clone, Debug, PartialEq)]
pub struct Alerting {
    /// Further labels of the PrometheusRule and the AlertmanagerConfig.
    pub labels: BTreeMap<String, String>,
    /// Where the runbooks are; `None`: the project's.
    pub runbook_base_url: Option<HttpUrl>,
    /// What is promised to callers.
    pub objectives: Objectives,
    /// From when on something alerts.
    pub thresholds: Thresholds,
    /// Where notifications go; names are unique.
    pub channels: Vec<Channel>,
    /// Names of the channels for each severity; every name is one of `channels`, no list is empty.
    pub routes: BTreeMap<Severity, Vec<String>>,
}

/// A named place where notifications go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ChannelKind,
}

/// What a channel is. Secrets are referenced, never read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// PagerDuty, Events API v2.
    Pagerduty {
        /// The routing key.
        routing_key_secret_ref: SecretKeyRef,
        /// Where events are sent; `None`: PagerDuty's own address.
        url: Option<HttpUrl>,
    },
    /// Slack, incoming webhook.
    Slack {
        /// The webhook's address.
        webhook_secret_ref: SecretKeyRef,
        /// The channel; `None`: the webhook's own.
        channel: Option<String>,
    },
    /// E-mail.
    Email {
        /// Who gets it.
        to: Vec<String>,
        /// The sender.
        from: String,
        /// The mail server, as host:port.
        smarthost: String,
        /// Whether mail is sent only over an encrypted connection.
        require_tls: bool,
        /// How the mail server knows the sender.
        auth: Option<EmailAuth>,
    },
    /// A webhook of one's own.
    Webhook {
        /// Its address.
        url_secret_ref: SecretKeyRef,
    },
}

/// The key that seals session ids. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// A key of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the Secret that holds them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey")
    }
}

/// What a child belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Component {
    /// The MCP server.
    Server,
    /// The stand-in site.
    Simulator,
    /// What watches the server.
    Monitoring,
}

impl Component {
    const fn name(self) -> &'static str {
        match self {
            Self::Server | Self::Monitoring => "icelocator-server",
            Self::Simulator => "icelocator-simulator",
        }
    }

    /// As the label `app.kubernetes.io/component` says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Simulator => "simulator",
            Self::Monitoring => "monitoring",
        }
    }
}

/// The labels by which the children of the resource `instance` that belong to `component` are chosen.
pub(super) fn selector(instance: &str, component: Component) -> BTreeMap<String, String> {
    [
        ("name", component.name()),
        ("instance", instance),
        ("component", component.as_str()),
    ]
    .into_iter()
    .map(|(key, value)| (format!("app.kubernetes.io/{key}"), value.to_owned()))
    .collect()
}

impl ValidatedLocator {
    /// Whether profiles may be taken.
    pub fn is_profiled(&self) -> bool {
        let profiling = self.server_config.profiling.as_ref();
        profiling.is_some_and(|profiling| profiling.enabled)
    }

    /// Whether the server's pods wait for what a reference names.
    pub fn awaits(&self, reference: &Reference) -> bool {
        self.mounts.iter().any(|mount| {
            !mount.optional && mount.kind == reference.kind && mount.name == reference.name
        })
    }

    /// The labels by which pods and Services of `component` are chosen. They never change: a Deployment's selector
    /// cannot.
    pub fn selector(&self, component: Component) -> BTreeMap<String, String> {
        selector(&self.name, component)
    }

    /// The labels of a child that belongs to `component`.
    pub fn labels(&self, component: Component) -> BTreeMap<String, String> {
        let mut labels = self.selector(component);
        for (key, value) in [
            ("managed-by", "icelocator-operator"),
            ("part-of", "icelocator"),
        ] {
            labels.insert(format!("app.kubernetes.io/{key}"), value.to_owned());
        }
        labels
    }

    /// The owner that every child names.
    pub fn owner_reference(&self) -> OwnerReference {
        OwnerReference {
            api_version: IceLocator::api_version(&()).into_owned(),
            kind: IceLocator::kind(&()).into_owned(),
            name: self.name.clone(),
            uid: self.uid.clone(),
            controller: Some(true),
            block_owner_deletion: Some(true),
        }
    }

    /// The metadata of the child called `name` that belongs to `component`.
    pub fn object_meta(&self, name: &str, component: Component) -> ObjectMeta {
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: Some(self.namespace.clone()),
            labels: Some(self.labels(component)),
            owner_references: Some(vec![self.owner_reference()]),
            ..ObjectMeta::default()
        }
    }
}

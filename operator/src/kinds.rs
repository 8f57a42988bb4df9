//! The kinds of objects that the operator makes.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::core::{ApiResource, GroupVersionKind};

/// The field manager of every write.
pub const FIELD_MANAGER: &str = "icelocator-operator";

/// Chooses the children, and nothing else.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by=icelocator-operator";

/// A kind of child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    ServiceAccount,
    Secret,
    ConfigMap,
    Service,
    PodDisruptionBudget,
    NetworkPolicy,
    Deployment,
    ServiceMonitor,
    PrometheusRule,
    AlertmanagerConfig,
    DatadogDashboard,
    DatadogMonitor,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::ServiceAccount,
        Self::Secret,
        Self::ConfigMap,
        Self::Service,
        Self::PodDisruptionBudget,
        Self::NetworkPolicy,
        Self::Deployment,
        Self::ServiceMonitor,
        Self::PrometheusRule,
        Self::AlertmanagerConfig,
        Self::DatadogDashboard,
        Self::DatadogMonitor,
    ];

    /// As manifests write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServiceAccount => "ServiceAccount",
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
            Self::Service => "Service",
            Self::PodDisruptionBudget => "PodDisruptionBudget",
            Self::NetworkPolicy => "NetworkPolicy",
            Self::Deployment => "Deployment",
            Self::ServiceMonitor => "ServiceMonitor",
            Self::PrometheusRule => "PrometheusRule",
            Self::AlertmanagerConfig => "AlertmanagerConfig",
            Self::DatadogDashboard => "DatadogDashboard",
            Self::DatadogMonitor => "DatadogMonitor",
        }
    }

    /// The API group version, of a kind that not every cluster serves; `None` for those that every cluster does.
    pub const fn optional_api(self) -> Option<&'static str> {
        match self {
            Self::ServiceMonitor | Self::PrometheusRule => Some("monitoring.coreos.com/v1"),
            Self::AlertmanagerConfig => Some("monitoring.coreos.com/v1alpha1"),
            Self::DatadogDashboard | Self::DatadogMonitor => Some("datadoghq.com/v1alpha1"),
            _ => None,
        }
    }

    /// Who brings an optional kind to a cluster.
    pub const fn brought_by(self) -> &'static str {
        match self {
            Self::DatadogDashboard | Self::DatadogMonitor => "the Datadog operator",
            _ => "the Prometheus operator",
        }
    }

    /// How the API server is asked for it.
    pub fn api_resource(self) -> ApiResource {
        let of = |group, version, plural| {
            let kind = GroupVersionKind::gvk(group, version, self.as_str());
            ApiResource::from_gvk_with_plural(&kind, plural)
        };
        let monitoring = |version, plural| of("monitoring.coreos.com", version, plural);
        match self {
            Self::ServiceAccount => ApiResource::erase::<ServiceAccount>(&()),
            Self::Secret => ApiResource::erase::<Secret>(&()),
            Self::ConfigMap => ApiResource::erase::<ConfigMap>(&()),
            Self::Service => ApiResource::erase::<Service>(&()),
            Self::PodDisruptionBudget => ApiResource::erase::<PodDisruptionBudget>(&()),
            Self::NetworkPolicy => ApiResource::erase::<NetworkPolicy>(&()),
            Self::Deployment => ApiResource::erase::<Deployment>(&()),
            Self::ServiceMonitor => monitoring("v1", "servicemonitors"),
            Self::PrometheusRule => monitoring("v1", "prometheusrules"),
            Self::AlertmanagerConfig => monitoring("v1alpha1", "alertmanagerconfigs"),
            Self::DatadogDashboard => of("datadoghq.com", "v1alpha1", "datadogdashboards"),
            Self::DatadogMonitor => of("datadoghq.com", "v1alpha1", "datadogmonitors"),
        }
    }
}

/// Which resource something is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceKey {
    pub namespace: String,
    pub name: String,
}

impl ResourceKey {
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

//! The `PodDisruptionBudget`: one pod at a time, so that a node can be drained even where there is one replica.

use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::controller::validate::{Component, ValidatedLocator};

/// Builds it.
pub fn build(locator: &ValidatedLocator) -> PodDisruptionBudget {
    PodDisruptionBudget {
        metadata: locator.object_meta(&locator.name, Component::Server),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(LabelSelector {
                match_labels: Some(locator.selector(Component::Server)),
                ..LabelSelector::default()
            }),
            ..PodDisruptionBudgetSpec::default()
        }),
        status: None,
    }
}

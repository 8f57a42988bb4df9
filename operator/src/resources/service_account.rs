//! The `ServiceAccount` of the pods. It may do nothing, and its token is mounted nowhere; but where the resource says
//! `auth.tokenReview`, see [`api_token`](super::api_token).

use k8s_openapi::api::core::v1::ServiceAccount;

use crate::controller::validate::{Component, ValidatedLocator};

/// Builds it.
pub fn build(locator: &ValidatedLocator) -> ServiceAccount {
    ServiceAccount {
        metadata: locator.object_meta(&locator.name, Component::Server),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    }
}

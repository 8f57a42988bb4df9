//! The right of servers to ask the API server whose a token is, where their resource says `auth.tokenReview`.
//!
//! The chart makes a role of this one right for the whole cluster, and a binding without subjects. The operator keeps the subjects level
//! with the resources that ask, and may change no other right: where there is no such binding, nobody is given it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use k8s_openapi::api::rbac::v1::{ClusterRoleBinding, Subject};
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use serde_json::json;

use super::index::Index;
use super::resources::{Resource, Resources};
use crate::kinds::{FIELD_MANAGER, Kind, ResourceKey};

/// The subjects could not be made level.
#[derive(Debug, thiserror::Error)]
#[error("the right to ask about tokens cannot be given: ClusterRoleBinding {binding}: {reason}")]
pub struct GrantError {
    binding: String,
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("it is missing")]
    Missing,
    #[error(transparent)]
    Failed(#[from] kube::Error),
}

/// Gives the right, and takes it back.
pub struct Grants {
    client: Client,
    resources: Arc<Resources>,
    index: Arc<Index>,
    /// The binding; `None`: this operator was not given one.
    binding: Option<String>,
    /// Who has the right, as far as was seen last.
    seen: Mutex<Option<BTreeSet<ResourceKey>>>,
    /// One at a time writes.
    turn: tokio::sync::Mutex<()>,
}

impl Grants {
    pub fn new(
        client: Client,
        resources: Arc<Resources>,
        index: Arc<Index>,
        binding: Option<String>,
    ) -> Self {
        Self {
            client,
            resources,
            index,
            binding,
            seen: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Option<BTreeSet<ResourceKey>>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the right can be given here.
    pub async fn possible(&self) -> Result<bool, kube::Error> {
        let Some(binding) = &self.binding else {
            return Ok(false);
        };
        match self.api().get_opt(binding).await {
            Ok(found) => Ok(found.is_some()),
            Err(kube::Error::Api(error)) if error.code == 403 => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes the subjects those that are to have the right. Looks at the binding only where something seems to have
    /// changed, or where somebody `asks`.
    pub async fn level(&self, asks: bool) -> Result<(), GrantError> {
        let Some(binding) = &self.binding else {
            return Ok(());
        };
        if !asks && self.seen().as_ref() == Some(&self.wanted()) {
            return Ok(());
        }
        let _turn = self.turn.lock().await;
        let wanted = self.wanted();
        let failed = |reason| GrantError {
            binding: binding.clone(),
            reason,
        };
        let found = self
            .api()
            .get_opt(binding)
            .await
            .map_err(|error| failed(error.into()))?;
        let Some(found) = found else {
            // Nobody has a right that is not there.
            return if wanted.is_empty() {
                Ok(())
            } else {
                Err(failed(Reason::Missing))
            };
        };
        let subjects: Vec<Subject> = wanted.iter().map(subject).collect();
        if found.subjects.unwrap_or_default() != subjects {
            let params = PatchParams {
                field_manager: Some(FIELD_MANAGER.to_owned()),
                ..PatchParams::default()
            };
            // Not applied: a binding that went meanwhile must not be made anew without its role.
            let patch = Patch::Merge(json!({"subjects": subjects}));
            self.api()
                .patch(binding, &params, &patch)
                .await
                .map_err(|error| failed(error.into()))?;
        }
        *self.seen() = Some(wanted);
        Ok(())
    }

    fn api(&self) -> Api<ClusterRoleBinding> {
        Api::all(self.client.clone())
    }

    /// The resources that ask and have a ServiceAccount of their own.
    fn wanted(&self) -> BTreeSet<ResourceKey> {
        let asking = self.resources.all().into_iter().filter(|resource| {
            !resource.deleting && asks(resource) && self.has_service_account(resource)
        });
        asking.map(|resource| resource.key.clone()).collect()
    }

    fn has_service_account(&self, resource: &Resource) -> bool {
        let ResourceKey { namespace, name } = &resource.key;
        let owner = self.index.owner(Kind::ServiceAccount, namespace, name);
        owner.is_some_and(|owner| owner.uid == resource.uid)
    }
}

fn asks(resource: &Resource) -> bool {
    let spec = resource.object.as_ref().ok().map(|object| &object.spec);
    spec.and_then(|spec| spec.auth.as_ref())
        .is_some_and(|auth| auth.token_review.is_some())
}

fn subject(key: &ResourceKey) -> Subject {
    Subject {
        kind: "ServiceAccount".to_owned(),
        name: key.name.clone(),
        namespace: Some(key.namespace.clone()),
        api_group: None,
    }
}

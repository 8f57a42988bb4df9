//! An `IceLocator` as the tests write and read it: plain YAML and JSON, as its users do, so that a change of
//! the operator's types cannot silently change what is tested.

use std::{fmt::Write as _, time::Duration};

use anyhow::{Context, Result, ensure};
use kube::{
    Api,
    api::{DynamicObject, Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::{Case, SOON, eventually, world::MANAGER};

/// One `IceLocator` in a case's namespace.
#[derive(Clone)]
pub struct Resource {
    pub name: String,
    pub api: Api<DynamicObject>,
    /// Held in errors.
    namespace: String,
}

impl Resource {
    /// The resource `name`, whoever applied it.
    pub fn named(case: &Case, name: &str, api: Api<DynamicObject>) -> Self {
        Self {
            name: name.to_owned(),
            api,
            namespace: case.namespace.clone(),
        }
    }

    /// Applies `spec` (YAML, two spaces in) as the resource `name`.
    pub async fn apply(case: &Case, name: &str, spec: &str) -> Result<Self> {
        let api = case.api("icelocator.dev/v1alpha1", "IceLocator").await?;
        let resource = Self::named(case, name, api);
        resource.reapply(case, spec).await?;
        Ok(resource)
    }

    /// Applies the smallest resource there is, with this many replicas, and waits until it is Ready.
    pub async fn ready(case: &Case, name: &str, replicas: u32) -> Result<Self> {
        let spec = format!("  replicas: {replicas}\n{SIMULATED}");
        let resource = Self::apply(case, name, &spec).await?;
        resource.until_ready().await?;
        Ok(resource)
    }

    /// Applies another spec to it. Unless it says something else of limits, the tests' calls are not held to any that matter.
    pub async fn reapply(&self, case: &Case, spec: &str) -> Result<()> {
        let limits = if spec.contains("  limits:") {
            ""
        } else {
            "  limits: {perCaller: {requestsPerMinute: 60000, burst: 10000}}\n"
        };
        let mut yaml = String::from("apiVersion: icelocator.dev/v1alpha1\nkind: IceLocator\n");
        let (name, namespace) = (&self.name, &case.namespace);
        write!(
            yaml,
            "metadata: {{name: {name}, namespace: {namespace}}}\nspec:\n{spec}{limits}"
        )?;
        case.world
            .apply(&yaml)
            .await
            .with_context(|| format!("applying\n{yaml}"))?;
        Ok(())
    }

    /// Merges `patch` into the spec.
    pub async fn patch_spec(&self, patch: &Value) -> Result<()> {
        let parameters = PatchParams {
            field_manager: Some(MANAGER.into()),
            ..Default::default()
        };
        let patch = json!({"spec": patch});
        self.api
            .patch(&self.name, &parameters, &Patch::Merge(&patch))
            .await?;
        Ok(())
    }

    /// The resource as it is now.
    pub async fn get(&self) -> Result<DynamicObject> {
        Ok(self.api.get(&self.name).await?)
    }

    /// Its status, null where there is none yet.
    pub async fn status(&self) -> Result<Value> {
        Ok(self.get().await?.data["status"].clone())
    }

    /// A condition, if the operator wrote it about the present generation.
    pub async fn condition(&self, kind: &str) -> Result<Condition> {
        let object = self.get().await?;
        let conditions = object.data["status"]["conditions"].as_array().cloned();
        let condition = conditions
            .unwrap_or_default()
            .into_iter()
            .find(|condition| condition["type"] == kind)
            .with_context(|| format!("{}/{} has no condition {kind}", self.namespace, self.name))?;
        let generation = object.metadata.generation.unwrap_or_default();
        let observed = condition["observedGeneration"].as_i64();
        ensure!(
            observed.is_none_or(|observed| observed == generation),
            "{kind} is about generation {observed:?}, now is {generation}"
        );
        let text = |key: &str| condition[key].as_str().unwrap_or_default().to_owned();
        Ok(Condition {
            status: text("status"),
            reason: text("reason"),
            message: text("message"),
        })
    }

    /// Waits until a condition has `status`; the condition then.
    pub async fn until(&self, kind: &str, status: &str, within: Duration) -> Result<Condition> {
        let what = format!("{}/{}: {kind}={status}", self.namespace, self.name);
        eventually(within, &what, || async {
            let condition = self.condition(kind).await?;
            ensure!(condition.status == status, "{kind} is {condition:?}");
            Ok(condition)
        })
        .await
    }

    /// Waits until it is Ready.
    pub async fn until_ready(&self) -> Result<Condition> {
        self.until("Ready", "True", SOON).await
    }

    /// Waits until the operator has taken notice of the present generation.
    pub async fn until_observed(&self) -> Result<()> {
        eventually(SOON, "the generation is observed", || async {
            let object = self.get().await?;
            let observed = object.data["status"]["observedGeneration"].as_i64();
            ensure!(
                observed == object.metadata.generation,
                "observed {observed:?}"
            );
            Ok(())
        })
        .await
    }
}

/// A condition of the status.
#[derive(Debug, Clone)]
pub struct Condition {
    pub status: String,
    pub reason: String,
    pub message: String,
}

/// The lines that the smallest spec has: a stand-in site, and nobody asked who they are.
pub const SIMULATED: &str = "  locator: {simulator: {}}\n  auth: {anonymous: true}\n";

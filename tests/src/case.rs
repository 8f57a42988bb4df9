//! What one scenario is given: the shared world, and a namespace of its own, so that scenarios can run at
//! the same time and what one leaves behind is no other's concern.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api,
    api::{DeleteParams, DynamicObject, ListParams},
};

use crate::{World, eventually, mcp::Mcp};

/// A scenario's surroundings.
#[derive(Clone)]
pub struct Case {
    pub world: Arc<World>,
    pub namespace: String,
}

impl Case {
    /// Makes the namespace `name`, with the strictest pod security there is.
    pub async fn open(world: Arc<World>, name: &str) -> Result<Self> {
        let yaml = format!(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels: {{pod-security.kubernetes.io/enforce: restricted, icelocator.dev/tests: \"true\"}}\n"
        );
        eventually(Duration::from_mins(1), "a namespace of its own", || async {
            let applied = world.apply(&yaml).await?;
            let leaving = applied
                .iter()
                .any(|n| n.metadata.deletion_timestamp.is_some());
            ensure!(
                !leaving,
                "an earlier namespace {name} is still on its way out"
            );
            Ok(())
        })
        .await?;
        Ok(Self {
            world,
            namespace: name.to_owned(),
        })
    }

    /// Asks for the deletion of the resources, and of the namespace; does not wait for it. The resources are asked for by
    /// themselves, since a namespace lets its pods drain before anything else goes: until then Prometheus would evaluate
    /// the rules of everything that has ended, and from half a megabyte of rules on its operator restarts it.
    pub async fn close(&self) -> Result<()> {
        if let Ok(resources) = self.api("icelocator.dev/v1alpha1", "IceLocator").await {
            resources
                .delete_collection(&DeleteParams::default(), &ListParams::default())
                .await
                .with_context(|| format!("deleting the resources in {}", self.namespace))?;
        }
        let namespaces: Api<Namespace> = Api::all(self.world.client.clone());
        namespaces
            .delete(&self.namespace, &DeleteParams::default())
            .await
            .with_context(|| format!("deleting namespace {}", self.namespace))?;
        Ok(())
    }

    /// The handle for a kind of core type in this namespace.
    pub fn typed<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.world.client.clone(), &self.namespace)
    }

    /// The handle for any kind in this namespace.
    pub async fn api(&self, api_version: &str, kind: &str) -> Result<Api<DynamicObject>> {
        self.world
            .api(api_version, kind, Some(&self.namespace))
            .await
    }

    /// `http://…` of a Service in this namespace.
    pub async fn service_url(&self, name: &str, port: u16) -> Result<String> {
        self.world.service_url(&self.namespace, name, port).await
    }

    /// An MCP client of the resource `name`, through its Service.
    pub async fn mcp(&self, name: &str) -> Result<Mcp> {
        Mcp::new(&self.service_url(name, 8080).await?)
    }

    /// Applies YAML whose documents may leave their namespace out: then it is this one.
    pub async fn apply(&self, yaml: &str) -> Result<()> {
        for mut object in crate::world::documents(yaml)? {
            object
                .metadata
                .namespace
                .get_or_insert_with(|| self.namespace.clone());
            self.world.apply(&serde_json::to_string(&object)?).await?;
        }
        Ok(())
    }
}

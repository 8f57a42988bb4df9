//! What a resource has: the children that the tests expect of it, and how each looks apart from what the
//! API server adds.

use anyhow::{Context, Result};
use icelocator_tests::Case;
use kube::{Api, ResourceExt, api::DynamicObject};
use serde_json::{Value, json};

/// One child of a resource.
#[derive(Debug, Clone)]
pub struct Child {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub name: String,
    /// A change to it that must be mended, as a merge patch.
    pub damage: Value,
}

/// What makes a resource have every child there is: a channel, and alerts that go there.
pub const CHANNEL: &str = "  monitoring:\n    alerting:\n      channels: [{name: hook, webhook: {urlSecretRef: {name: hook, key: url}}}]\n      routes: {critical: [hook]}\n";
/// The Secret that the channel names.
pub const CHANNELS_SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: hook}\nstringData: {url: \"http://127.0.0.1:9/\"}\n";

/// The children of the resource `name` that simulates its site and has a channel.
pub fn of_all_kinds(name: &str) -> Vec<Child> {
    let config = Child {
        api_version: "monitoring.coreos.com/v1alpha1",
        kind: "AlertmanagerConfig",
        name: name.to_owned(),
        damage: json!({"spec": {"receivers": []}}),
    };
    of(name).into_iter().chain([config]).collect()
}

/// The children of the resource `name` that simulates its site and has no channels.
pub fn of(name: &str) -> Vec<Child> {
    let child = |api_version, kind, suffix: &str, damage| Child {
        api_version,
        kind,
        name: format!("{name}{suffix}"),
        damage,
    };
    let monitoring = "monitoring.coreos.com/v1";
    let disowned = json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": "somebody"}}});
    let wrong_port = json!({"spec": {"ports": [
        {"name": "http", "port": 8080, "targetPort": 1, "protocol": "TCP"}]}});
    let selects_nothing = json!({"spec": {"selector": {"example.org/nobody": "has-this"}}});
    vec![
        child("v1", "ServiceAccount", "", disowned.clone()),
        child(
            "v1",
            "ConfigMap",
            "-settings",
            json!({"data": {"settings.yaml": "{}"}}),
        ),
        child("v1", "Secret", "-session", disowned),
        child("v1", "Service", "", wrong_port),
        child("v1", "Service", "-simulator", selects_nothing),
        child(
            "apps/v1",
            "Deployment",
            "",
            json!({"spec": {"replicas": 3, "paused": true}}),
        ),
        child(
            "apps/v1",
            "Deployment",
            "-simulator",
            json!({"spec": {"replicas": 0}}),
        ),
        child(
            "policy/v1",
            "PodDisruptionBudget",
            "",
            json!({"spec": {"maxUnavailable": 0}}),
        ),
        child(
            monitoring,
            "ServiceMonitor",
            "",
            json!({"spec": {"endpoints": [{"port": "none"}]}}),
        ),
        child(
            monitoring,
            "PrometheusRule",
            "",
            json!({"spec": {"groups": []}}),
        ),
        child(
            "v1",
            "ConfigMap",
            "-dashboard-overview",
            json!({"data": null}),
        ),
    ]
}

impl Child {
    /// For messages: `Kind/name`.
    pub fn title(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// The handle for its kind in the case's namespace.
    pub async fn api(&self, case: &Case) -> Result<Api<DynamicObject>> {
        case.api(self.api_version, self.kind).await
    }

    /// It, as it is now.
    pub async fn get(&self, case: &Case) -> Result<DynamicObject> {
        let found = self.api(case).await?.get_opt(&self.name).await?;
        found.with_context(|| format!("{} is not there", self.title()))
    }
}

/// What an object says, without what the API server and other controllers write into it.
pub fn essence(object: &DynamicObject) -> Value {
    let mut essence = object.data.clone();
    if let Some(fields) = essence.as_object_mut() {
        fields.remove("status");
    }
    essence["labels"] = json!(object.labels());
    essence["owners"] = json!(object.owner_references());
    essence
}

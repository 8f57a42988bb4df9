//! What is remembered of a child: enough to see whether it is as desired, and no more.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::DynamicObject;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::compare::{DESIRED, compact, digest};
use super::validate::SessionKey;
use crate::kinds::Kind;
use crate::resources::session_key;

/// Whose child an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub uid: String,
    pub name: String,
}

/// What a Deployment says of its pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rollout {
    #[serde(skip)]
    pub generation: i64,
    #[serde(skip)]
    pub wanted: i32,
    pub observed_generation: i64,
    pub replicas: i32,
    pub ready_replicas: i32,
    pub updated_replicas: i32,
    pub available_replicas: i32,
    pub conditions: Vec<RolloutCondition>,
}

/// One condition of a Deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RolloutCondition {
    #[serde(rename = "type")]
    pub type_: String,
    pub status: String,
    pub reason: String,
    pub message: String,
}

impl Rollout {
    fn condition(&self, type_: &str) -> Option<&RolloutCondition> {
        self.conditions
            .iter()
            .find(|condition| condition.type_ == type_)
    }

    /// Whether enough pods are ready.
    pub fn is_available(&self) -> bool {
        self.wanted > 0
            && self
                .condition("Available")
                .is_some_and(|condition| condition.status == "True")
    }

    /// Whether the Deployment's controller has seen the latest change and made its pods.
    pub fn is_observed(&self) -> bool {
        self.observed_generation >= self.generation && self.replicas >= self.wanted
    }

    /// Whether every pod runs the latest change, and no other pods are left.
    pub fn is_complete(&self) -> bool {
        self.is_observed()
            && self.updated_replicas == self.wanted
            && self.replicas == self.wanted
            && self.available_replicas == self.wanted
    }

    /// Why the rollout does not get on, if its controller has given up waiting.
    pub fn is_stuck(&self) -> Option<&str> {
        let condition = self.condition("Progressing")?;
        (condition.reason == "ProgressDeadlineExceeded").then_some(condition.message.as_str())
    }

    /// Why no pods can be made, such as a quota.
    pub fn failure(&self) -> Option<&str> {
        let condition = self.condition("ReplicaFailure")?;
        (condition.status == "True").then_some(condition.message.as_str())
    }
}

/// What is remembered of one object.
#[derive(Clone, Debug)]
pub struct Record {
    pub uid: String,
    /// Grows with every change, as far as the API server keeps to what it always did; 0 if not.
    pub version: u64,
    pub owner: Option<Owner>,
    /// The digest of what was applied, as its annotation says.
    pub desired: Option<String>,
    pub deleting: bool,
    /// Digest of the compact form.
    pub fingerprint: String,
    /// The compact form; dropped once it was found in order.
    pub body: Option<Box<str>>,
    pub rollout: Option<Rollout>,
    pub session_key: Option<SessionKey>,
}

impl Record {
    pub fn of(kind: Kind, object: DynamicObject) -> Self {
        let DynamicObject { metadata, data, .. } = object;
        let rollout = (kind == Kind::Deployment).then(|| rollout(&metadata, &data));
        let session_key = (kind == Kind::Secret)
            .then(|| read_session_key(&data))
            .flatten();
        let annotation = metadata
            .annotations
            .as_ref()
            .and_then(|annotations| annotations.get(DESIRED));
        let desired = annotation.cloned();
        let owner = owner(&metadata);
        let uid = metadata.uid.clone().unwrap_or_default();
        let version = metadata
            .resource_version
            .as_ref()
            .and_then(|version| version.parse().ok());
        let deleting = metadata.deletion_timestamp.is_some();
        let compacted = compact(&whole(kind, metadata, data));
        Self {
            uid,
            version: version.unwrap_or(0),
            owner,
            desired,
            deleting,
            fingerprint: digest(&compacted),
            body: Some(compacted.to_string().into_boxed_str()),
            rollout,
            session_key,
        }
    }

    /// The session key within, if the object belongs to the resource with `uid`.
    pub fn session_key_of(&self, uid: &str) -> Option<SessionKey> {
        let ours = self.owner.as_ref().is_some_and(|owner| owner.uid == uid);
        ours.then(|| self.session_key.clone()).flatten()
    }
}

/// Lists leave kind and apiVersion out of their items.
fn whole(kind: Kind, metadata: ObjectMeta, data: Value) -> Value {
    let mut object = match data {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let metadata = ObjectMeta {
        managed_fields: None,
        ..metadata
    };
    object.insert(
        "metadata".to_owned(),
        serde_json::to_value(metadata).unwrap_or_default(),
    );
    object.insert("kind".to_owned(), kind.as_str().into());
    object.insert(
        "apiVersion".to_owned(),
        kind.api_resource().api_version.into(),
    );
    Value::Object(object)
}

/// The controlling owner, if it is an `IceLocator`.
pub fn owner(metadata: &ObjectMeta) -> Option<Owner> {
    let owners = metadata.owner_references.as_ref()?;
    let ours = owners.iter().find(|owner| {
        owner.controller == Some(true)
            && owner.kind == "IceLocator"
            && owner.api_version.starts_with("icelocator.dev/")
    })?;
    Some(Owner {
        uid: ours.uid.clone(),
        name: ours.name.clone(),
    })
}

fn rollout(metadata: &ObjectMeta, data: &Value) -> Rollout {
    let status = data.get("status").cloned().unwrap_or_default();
    let wanted = data.pointer("/spec/replicas").and_then(Value::as_i64);
    Rollout {
        generation: metadata.generation.unwrap_or_default(),
        wanted: wanted
            .and_then(|wanted| i32::try_from(wanted).ok())
            .unwrap_or(1),
        ..serde_json::from_value(status).unwrap_or_default()
    }
}

fn read_session_key(data: &Value) -> Option<SessionKey> {
    let text = data.get("data")?.get(session_key::KEY)?.as_str()?;
    let bytes = STANDARD.decode(text).ok()?;
    Some(SessionKey::new(bytes.try_into().ok()?))
}

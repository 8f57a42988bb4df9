//! What happened, for people who `kubectl describe`: a few sentences, each told when it becomes true and not again.

use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};

use crate::api::{IceLocatorStatus, condition};
use crate::controller::resources::Resource;

/// The API server's bound for a note.
const LONGEST_NOTE: usize = 1000;

/// A sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub warning: bool,
    pub reason: String,
    pub note: String,
}

/// What is worth telling of the step from one status to the next.
pub fn told(before: &IceLocatorStatus, after: &IceLocatorStatus) -> Vec<Told> {
    let mut told = Vec::new();
    // Something is wrong while the condition has this status.
    let troubles = [
        (condition::ACCEPTED, "False"),
        (condition::CONFLICT, "True"),
        (condition::RESOLVED_REFS, "False"),
        (condition::MONITORING_READY, "False"),
    ];
    for (type_, wrong) in troubles {
        let find = |status: &IceLocatorStatus| {
            let found = status
                .conditions
                .iter()
                .find(|condition| condition.type_ == type_ && condition.status == wrong);
            found.map(|condition| (condition.reason.clone(), condition.message.clone()))
        };
        // What the resource asks for too early is in its status, and in no one's way.
        let quiet = |(reason, _): &(String, String)| {
            type_ == condition::MONITORING_READY
                && matches!(reason.as_str(), "NotInEffect" | "ReferencesMissing")
        };
        let (was, is) = (find(before), find(after));
        if let Some((reason, note)) = is
            .clone()
            .filter(|is| was != Some(is.clone()) && !quiet(is))
        {
            told.push(Told {
                warning: true,
                reason,
                note,
            });
        }
    }
    let ready = |status: &IceLocatorStatus| {
        status
            .conditions
            .iter()
            .find(|condition| condition.type_ == condition::READY)
            .cloned()
    };
    let was_ready = ready(before).is_some_and(|ready| ready.status == "True");
    match ready(after) {
        Some(is) if is.status == "True" && !was_ready => told.push(Told {
            warning: false,
            reason: "Ready".to_owned(),
            note: format!(
                "MCP clients get answers at {}",
                after.url.as_deref().unwrap_or_default()
            ),
        }),
        Some(is)
            if is.status != "True"
                && was_ready
                && !told.iter().any(|told| told.note == is.message) =>
        {
            let suspended = is.reason == "Suspended";
            told.push(Told {
                warning: !suspended,
                reason: if suspended {
                    is.reason
                } else {
                    "NotReady".to_owned()
                },
                note: is.message,
            });
        }
        _ => {}
    }
    told
}

/// Tells it to the API server.
pub struct Events {
    recorder: Recorder,
}

impl Events {
    /// `instance` names this process.
    pub fn new(client: Client, instance: String) -> Self {
        let reporter = Reporter {
            controller: "icelocator-operator".to_owned(),
            instance: Some(instance),
        };
        Self {
            recorder: Recorder::new(client, reporter),
        }
    }

    /// An event that cannot be written is no reason to do anything else otherwise.
    pub async fn publish(&self, resource: &Resource, told: Told) {
        let about = ObjectReference {
            api_version: Some("icelocator.dev/v1alpha1".to_owned()),
            kind: Some("IceLocator".to_owned()),
            namespace: Some(resource.key.namespace.clone()),
            name: Some(resource.key.name.clone()),
            uid: Some(resource.uid.clone()),
            ..ObjectReference::default()
        };
        let event = Event {
            type_: if told.warning {
                EventType::Warning
            } else {
                EventType::Normal
            },
            reason: told.reason,
            note: Some(told.note.chars().take(LONGEST_NOTE / 4).collect()),
            action: "Reconcile".to_owned(),
            secondary: None,
        };
        let published = self.recorder.publish(&event, &about).await;
        if let Err(error) = published
            && !namespace_goes(&error)
        {
            tracing::warn!(
                k8s.namespace.name = resource.key.namespace,
                icelocator.name = resource.key.name,
                error = %error,
                "an event could not be written"
            );
        }
    }
}

/// Whether a write was refused because the namespace is on its way out: it goes with everything in it.
pub fn namespace_goes(error: &kube::Error) -> bool {
    let kube::Error::Api(status) = error else {
        return false;
    };
    let mut causes = status.details.iter().flat_map(|details| &details.causes);
    causes.any(|cause| cause.reason == "NamespaceTerminating")
}

#[cfg(test)]
mod tests;

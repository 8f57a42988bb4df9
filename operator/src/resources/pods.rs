//! What the pods of the server and of the simulator have in common, beside what they may do.

use k8s_openapi::api::core::v1::{Lifecycle, LifecycleHandler, LocalObjectReference, SleepAction};

use crate::controller::validate::ValidatedLocator;

/// How long a pod that goes still gets calls, because not everybody has heard of it yet.
const FAREWELL_SECONDS: i64 = 5;

/// A pod that goes waits before it is told to end.
pub fn farewell() -> Lifecycle {
    Lifecycle {
        pre_stop: Some(LifecycleHandler {
            sleep: Some(SleepAction {
                seconds: FAREWELL_SECONDS,
            }),
            ..LifecycleHandler::default()
        }),
        ..Lifecycle::default()
    }
}

/// Of a container that ended in an error, `kubectl describe pod` shows the end of its log: mostly what is wrong with a file.
pub fn last_words() -> Option<String> {
    Some("FallbackToLogsOnError".to_owned())
}

/// The Secrets with which images are pulled.
pub fn pull_secrets(locator: &ValidatedLocator) -> Option<Vec<LocalObjectReference>> {
    let names = locator.image_pull_secrets.iter().cloned();
    let secrets: Vec<_> = names.map(|name| LocalObjectReference { name }).collect();
    (!secrets.is_empty()).then_some(secrets)
}

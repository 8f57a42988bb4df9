//! The API server's audit log: every write, by whom, to what. The truth about who writes what, where a
//! metric would only be the writer's own account.

use std::{
    fs::File,
    io::{ErrorKind, Read, Seek, SeekFrom},
    path::PathBuf,
};

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde::Deserialize;

use crate::world::SYSTEM;

/// A place in the log; what was written after it can be read with [`AuditLog::since`].
#[derive(Debug, Clone, Copy)]
pub struct Mark(u64);

/// The log file of the local cluster's API server.
pub struct AuditLog {
    path: PathBuf,
}

/// One write that the API server answered.
#[derive(Debug, Clone)]
pub struct Write {
    pub at: Timestamp,
    pub verb: String,
    pub user: String,
    /// The pod whose token was used; empty for people and for components outside the cluster.
    pub pod: String,
    pub resource: String,
    pub subresource: String,
    pub namespace: String,
    pub name: String,
    pub code: u16,
}

impl Write {
    /// Leases are renewed all the time, by design.
    pub fn is_lease(&self) -> bool {
        self.resource == "leases"
    }

    /// Whether the chart's operator wrote it.
    pub fn is_operators(&self) -> bool {
        self.user
            .starts_with(&format!("system:serviceaccount:{SYSTEM}:"))
    }
}

impl std::fmt::Display for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            at,
            verb,
            pod,
            resource,
            subresource,
            namespace,
            name,
            code,
            ..
        } = self;
        write!(
            f,
            "{at} {verb} {resource}/{subresource} {namespace}/{name} by {pod}: {code}"
        )
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    stage: String,
    verb: String,
    user: User,
    object_ref: Option<ObjectRef>,
    response_status: Option<ResponseStatus>,
    request_received_timestamp: Timestamp,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    username: String,
    #[serde(default)]
    extra: std::collections::BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ObjectRef {
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
}

#[derive(Deserialize, Default)]
struct ResponseStatus {
    #[serde(default)]
    code: u16,
}

impl AuditLog {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn open(&self) -> Result<File> {
        File::open(&self.path).with_context(|| {
            let path = self.path.display();
            format!("no audit log at {path}: is CLUSTER_DIR that of this cluster?")
        })
    }

    /// The end of the log as it is now.
    pub fn mark(&self) -> Result<Mark> {
        Ok(Mark(self.open()?.metadata()?.len()))
    }

    /// The writes since `mark`, as far as the API server has answered them.
    pub fn since(&self, mark: Mark) -> Result<Vec<Write>> {
        let mut file = self.open()?;
        file.seek(SeekFrom::Start(mark.0))?;
        let mut text = String::new();
        match file.read_to_string(&mut text) {
            Err(error) if error.kind() != ErrorKind::InvalidData => return Err(error.into()),
            _ => {}
        }
        // The last line may be in the middle of being written.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole
            .lines()
            .filter_map(|line| parse(line).transpose())
            .collect()
    }

    /// The operator's writes since `mark`, leases left aside.
    pub fn operators_since(&self, mark: Mark) -> Result<Vec<Write>> {
        let mut writes = self.since(mark)?;
        writes.retain(|write| write.is_operators() && !write.is_lease());
        Ok(writes)
    }
}

/// A line of the log; none where it is not a write that was answered.
fn parse(line: &str) -> Result<Option<Write>> {
    let event: Event = serde_json::from_str(line).with_context(|| format!("audit line {line}"))?;
    let writes = ["create", "update", "patch", "delete", "deletecollection"];
    if event.stage != "ResponseComplete" || !writes.contains(&event.verb.as_str()) {
        return Ok(None);
    }
    let object = event.object_ref.unwrap_or_default();
    // Questions that are asked by POST change nothing.
    if object.resource.ends_with("reviews") || object.subresource == "token" {
        return Ok(None);
    }
    let pod = event
        .user
        .extra
        .get("authentication.kubernetes.io/pod-name");
    Ok(Some(Write {
        at: event.request_received_timestamp,
        verb: event.verb,
        pod: pod
            .and_then(|names| names.first())
            .cloned()
            .unwrap_or_default(),
        user: event.user.username,
        resource: object.resource,
        subresource: object.subresource,
        namespace: object.namespace,
        name: object.name,
        code: event.response_status.unwrap_or_default().code,
    }))
}

/// `writes`, one a line, for an error.
pub fn listed(writes: &[Write]) -> String {
    let lines: Vec<_> = writes.iter().map(ToString::to_string).collect();
    format!("\n  {}", lines.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = r#"{"kind":"Event","level":"Metadata","stage":"ResponseComplete","verb":"patch",
        "user":{"username":"system:serviceaccount:icelocator-system:icelocator-operator","extra":{"authentication.kubernetes.io/pod-name":["icelocator-operator-1"]}},
        "objectRef":{"resource":"deployments","namespace":"default","name":"demo","apiGroup":"apps"},
        "responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-11-23T10:00:00.123456Z"}"#;

    #[test]
    fn a_write_names_its_pod_and_its_object() {
        let write = parse(PATCH).unwrap().unwrap();
        assert_eq!(
            (write.pod.as_str(), write.name.as_str()),
            ("icelocator-operator-1", "demo")
        );
        assert!(write.is_operators() && !write.is_lease());
    }

    #[test]
    fn reads_and_reviews_are_no_writes() {
        assert!(
            parse(&PATCH.replace("\"patch\"", "\"watch\""))
                .unwrap()
                .is_none()
        );
        assert!(
            parse(&PATCH.replace("deployments", "subjectaccessreviews"))
                .unwrap()
                .is_none()
        );
    }
}

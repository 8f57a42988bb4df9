//! A small API server in memory.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http::{Method, Request, Response, StatusCode};
use kube::Client;
use kube::client::Body;
use kube::core::DynamicObject;
use kube::runtime::watcher::Event;
use serde_json::{Value, json};
use tower::service_fn;

/// Plural and name; the namespace is always the same one.
type Key = (String, String);

#[derive(Default)]
pub struct State {
    pub objects: BTreeMap<Key, Value>,
    version: u64,
    pub writes: Vec<String>,
    pub changed: Vec<(String, Event<DynamicObject>)>,
    /// What an admission webhook does to whatever is applied.
    pub webhook: Option<fn(&str, &mut Value)>,
    /// Kinds, by their plural, that are answered with this status.
    pub refused: BTreeMap<String, u16>,
    /// Whether nothing can be made any more.
    pub namespace_goes: bool,
    /// What servers answer to a handshake; they do not answer where this is not set.
    pub server_version: Option<String>,
}

/// The API server.
#[derive(Clone, Default)]
pub struct Server(Arc<Mutex<State>>);

impl Server {
    pub fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    pub fn client(&self) -> Client {
        let server = self.clone();
        let service = service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move { Ok::<_, Infallible>(server.answer(request).await) }
        });
        Client::new(service, "default")
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let path: Vec<&str> = parts.uri.path().split('/').collect();
        let namespaces = path.iter().position(|part| *part == "namespaces");
        // What is of the whole cluster has no namespace before it.
        let path = &path[namespaces.map_or(4, |at| at + 2)..];
        let (status, answer) = self.with(|state| match path {
            ["services", _, "proxy", "mcp"] => state.shake_hands(&body),
            ["events"] => {
                state
                    .writes
                    .push(format!("event {}", body["reason"].as_str().unwrap()));
                (200, body)
            }
            [plural, _, ..] if state.refused.contains_key(*plural) => {
                (state.refused[*plural], Value::Null)
            }
            [plural, name] => state.act(&parts.method, plural, name, body),
            [plural, name, "status"] => state.put_status(plural, name, &body),
            _ => panic!("{} {}", parts.method, parts.uri),
        });
        let answer = match (status, answer) {
            (400.., Value::Null) => json!({
                "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status,
                "message": "refused by the test", "reason": if status == 404 { "NotFound" } else { "Test" },
            }),
            (_, answer) => answer,
        };
        let body = Body::from(answer.to_string().into_bytes());
        Response::builder()
            .status(StatusCode::from_u16(status).unwrap())
            .body(body)
            .unwrap()
    }
}

impl State {
    fn act(&mut self, method: &Method, plural: &str, name: &str, body: Value) -> (u16, Value) {
        let key = (plural.to_owned(), name.to_owned());
        match *method {
            Method::GET => self
                .objects
                .get(&key)
                .map_or((404, Value::Null), |object| (200, object.clone())),
            Method::PATCH => {
                self.writes.push(format!("apply {plural}/{name}"));
                if self.namespace_goes && !self.objects.contains_key(&key) {
                    let cause = json!({"reason": "NamespaceTerminating"});
                    let status = json!({
                        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403,
                        "message": "it goes", "reason": "Forbidden", "details": {"causes": [cause]},
                    });
                    return (403, status);
                }
                let mut object = self.objects.get(&key).cloned().unwrap_or_default();
                merge(&mut object, body);
                if let Some(webhook) = self.webhook {
                    webhook(plural, &mut object);
                }
                (200, self.store(key, object))
            }
            Method::DELETE => {
                self.writes.push(format!("delete {plural}/{name}"));
                (
                    if self.delete(plural, name) { 200 } else { 404 },
                    json!({"kind": "Status", "status": "Success"}),
                )
            }
            _ => panic!("{method} {plural}/{name}"),
        }
    }

    pub fn store(&mut self, key: Key, mut object: Value) -> Value {
        self.version += 1;
        let before = self.objects.get(&key);
        let generation = before.map_or(0, |before| {
            before["metadata"]["generation"].as_i64().unwrap_or(0)
        });
        let changed = before.is_none_or(|before| before["spec"] != object["spec"]);
        let metadata = &mut object["metadata"];
        metadata["resourceVersion"] = self.version.to_string().into();
        metadata["namespace"] = "default".into();
        metadata["generation"] = (generation + i64::from(changed)).into();
        if metadata["uid"].is_null() {
            metadata["uid"] = format!("uid-{}", self.version).into();
        }
        self.objects.insert(key.clone(), object.clone());
        let event = Event::Apply(serde_json::from_value(object.clone()).unwrap());
        self.changed.push((key.0, event));
        object
    }

    fn put_status(&mut self, plural: &str, name: &str, body: &Value) -> (u16, Value) {
        self.writes.push("status".to_owned());
        let key = (plural.to_owned(), name.to_owned());
        let mut object = self.objects[&key].clone();
        assert_eq!(object["metadata"]["uid"], body["metadata"]["uid"]);
        object["status"] = body["status"].clone();
        (200, self.store(key, object))
    }

    pub fn delete(&mut self, plural: &str, name: &str) -> bool {
        let key = (plural.to_owned(), name.to_owned());
        let gone = self.objects.remove(&key);
        let gone = gone.map(|object| serde_json::from_value(object).unwrap());
        let found = gone.is_some();
        self.changed
            .extend(gone.map(|object| (key.0, Event::Delete(object))));
        found
    }

    fn shake_hands(&self, message: &Value) -> (u16, Value) {
        let Some(version) = &self.server_version else {
            return (502, Value::Null);
        };
        let result = match message["method"].as_str().unwrap() {
            "initialize" => {
                json!({"protocolVersion": "2025-11-25", "serverInfo": {"version": version}})
            }
            "tools/list" => json!({"tools": [{"name": "search_detainee_by_name"}]}),
            "server/discover" => json!({"supportedVersions": ["2025-11-25", "2026-07-28"]}),
            "notifications/initialized" => return (202, Value::Null),
            other => panic!("{other}"),
        };
        (
            200,
            json!({"jsonrpc": "2.0", "id": message["id"], "result": result}),
        )
    }
}

fn merge(object: &mut Value, patch: Value) {
    match (object, patch) {
        (Value::Object(object), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(object.entry(key).or_insert(Value::Null), value);
            }
        }
        (object, patch) => *object = patch,
    }
}

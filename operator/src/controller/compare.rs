//! What is desired, what there is, and whether the two agree.
//!
//! Both sides are brought into the same compact form: long texts are replaced by their digest, what the API server keeps
//! for itself is left out. An object then takes a few kilobytes at most, whatever a dashboard weighs, and nothing of a
//! Secret stays in memory in the clear.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::validate::canonical;
use crate::hex::hex;

/// Annotation with the digest of what was applied.
pub const DESIRED: &str = "icelocator.dev/desired";

/// Texts up to this length are kept.
const LONGEST_TEXT: usize = 44;
/// Fields below which texts are quantities.
const QUANTITIES: [&str; 3] = ["limits", "requests", "sizeLimit"];
/// Fields in which one more entry selects something else.
const SELECTIONS: [&str; 3] = ["selector", "matchLabels", "nodeSelector"];

/// A digest of a manifest, the same whatever the order of its keys.
pub fn digest(manifest: &Value) -> String {
    let mut hasher = Sha256::new();
    feed(&mut hasher, manifest);
    hex(&hasher.finalize()[..16])
}

fn feed(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort_unstable();
            hasher.update(b"{");
            for key in keys {
                hasher.update((key.len() as u64).to_be_bytes());
                hasher.update(key.as_bytes());
                feed(hasher, &fields[key]);
            }
            hasher.update(b"}");
        }
        Value::Array(items) => {
            hasher.update(b"[");
            for item in items {
                feed(hasher, item);
            }
            hasher.update(b"]");
        }
        Value::String(text) => {
            hasher.update(b"\"");
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        scalar => hasher.update(format!("={scalar};").as_bytes()),
    }
}

/// An object in compact form.
pub fn compact(object: &Value) -> Value {
    let Value::Object(fields) = object else {
        return shortened(object, false);
    };
    let secret = fields.get("kind").and_then(Value::as_str) == Some("Secret");
    let kept = fields.iter().filter(|(key, _)| key.as_str() != "status");
    let compacted = kept.map(|(key, value)| {
        let value = match (key.as_str(), value) {
            ("metadata", Value::Object(metadata)) => Value::Object(compact_metadata(metadata)),
            ("data", value) => shortened(value, secret),
            (_, value) => shortened(value, false),
        };
        (key.clone(), value)
    });
    Value::Object(compacted.collect())
}

/// What the operator decides about an object's metadata; everything else there is the API server's or others'.
fn compact_metadata(metadata: &Map<String, Value>) -> Map<String, Value> {
    [
        "name",
        "namespace",
        "labels",
        "annotations",
        "ownerReferences",
    ]
    .into_iter()
    .filter_map(|key| Some((key.to_owned(), shortened(metadata.get(key)?, false))))
    .collect()
}

fn shortened(value: &Value, all: bool) -> Value {
    match value {
        Value::String(text) if all || text.len() > LONGEST_TEXT => {
            Value::String(format!("#{}", hex(&Sha256::digest(text)[..16])))
        }
        Value::Array(items) => items.iter().map(|item| shortened(item, all)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), shortened(value, all)))
            .collect(),
        scalar => scalar.clone(),
    }
}

/// Where a live object is not as desired: the path of the first difference. Fields that only the live object has are
/// others' and left alone, but for what selects; a list is one value, compared item by item. Both in compact form.
pub fn difference(desired: &Value, live: &Value) -> Option<String> {
    differs(desired, Some(live), false, false).map(|path| path.trim_start_matches('.').to_owned())
}

fn differs(desired: &Value, live: Option<&Value>, quantity: bool, exact: bool) -> Option<String> {
    let same = match (desired, live) {
        (Value::Object(fields), Some(Value::Object(live))) => {
            if exact && live.len() != fields.len() {
                return Some(String::new());
            }
            return fields.iter().find_map(|(key, value)| {
                let quantity = quantity || QUANTITIES.contains(&key.as_str());
                let exact = SELECTIONS.contains(&key.as_str());
                differs(value, live.get(key), quantity, exact).map(|rest| format!(".{key}{rest}"))
            });
        }
        (Value::Array(items), Some(Value::Array(live))) if items.len() == live.len() => {
            return items
                .iter()
                .zip(live)
                .enumerate()
                .find_map(|(index, (item, live))| {
                    differs(item, Some(live), quantity, false)
                        .map(|rest| format!("[{index}]{rest}"))
                });
        }
        // What is empty is not stored.
        (desired, None | Some(Value::Null)) => is_empty(desired),
        (Value::String(desired), Some(Value::String(live))) if quantity => {
            same_quantity(desired, live)
        }
        (Value::Number(desired), Some(Value::Number(live))) => {
            desired == live || desired.as_f64() == live.as_f64()
        }
        (desired, Some(live)) => desired == live,
    };
    (!same).then(String::new)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.values().all(is_empty),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(flag) => !flag,
        Value::Number(_) => false,
    }
}

fn same_quantity(left: &str, right: &str) -> bool {
    left == right
        || matches!((canonical(left), canonical(right)), (Ok(left), Ok(right)) if left == right)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_digest_does_not_depend_on_the_order_of_keys() {
        let one: Value = serde_json::from_str(r#"{"a": 1, "b": {"c": [1, 2], "d": "x"}}"#).unwrap();
        let other: Value =
            serde_json::from_str(r#"{"b": {"d": "x", "c": [1, 2]}, "a": 1}"#).unwrap();
        assert_eq!(digest(&one), digest(&other));
    }

    #[test]
    fn a_digest_tells_apart_what_reads_alike() {
        let pairs = [
            (json!({"a": "1"}), json!({"a": 1})),
            (json!({"a": [1, 2]}), json!({"a": [12]})),
            (json!(["a", "b"]), json!(["ab"])),
            (json!({"a": {"b": 1}}), json!({"a": {}, "b": 1})),
            (json!({"a": null}), json!({})),
            (json!([[1], 2]), json!([[1, 2]])),
        ];
        for (one, other) in pairs {
            assert_ne!(digest(&one), digest(&other), "{one} {other}");
        }
    }

    #[test]
    fn nothing_of_a_secret_stays_readable() {
        let secret = json!({"kind": "Secret", "data": {"key": "c2hvcnQ="}, "metadata": {"name": "demo-session"}});
        assert!(!compact(&secret).to_string().contains("c2hvcnQ="));
    }

    #[test]
    fn a_large_object_becomes_small_and_still_shows_a_change() {
        let object = |tail: &str| json!({"kind": "ConfigMap", "data": {"a.json": format!("{}{tail}", "x".repeat(100_000))}});
        let (one, other) = (compact(&object("1")), compact(&object("2")));
        assert!(one.to_string().len() < 200);
        assert_eq!(difference(&one, &other).as_deref(), Some("data.a.json"));
    }

    #[test]
    fn what_the_api_server_keeps_for_itself_is_left_out() {
        let object = json!({
            "metadata": {"name": "demo", "resourceVersion": "7", "uid": "u", "managedFields": [{}], "generation": 2},
            "status": {"replicas": 1}, "spec": {"replicas": 1},
        });
        assert_eq!(
            compact(&object),
            json!({"metadata": {"name": "demo"}, "spec": {"replicas": 1}})
        );
    }

    #[test]
    fn what_others_add_is_left_alone() {
        let desired = json!({"metadata": {"annotations": {"a": "1"}}, "spec": {"template": {"metadata": {"annotations": {"h": "x"}}}}});
        let live = json!({
            "metadata": {"annotations": {"a": "1", "deployment.kubernetes.io/revision": "3"}},
            "spec": {"template": {"metadata": {"annotations": {"h": "x", "kubectl.kubernetes.io/restartedAt": "now"}}}, "paused": false},
        });
        assert_eq!(difference(&desired, &live), None);
    }

    #[test]
    fn a_change_by_hand_is_named_by_its_path() {
        let desired = json!({"spec": {"ports": [{"name": "http", "port": 8080}, {"name": "metrics", "port": 9090}]}});
        let live = json!({"spec": {"ports": [{"name": "http", "port": 8080}, {"name": "metrics", "port": 9091}]}});
        assert_eq!(
            difference(&desired, &live).as_deref(),
            Some("spec.ports[1].port")
        );
    }

    #[test]
    fn an_item_added_to_or_taken_from_a_list_is_a_difference() {
        let desired = json!({"rules": [{"alert": "A"}]});
        assert_eq!(
            difference(
                &desired,
                &json!({"rules": [{"alert": "A"}, {"alert": "B"}]})
            )
            .as_deref(),
            Some("rules")
        );
        assert_eq!(
            difference(&desired, &json!({"rules": []})).as_deref(),
            Some("rules")
        );
    }

    #[test]
    fn what_selects_takes_no_further_entries() {
        let desired = json!({"spec": {"selector": {"app": "a"}, "labels": {"app": "a"}}});
        let live = json!({"spec": {"selector": {"app": "a", "more": "b"}, "labels": {"app": "a", "more": "b"}}});
        assert_eq!(
            difference(&desired, &live).as_deref(),
            Some("spec.selector")
        );
    }

    #[test]
    fn what_is_empty_need_not_be_stored() {
        let desired = json!({"spec": {"selector": {}, "args": [], "text": "", "flag": false, "nothing": null}});
        assert_eq!(difference(&desired, &json!({"spec": {}})), None);
        assert_eq!(
            difference(&json!({"spec": {"replicas": 0}}), &json!({"spec": {}})).as_deref(),
            Some("spec.replicas")
        );
    }

    #[test]
    fn quantities_are_compared_by_what_they_are() {
        let resources = |cpu: &str, memory: &str| json!({"resources": {"requests": {"cpu": cpu}, "limits": {"memory": memory}}});
        assert_eq!(
            difference(&resources("1000m", "1024Mi"), &resources("1", "1Gi")),
            None
        );
        assert_eq!(
            difference(&resources("0.5", "1Gi"), &resources("500m", "1Gi")),
            None
        );
        assert_eq!(
            difference(&resources("500m", "1Gi"), &resources("501m", "1Gi")).as_deref(),
            Some("resources.requests.cpu")
        );
    }

    #[test]
    fn texts_that_look_like_quantities_elsewhere_are_texts() {
        let labels = |version: &str| json!({"labels": {"version": version}});
        assert!(difference(&labels("1000m"), &labels("1")).is_some());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z]{0,60}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{1,8}", inner, 0..5)
                    .prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn everything_is_as_itself(value in any_json()) {
            let value = compact(&value);
            prop_assert_eq!(difference(&value, &value), None);
        }
    }
}

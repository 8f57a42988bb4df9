use serde_json::{Value, json};

use super::*;

fn object(namespace: &str, name: &str, version: u64, owner: &str) -> DynamicObject {
    let object = json!({
        "metadata": {
            "namespace": namespace, "name": name, "uid": format!("{namespace}-{name}"),
            "resourceVersion": version.to_string(),
            "ownerReferences": [{
                "apiVersion": "icelocator.dev/v1alpha1", "kind": "IceLocator", "name": owner, "uid": owner, "controller": true,
            }],
        },
        "data": {"a": "b"},
    });
    serde_json::from_value(object).unwrap()
}

fn synced(scopes: Scopes) -> Index {
    let index = Index::new(scopes);
    index.start(Kind::ConfigMap);
    for scope in 0..index.scopes().each().len() {
        list(&index, scope, Vec::new());
    }
    index
}

fn list(index: &Index, scope: usize, objects: Vec<DynamicObject>) -> Vec<ResourceKey> {
    index.event(Kind::ConfigMap, scope, Event::Init);
    let mut concerned = Vec::new();
    for object in objects {
        concerned.extend(index.event(Kind::ConfigMap, scope, Event::InitApply(object)));
    }
    concerned.extend(index.event(Kind::ConfigMap, scope, Event::InitDone));
    concerned
}

fn names(index: &Index, namespace: &str, owner: &str) -> Vec<String> {
    index
        .children(namespace, owner)
        .into_iter()
        .map(|child| child.name)
        .collect()
}

#[test]
fn a_kind_is_known_once_every_namespace_was_listed() {
    let index = Index::new(Scopes::Namespaces(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(index.availability(Kind::ConfigMap), Availability::Missing);
    index.start(Kind::ConfigMap);
    assert_eq!(index.availability(Kind::ConfigMap), Availability::Starting);
    list(&index, 0, Vec::new());
    assert_eq!(index.availability(Kind::ConfigMap), Availability::Starting);
    index.failed(Kind::ConfigMap, 1);
    assert_eq!(
        index.availability(Kind::ConfigMap),
        Availability::Unreadable
    );
    list(&index, 1, Vec::new());
    assert_eq!(index.availability(Kind::ConfigMap), Availability::Known);
}

#[test]
fn a_namespace_listed_anew_takes_nothing_from_the_others() {
    let index = synced(Scopes::Namespaces(vec!["a".to_owned(), "b".to_owned()]));
    index.event(
        Kind::ConfigMap,
        0,
        Event::Apply(object("a", "x", 1, "demo")),
    );
    index.event(
        Kind::ConfigMap,
        1,
        Event::Apply(object("b", "y", 2, "demo")),
    );
    assert_eq!(list(&index, 0, Vec::new()), [ResourceKey::new("a", "demo")]);
    assert_eq!(names(&index, "a", "demo"), [""; 0]);
    assert_eq!(names(&index, "b", "demo"), ["y"]);
}

#[test]
fn what_went_while_the_watch_was_away_is_noticed() {
    let index = synced(Scopes::All);
    index.event(
        Kind::ConfigMap,
        0,
        Event::Apply(object("a", "x", 1, "demo")),
    );
    index.event(
        Kind::ConfigMap,
        0,
        Event::Apply(object("a", "y", 2, "other")),
    );
    let concerned = list(&index, 0, vec![object("a", "y", 2, "other")]);
    assert!(
        concerned.contains(&ResourceKey::new("a", "demo")),
        "{concerned:?}"
    );
    assert_eq!(names(&index, "a", "demo"), [""; 0]);
}

#[test]
fn what_we_wrote_while_a_list_was_on_its_way_is_not_forgotten() {
    let index = synced(Scopes::All);
    index.event(Kind::ConfigMap, 0, Event::Init);
    index.wrote(Kind::ConfigMap, object("a", "new", 5, "demo"));
    index.event(Kind::ConfigMap, 0, Event::InitDone);
    assert_eq!(names(&index, "a", "demo"), ["new"]);
}

#[test]
fn the_deletion_of_an_earlier_object_of_the_name_is_not_that_of_the_present_one() {
    let index = synced(Scopes::All);
    index.wrote(Kind::ConfigMap, object("a", "x", 5, "demo"));
    let mut earlier = object("a", "x", 3, "demo");
    earlier.metadata.uid = Some("earlier".to_owned());
    assert_eq!(index.event(Kind::ConfigMap, 0, Event::Delete(earlier)), []);
    assert_eq!(names(&index, "a", "demo"), ["x"]);
}

#[test]
fn children_of_others_are_not_ours() {
    let index = synced(Scopes::All);
    index.event(
        Kind::ConfigMap,
        0,
        Event::Apply(object("a", "x", 1, "demo")),
    );
    index.event(
        Kind::ConfigMap,
        0,
        Event::Apply(object("b", "x", 2, "demo")),
    );
    index.event(
        Kind::ConfigMap,
        0,
        Event::Apply(object("a", "z", 3, "other")),
    );
    assert_eq!(names(&index, "a", "demo"), ["x"]);
}

#[test]
fn an_object_in_order_keeps_no_body_and_gets_one_with_the_next_change() {
    let index = synced(Scopes::All);
    let mut manifest = json!({"kind": "ConfigMap", "data": {"a": "b"}});
    manifest["metadata"]["annotations"][super::super::compare::DESIRED] = "digest".into();
    let child = Child {
        kind: Kind::ConfigMap,
        name: "x".to_owned(),
        digest: "digest".to_owned(),
        manifest,
    };
    let live = |version, data: &str| {
        let mut live = object("a", "x", version, "demo");
        live.data["data"]["a"] = data.into();
        live.metadata.annotations = Some(
            [(
                super::super::compare::DESIRED.to_owned(),
                "digest".to_owned(),
            )]
            .into(),
        );
        live
    };
    let has_body = || {
        index
            .read(Kind::ConfigMap, "a", "x", |record| record.body.clone())
            .is_some()
    };
    let verdict = || index.verdict(&ResourceKey::new("a", "demo"), "demo", &child);

    index.event(Kind::ConfigMap, 0, Event::Apply(live(1, "b")));
    assert!(has_body());
    assert_eq!(verdict(), Verdict::InOrder);
    assert!(!has_body());
    index.event(Kind::ConfigMap, 0, Event::Apply(live(2, "b")));
    assert!(!has_body(), "nothing that matters has changed");
    index.event(Kind::ConfigMap, 0, Event::Apply(live(3, "c")));
    assert_eq!(verdict(), Verdict::Drifted("data.a".to_owned()));
    index.event(Kind::ConfigMap, 0, Event::Apply(live(2, "b")));
    assert_eq!(
        verdict(),
        Verdict::Drifted("data.a".to_owned()),
        "an older report changes nothing"
    );
}

#[test]
fn the_manifest_of_a_large_object_stays_small_in_memory() {
    let mut large = object("a", "x", 1, "demo");
    large.data["data"] = Value::Object(
        (0..20)
            .map(|key| (key.to_string(), "x".repeat(50_000).into()))
            .collect(),
    );
    let record = Record::of(Kind::ConfigMap, large);
    assert!(record.body.unwrap().len() < 2_000);
}

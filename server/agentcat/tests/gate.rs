//! What comes out of a gate, whatever was put in.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::error::Error;
use std::fmt;
use std::time::Duration;

use agentcat::{
    Cause, Dialect, Dropped, Drops, Endpoint, ErrorInfo, Event, EventType, Frame, Gate, Identity,
    MAX_BREADTH, MAX_CAUSES, MAX_DEPTH, MAX_EVENT_BYTES, MAX_FRAMES, MAX_KEY_BYTES, MAX_NAME_BYTES,
    MAX_STRING_BYTES, MAX_TAG_KEY, MAX_TAG_VALUE, MAX_TAGS, MAX_TEXT_BYTES, Method, Project,
    SessionId, Withhold,
};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn at() -> Timestamp {
    "2026-03-01T12:30:15.123456789Z".parse().unwrap()
}

fn call() -> Event {
    Event::mcp(Method::ToolsCall, at())
}

fn open_gate(dialect: Dialect) -> Gate {
    Gate::new(dialect, |_: &mut Event| Ok(()))
}

fn body(gate: &Gate, event: Event) -> Value {
    // As long as one may be.
    let project: Project = "p".repeat(MAX_NAME_BYTES).parse().unwrap();
    let request =
        Endpoint::at("https://collector.example").request(&project, gate.prepare(event).unwrap());
    assert!(
        request.body.len() <= MAX_EVENT_BYTES,
        "{} bytes",
        request.body.len()
    );
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["project_id"], project.as_str());
    body["project_id"] = json!("proj_test");
    body
}

fn sent(event: Event) -> Value {
    body(&open_gate(Dialect::AgentCat), event)
}

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_full_event_is_sent_under_the_services_names() {
    let identity = Identity {
        given_id: "caller-1".to_owned(),
        name: Some("Invented Person".to_owned()),
        data: map(json!({"language": "es"})),
    };
    let mut event = call()
        .of("weather")
        .in_session(SessionId::derive("abc", Some("proj_123")))
        .by(identity)
        .because("Planning a journey.")
        .took(Duration::from_micros(1_999))
        .asked(map(json!({"city": "Lima"})))
        .answered(map(json!({"outcome": "found"})))
        .failed(ErrorInfo::new("no such city").of_kind("NotFound"))
        .tag("outcome", "found")
        .property("lookups", 2)
        .server("server", "1.0")
        .client("client", "2.0");
    event.actor_id = Some("actor".to_owned());
    event.event_id = Some("own".to_owned());
    event.ip_address = Some("192.0.2.1".to_owned());
    event.input_tokens = Some(3);
    event.output_tokens = Some(4);
    let id = event.id.to_string();
    assert_eq!(
        sent(event),
        json!({
            "id": id,
            "project_id": "proj_test",
            "session_id": "ses_2anodJC2ss4AQh8CdYbxl09NnHW",
            "actor_id": "actor",
            "event_id": "own",
            "event_type": "mcp:tools/call",
            "is_error": true,
            "error": {"message": "no such city", "type": "NotFound", "platform": "rust"},
            "resource_name": "weather",
            "duration": 1,
            "input_tokens": 3,
            "output_tokens": 4,
            "timestamp": "2026-03-01T12:30:15.123Z",
            "user_intent": "Planning a journey.",
            "parameters": {"city": "Lima"},
            "response": {"outcome": "found"},
            "identify_actor_given_id": "caller-1",
            "identify_actor_name": "Invented Person",
            "identify_data": {"language": "es"},
            "tags": {"outcome": "found"},
            "properties": {"lookups": 2},
            "ip_address": "192.0.2.1",
            "sdk_language": "Rust",
            "agentcat_version": env!("CARGO_PKG_VERSION"),
            "server_name": "server",
            "server_version": "1.0",
            "client_name": "client",
            "client_version": "2.0",
        })
    );
}

#[test]
fn what_is_not_known_is_left_out() {
    let event = sent(Event::custom("deploy", at()));
    let fields: Vec<&str> = event
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        fields,
        [
            "agentcat_version",
            "event_type",
            "id",
            "project_id",
            "resource_name",
            "sdk_language",
            "timestamp"
        ]
    );
}

#[test]
fn each_dialect_has_its_own_types_and_fields() {
    for (dialect, own, version, tokens) in [
        (Dialect::AgentCat, "agentcat", "agentcat_version", true),
        (Dialect::McpCat, "mcpcat", "mcpcat_version", false),
    ] {
        let gate = open_gate(dialect);
        let mut event = Event::custom("deploy", at());
        event.input_tokens = Some(1);
        let body = body(&gate, event);
        assert_eq!(body["event_type"], format!("{own}:custom"));
        assert!(body.get(version).is_some());
        assert_eq!(body.get("input_tokens").is_some(), tokens);
        assert_eq!(
            body.as_object()
                .unwrap()
                .keys()
                .filter(|key| key.ends_with("cat_version"))
                .count(),
            1
        );
        assert_eq!(EventType::Identify.name(dialect), format!("{own}:identify"));
        assert_eq!(EventType::Mcp(Method::Ping).name(dialect), "mcp:ping");
    }
}

#[test]
fn methods_are_found_by_their_names() {
    for method in Method::ALL {
        assert_eq!(Method::of(method.as_str()), Some(*method));
    }
    assert_eq!(Method::of("server/discover"), None);
}

#[test]
fn redaction_comes_before_everything_else() {
    let long = "x y".repeat(MAX_STRING_BYTES);
    let expected = long.len();
    let gate = Gate::new(Dialect::AgentCat, move |event: &mut Event| {
        let seen = event
            .parameters
            .as_ref()
            .and_then(|parameters| parameters["text"].as_str());
        // Nothing is cut yet: what stands at a cut could not be recognized.
        assert_eq!(seen.map(str::len), Some(expected));
        event.parameters = Some(Map::new());
        event.user_intent = None;
        Ok(())
    });
    let event = call()
        .because("Ana Planted")
        .asked(map(json!({"text": long})));
    let body = body(&gate, event);
    assert_eq!(body["parameters"], json!({}));
    assert!(body.get("user_intent").is_none());
}

#[test]
fn what_redaction_fails_on_is_dropped_and_counted() {
    let gate = Gate::new(Dialect::AgentCat, |event: &mut Event| {
        match event.resource_name.as_deref() {
            Some("withheld") => Err(Withhold),
            Some("error") => {
                "no number".parse::<u32>()?;
                Ok(())
            }
            Some("panic") => panic!("planted"),
            _ => Ok(()),
        }
    });
    let told = |name: &str| gate.prepare(call().of(name)).map(|_| ());
    assert_eq!(told("withheld"), Err(Dropped::Withheld));
    assert_eq!(told("error"), Err(Dropped::Withheld));
    assert_eq!(told("panic"), Err(Dropped::Panicked));
    assert_eq!(told("good"), Ok(()));
    assert_eq!(
        gate.drops(),
        Drops {
            withheld: 2,
            panicked: 1,
            unfit: 0
        }
    );
}

#[test]
fn a_project_has_an_id() {
    for bad in [
        "",
        " ",
        "proj test",
        "proj\n",
        "a\"b",
        "a\\b",
        "ñ",
        &"p".repeat(257),
    ] {
        assert!(bad.parse::<Project>().is_err(), "{bad:?}");
    }
}

#[test]
fn an_event_prints_nothing_that_it_holds() {
    let event = call().of("Ana Planted").because("Ana Planted");
    assert!(!format!("{event:?}").contains("Planted"));
}

#[test]
fn images_and_other_binary_data_become_a_note() {
    let base64 = "iVBORw0KGgo".repeat(60);
    let event = sent(
        call()
            .answered(map(json!({"content": [
                {"type": "text", "text": "stays"},
                {"type": "image", "data": base64, "mimeType": "image/png"},
                {"type": "audio", "data": "AAAA"},
                {"type": "image", "source": {"type": "base64", "data": "AAAA"}},
                {"type": "resource", "resource": {"uri": "a://b", "blob": "AAAA"}},
            ]})))
            .asked(map(json!({
                "long": base64,
                "url": "data:image/png;base64,AAAA",
                "file": {"data": "AAAA", "media_type": "application/pdf"},
                "plain": {"data": "stays", "mimeType": "text/plain"},
                "kind": {"type": "image"},
                "words": "data: a, b",
            }))),
    );
    assert_eq!(
        event["response"]["content"],
        json!([
            {"type": "text", "text": "stays"},
            {"type": "text", "text": "[image not sent]"},
            {"type": "text", "text": "[audio not sent]"},
            {"type": "text", "text": "[image not sent]"},
            {"type": "resource", "resource": {"uri": "a://b", "blob": "[binary data not sent]"}},
        ])
    );
    assert_eq!(
        event["parameters"],
        json!({
            "long": "[binary data not sent]",
            "url": "[binary data not sent]",
            "file": {"data": "[binary data not sent]", "media_type": "application/pdf"},
            "plain": {"data": "stays", "mimeType": "text/plain"},
            "kind": {"type": "image"},
            "words": "data: a, b",
        })
    );
}

#[test]
fn what_is_within_the_limits_stays_as_it_is() {
    let mut deep = json!("bottom");
    for _ in 1..MAX_DEPTH {
        deep = json!({"in": deep});
    }
    let broad: Vec<usize> = (0..MAX_BREADTH).collect();
    let parameters =
        json!({"deep": deep, "broad": broad, "long": "é ".repeat(MAX_STRING_BYTES / 3)});
    assert_eq!(
        sent(call().asked(map(parameters.clone())))["parameters"],
        parameters
    );
}

#[test]
fn what_is_too_long_too_deep_or_too_broad_is_cut_there() {
    let mut deep = json!("bottom");
    for _ in 0..MAX_DEPTH {
        deep = json!({"in": deep});
    }
    let broad: Vec<usize> = (0..=MAX_BREADTH).collect();
    let parameters = sent(call().asked(map(
        json!({"deep": deep, "broad": broad, "long": "é ".repeat(MAX_STRING_BYTES)}),
    )))["parameters"]
        .clone();
    let long = parameters["long"].as_str().unwrap();
    assert!(
        long.len() <= MAX_STRING_BYTES
            && long.len() > MAX_STRING_BYTES - 4
            && long.ends_with("… [cut]")
    );
    assert_eq!(parameters["broad"].as_array().unwrap().len(), MAX_BREADTH);
    assert_eq!(parameters["broad"][MAX_BREADTH - 2], MAX_BREADTH - 2);
    assert_eq!(parameters["broad"][MAX_BREADTH - 1], "… [cut]");
    assert!(!parameters["deep"].to_string().contains("bottom"));
}

#[test]
fn of_an_event_that_is_too_large_the_response_is_cut_first() {
    let large = || map(json!({"a": "x ".repeat(15_000), "b": "x ".repeat(15_000)}));
    let event = sent(call().asked(large()).answered(large()));
    assert_eq!(event["parameters"], Value::Object(large()));
    assert!(
        event["response"]["a"]
            .as_str()
            .unwrap()
            .ends_with("… [cut]")
    );
}

#[test]
fn nothing_is_too_large_to_be_sent() {
    // Control characters take six bytes each.
    let text = |bytes: usize| "\u{1}".repeat(bytes);
    let branch = |inner: &Value| {
        Value::Object(
            (0..150)
                .map(|number| (format!("{}{number}", text(300)), inner.clone()))
                .collect(),
        )
    };
    let huge = || map(branch(&branch(&json!(text(400)))));
    let frames = || {
        vec![
            Frame {
                filename: text(5_000),
                function: text(5_000),
                module: Some(text(5_000)),
                abs_path: Some(text(5_000)),
                context_line: Some(text(5_000)),
                ..Frame::default()
            };
            80
        ]
    };
    let mut error = ErrorInfo::new(text(9_000)).of_kind(text(9_000));
    error.stack = Some(text(90_000));
    error.platform = Some(text(900));
    error.frames = frames();
    error.causes = vec![
        Cause {
            message: text(9_000),
            kind: Some(text(9_000)),
            stack: Some(text(90_000)),
            frames: frames(),
        };
        20
    ];
    let mut event = call()
        .asked(huge())
        .answered(huge())
        .failed(error)
        .because(text(9_000))
        .of(text(9_000))
        .by(Identity {
            given_id: text(9_000),
            name: Some(text(9_000)),
            data: huge(),
        })
        .server(text(9_000), text(9_000))
        .client(text(9_000), text(9_000));
    event.properties = Some(huge());
    event.tags = (0..80)
        .map(|number| (format!("{number:032}"), "\u{10ffff}".repeat(200)))
        .collect();
    for name in [
        &mut event.actor_id,
        &mut event.event_id,
        &mut event.ip_address,
        &mut event.sdk_language,
        &mut event.agentcat_version,
    ] {
        *name = Some(text(9_000));
    }
    event.duration = Some(Duration::MAX);
    event.timestamp = Timestamp::MIN;
    let body = sent(event);
    assert_eq!(
        body["error"]["message"].as_str().unwrap().len(),
        MAX_TEXT_BYTES
    );
    assert_eq!(body["timestamp"], "1970-01-01T00:00:00.000Z");
    assert_eq!(body["duration"], i64::MAX);
}

#[test]
fn of_a_long_stack_both_ends_are_kept() {
    let mut error = ErrorInfo::new("deep");
    error.frames = (0..120)
        .map(|number| Frame {
            function: number.to_string(),
            ..Frame::default()
        })
        .collect();
    let event = sent(call().failed(error));
    let frames = event["error"]["frames"].as_array().unwrap();
    assert_eq!(frames.len(), MAX_FRAMES);
    assert_eq!(
        (&frames[24]["function"], &frames[25]["function"]),
        (&json!("24"), &json!("95"))
    );
}

#[test]
fn an_error_tells_what_it_came_of() {
    #[derive(Debug)]
    struct Nested(u32);
    impl fmt::Display for Nested {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "level {}", self.0)
        }
    }
    struct Link(Nested, Option<Box<Link>>);
    impl fmt::Debug for Link {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(formatter)
        }
    }
    impl fmt::Display for Link {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(formatter)
        }
    }
    impl Error for Link {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|link| link as _)
        }
    }
    let chain = (0..30).rev().fold(None, |inner, level| {
        Some(Box::new(Link(Nested(level), inner)))
    });
    let error = sent(call().failed(ErrorInfo::from_error(&*chain.unwrap())))["error"].clone();
    assert_eq!(error["message"], "level 0");
    assert!(error["type"].as_str().unwrap().ends_with("Link"));
    let causes = error["chained_errors"].as_array().unwrap();
    assert_eq!(causes.len(), MAX_CAUSES);
    assert_eq!(causes[9]["message"], "level 10");
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        20 => any::<String>(),
        1 => (any::<char>(), 0..40_000_usize).prop_map(|(letter, times)| letter.to_string().repeat(times)),
    ]
}

/// Deep in few branches, or broad in one.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 4.0)),
        any_text().prop_map(Value::from),
    ];
    let broad = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..140).prop_map(Value::from),
        prop::collection::btree_map("[a-z]{3}", any::<u8>().prop_map(Value::from), 0..140)
            .prop_map(|map| map.into_iter().collect()),
    ];
    let deep = leaf.prop_recursive(14, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(any_text(), inner, 0..3)
                .prop_map(|map| map.into_iter().collect()),
        ]
    });
    prop_oneof![4 => deep, 1 => broad]
}

fn any_map() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(any_text(), any_json(), 0..6)
        .prop_map(|map| map.into_iter().collect())
}

/// Panics where something is larger than it may be.
fn hold_to_limits(value: &Value, depth: usize) {
    match value {
        Value::String(text) => assert!(text.len() <= MAX_STRING_BYTES),
        Value::Array(entries) => {
            assert!(depth <= MAX_DEPTH && entries.len() <= MAX_BREADTH);
            for entry in entries {
                hold_to_limits(entry, depth + 1);
            }
        }
        Value::Object(map) => {
            assert!(depth <= MAX_DEPTH && map.len() <= MAX_BREADTH);
            assert!(map.keys().all(|key| key.len() <= MAX_KEY_BYTES));
            for entry in map.values() {
                hold_to_limits(entry, depth + 1);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_an_event_holds_it_is_json_within_the_limits(
        maps in [any_map(), any_map(), any_map(), any_map()],
        texts in [any_text(), any_text(), any_text(), any_text()],
        tags in prop::collection::btree_map(any_text(), any_text(), 0..10),
        plain_tags in prop::collection::btree_map("[a-z]{1,40}", "[a-z ]{0,220}", 0..80),
    ) {
        let [parameters, response, properties, data] = maps;
        let [intent, name, message, kind] = texts;
        let identity = Identity { given_id: name.clone(), name: Some(name.clone()), data };
        let mut event = call()
            .asked(parameters)
            .answered(response)
            .by(identity)
            .because(intent)
            .of(name.clone())
            .client(name.clone(), name)
            .failed(ErrorInfo::new(message).of_kind(kind));
        event.properties = Some(properties);
        event.tags = tags.into_iter().chain(plain_tags).collect();
        let body = sent(event);
        for part in ["parameters", "response", "properties", "identify_data"] {
            hold_to_limits(&body[part], 1);
        }
        for name in ["resource_name", "identify_actor_given_id", "identify_actor_name", "client_name", "client_version"] {
            prop_assert!(body[name].as_str().unwrap().len() <= MAX_NAME_BYTES);
        }
        prop_assert!(body["user_intent"].as_str().unwrap().len() <= MAX_TEXT_BYTES);
        let none = Map::new();
        let tags = body.get("tags").map_or(&none, |tags| tags.as_object().unwrap());
        prop_assert!(tags.len() <= MAX_TAGS);
        for (key, value) in tags {
            prop_assert!(key.len() <= MAX_TAG_KEY && value.as_str().unwrap().chars().count() <= MAX_TAG_VALUE);
        }
    }

    #[test]
    fn what_was_sent_once_is_sent_the_same_again(parameters in any_map()) {
        let once = sent(call().asked(parameters));
        let again = sent(call().asked(map(once["parameters"].clone())));
        prop_assert_eq!(&once["parameters"], &again["parameters"]);
    }
}

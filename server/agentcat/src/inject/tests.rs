use jiff::Timestamp;

use super::*;

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn both() -> Injection {
    Injection {
        context: Some(Parameter::context()),
        session_id: Some(Parameter::session_id().optional().described("Which task.")),
    }
}

const ID: &str = "ses_2b76b5c3oMhg5A9390UGH7YtCpD";

#[test]
fn parameters_are_added_last_and_the_tools_own_stay() {
    let (schema, injected) = both().input_schema(map(json!({
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": false,
    })));
    assert_eq!(
        injected,
        Injected {
            context: true,
            session_id: true
        }
    );
    assert_eq!(
        Value::Object(schema),
        json!({
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "session_id": {"type": "string", "description": "Which task.", "pattern": SESSION_PATTERN},
                "context": {"type": "string", "description": Parameter::context().description},
            },
            "required": ["name", "context"],
            "additionalProperties": false,
        })
    );
}

#[test]
fn a_tool_without_parameters_gets_some() {
    let (schema, _) = both().input_schema(Map::new());
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["required"], json!(["context"]));
    assert_eq!(schema["properties"].as_object().unwrap().len(), 2);
}

#[test]
fn nothing_is_added_that_was_not_asked_for() {
    let own = map(json!({"type": "object"}));
    assert_eq!(
        Injection::default().input_schema(own.clone()),
        (own.clone(), Injected::default())
    );
    assert_eq!(Injection::default().output_schema(own.clone()), own);
}

#[test]
fn what_a_tool_has_itself_is_its_own() {
    let own = map(
        json!({"properties": {"context": {"type": "number"}, "session_id": {"type": "string"}}}),
    );
    let (schema, injected) = both().input_schema(own.clone());
    assert_eq!(schema["properties"], own["properties"]);
    assert_eq!(injected, Injected::default());
    let arguments = map(json!({"context": 3, "session_id": ID}));
    let taken = injected.take(arguments.clone());
    assert_eq!(
        taken,
        Taken {
            arguments,
            intent: None,
            session: None
        }
    );
}

#[test]
fn schemas_that_are_no_plain_objects_stay_as_they_are() {
    for odd in [
        json!({"oneOf": [{"type": "object"}]}),
        json!({"type": "object", "allOf": [{"required": ["a"]}, {"minProperties": 2}]}),
        json!({"anyOf": {"required": ["a"]}}),
        json!({"not": {"required": ["a"]}}),
        json!({"$ref": "#/$defs/a"}),
        json!({"type": "array"}),
        json!({"type": ["object", "null"]}),
        json!({"properties": []}),
        json!({"required": "name"}),
    ] {
        assert_eq!(
            both().input_schema(map(odd.clone())),
            (map(odd.clone()), Injected::default())
        );
        assert_eq!(both().output_schema(map(odd.clone())), map(odd));
    }
}

#[test]
fn a_choice_of_what_must_be_given_is_no_hindrance() {
    let choice = json!([{"required": ["a"]}, {"required": ["b"]}]);
    let (schema, injected) = both().input_schema(map(
        json!({"type": "object", "properties": {"a": {}, "b": {}}, "oneOf": choice}),
    ));
    assert!(injected.context && injected.session_id);
    assert_eq!(
        (
            &schema["oneOf"],
            schema["properties"].as_object().unwrap().len()
        ),
        (&choice, 4)
    );
}

#[test]
fn what_was_added_is_taken_out_again() {
    let injected = Injected {
        context: true,
        session_id: true,
    };
    let taken = injected.take(map(
        json!({"name": "x", "context": " Looking for a brother. ", "session_id": ID}),
    ));
    assert_eq!(taken.arguments, map(json!({"name": "x"})));
    assert_eq!(taken.intent.as_deref(), Some("Looking for a brother."));
    assert_eq!(taken.session, Some(Handle::Known(ID.parse().unwrap())));
}

#[test]
fn whatever_is_sent_is_taken_out_and_odd_values_say_nothing() {
    let injected = Injected {
        context: true,
        session_id: true,
    };
    for (said, session) in [
        (json!({}), Handle::Start),
        (json!({"context": null, "session_id": null}), Handle::Start),
        (json!({"context": 7, "session_id": ["a"]}), Handle::Start),
        (
            json!({"context": " \n", "session_id": " START "}),
            Handle::Start,
        ),
        (
            json!({"context": {"a": 1}, "session_id": "ses_made-up"}),
            Handle::Unrecognized,
        ),
        (
            json!({"session_id": format!(" {ID}\n")}),
            Handle::Known(ID.parse().unwrap()),
        ),
    ] {
        let taken = injected.take(map(said.clone()));
        assert_eq!(
            taken,
            Taken {
                arguments: Map::new(),
                intent: None,
                session: Some(session)
            },
            "{said}"
        );
    }
}

#[test]
fn a_caller_is_told_their_session_when_it_begins_and_when_it_is_unknown() {
    let new = || SessionId::from_parts(Timestamp::UNIX_EPOCH, [7; 16]);
    let issued = Handle::Start.resolve(new);
    assert_eq!(issued.session(), Some(&new()));
    assert!(issued.text().unwrap().contains(new().as_str()));
    assert_eq!(
        Value::Object(issued.structured(Map::new())),
        json!({"mcp_session": {"session_id": new().as_str(), "status": "issued"}})
    );
    let known: SessionId = ID.parse().unwrap();
    let active = Handle::Known(known.clone()).resolve(new);
    assert_eq!((active.session(), active.text()), (Some(&known), None));
    let unrecognized = Handle::Unrecognized.resolve(new);
    assert_eq!(unrecognized.session(), None);
    assert!(unrecognized.text().is_some());
    assert_eq!(
        Value::Object(unrecognized.structured(Map::new())),
        json!({"mcp_session": {"status": "unrecognized"}})
    );
    let own = map(json!({"mcp_session": "the tool's"}));
    assert_eq!(active.structured(own.clone()), own);
}

#[test]
fn results_may_hold_the_session_and_need_not() {
    let schema = both().output_schema(map(
        json!({"type": "object", "properties": {}, "required": ["a"]}),
    ));
    assert_eq!(schema["required"], json!(["a"]));
    assert_eq!(schema["properties"]["mcp_session"]["type"], "object");
    let own = map(json!({"properties": {"mcp_session": {"type": "string"}}}));
    assert_eq!(both().output_schema(own.clone()), own);
}

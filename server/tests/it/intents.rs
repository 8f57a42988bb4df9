//! Why models call: asked for in every tool, told to nobody but analytics, and without whom it names.

use serde_json::json;

use crate::support::agentcat::{
    BULK, BY_NUMBER, INTENT, SESSIONS, World, calls, requires, tools, with,
};
use crate::support::people::{KNOWN, holds};

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_asks_for_it_a_tool_has_what_is_its_own() {
    let nothing_asked = World::new("captureIntent: false", "").await;
    let switched_off = format!("enabled: false, {INTENT}, {SESSIONS}");
    let mut switched_off = World::new(&switched_off, "").await;
    let own = tools(&nothing_asked.client()).await;
    assert_eq!(tools(&switched_off.client()).await, own);
    for world in [&nothing_asked, &switched_off] {
        for parameter in ["context", "session_id"] {
            let given = with(KNOWN.by_number(), &json!({parameter: "start"}));
            let reply = world.client().call(BY_NUMBER, given).await;
            assert_eq!(reply.answer()["outcome"], "invalid", "{parameter}");
            assert_eq!(reply.answer().get("mcp_session"), None);
        }
    }
    switched_off.server.process.signal("TERM");
    assert!(switched_off.server.process.end().success());
    assert!(switched_off.agentcat.is_idle());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_is_told_why_it_is_called_and_works_as_before() {
    let mut world = World::new(INTENT, "").await;
    for client in [world.client(), world.in_session().await] {
        for tool in tools(&client).await {
            let properties = &tool["inputSchema"]["properties"];
            assert_eq!(properties["context"]["type"], "string", "{tool}");
            assert!(requires(&tool, "context") && properties.get("session_id").is_none());
            assert!(!tool["outputSchema"].to_string().contains("mcp_session"));
        }
        for (tool, given) in calls() {
            let words = "The person that a family misses is looked for, to call the facility.";
            let without = client.call(tool, given.clone()).await.answer();
            assert_eq!(world.event().await.get("user_intent"), None, "{tool}");
            let given = with(given, &json!({"context": format!(" {words}\n")}));
            let answer = client.call(tool, given).await.answer();
            let event = world.event().await;
            assert_eq!(event["user_intent"], words, "{tool}");
            assert_eq!(event["parameters"].get("context"), None, "{tool}");
            for field in ["outcome", "made", "people", "understood"] {
                assert_eq!(answer[field], without[field], "{tool} {field}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_named_in_why_a_model_calls() {
    let mut world = World::new(INTENT, "").await;
    let words = format!(
        "The mesa ventana case: her brother Zorko Plantovich Garcia (A987654321, born 29 July 1931) was moved; {} {} asks for both, \
         tel. 212-555-0147, ana@planted.example.",
        KNOWN.first, KNOWN.last
    );
    // Nobody could know these for names, and a page names somebody who was not asked for by name.
    let typed =
        json!({"first_name": "Mesa", "last_name": "Ventana", "country_of_birth": "Honduras"});
    let requests = json!({"requests": [typed, KNOWN.by_number()]});
    let given = with(requests, &json!({"context": words}));
    world.client().call(BULK, given).await.result();
    let event = world.event().await;
    let told = event["user_intent"].as_str().unwrap();
    for kept in ["her brother", "was moved", "asks for both"] {
        assert!(told.contains(kept), "{kept} in {told}");
    }
    // Elsewhere in an event a duration may have the same digits.
    for number in ["1931", "0147"] {
        assert!(!told.contains(number), "{number} in {told}");
    }
    let event = event.to_string();
    let mut secrets: Vec<String> = KNOWN.secrets();
    secrets.extend(
        [
            "mesa",
            "ventana",
            "zorko",
            "plantovich",
            "987654321",
            "planted",
        ]
        .map(str::to_owned),
    );
    for secret in secrets {
        assert!(!holds(&event, &secret), "{secret} in {event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_model_says_for_a_reason_its_call_is_served() {
    let mut world = World::new(INTENT, "").await;
    for odd in [
        json!(null),
        json!(""),
        json!(" \n\t"),
        json!(7),
        json!(true),
        json!(["Zorka Plantedova"]),
        json!({"first_name": "Zorka"}),
    ] {
        let given = with(KNOWN.by_number(), &json!({"context": odd}));
        let reply = world.client().call(BY_NUMBER, given).await;
        assert_eq!(reply.answer()["outcome"], "found", "{odd}");
        let event = world.event().await;
        assert_eq!(event.get("user_intent"), None, "{odd}");
        assert!(!event.to_string().contains("Zorka"));
    }
    let long = "why ".repeat(15_000);
    let given = with(KNOWN.by_number(), &json!({"context": long}));
    let reply = world.client().call(BY_NUMBER, given).await;
    assert_eq!(reply.answer()["outcome"], "found");
    let told = world.event().await["user_intent"].as_str().unwrap().len();
    assert!((1000..=2048).contains(&told), "{told}");
    // One that stands twice is the last, as it is for every other argument.
    let twice = json!({"name": BY_NUMBER, "arguments": with(KNOWN.by_number(), &json!({"context": "first"}))});
    let twice = twice
        .to_string()
        .replace("\"first\"", "\"first\", \"context\": \"last\"");
    let body = format!(
        "{{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"tools/call\", \"params\": {twice}}}"
    );
    let reply = world.server.client.send(body).await;
    assert_eq!(reply.answer()["outcome"], "found");
    assert_eq!(world.event().await["user_intent"], "last");
}

#[tokio::test(flavor = "multi_thread")]
async fn reasons_are_dropped_where_free_text_is() {
    let mut world = World::new(INTENT, "privacy: {redaction: false}").await;
    let given = with(KNOWN.by_number(), &json!({"context": "A family asks."}));
    let reply = world.client().call(BY_NUMBER, given).await;
    assert_eq!(reply.answer()["outcome"], "found");
    let event = world.event().await;
    assert_eq!(event.get("user_intent"), None);
    assert!(!event.to_string().contains("family"));
}

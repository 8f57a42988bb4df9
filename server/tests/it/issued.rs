//! Sessions that models carry from call to call, where the transport has none.

use serde_json::{Value, json};

use crate::support::agentcat::{
    BULK, BY_NAME, BY_NUMBER, INTENT, REPORT, SESSIONS, World, calls, requires, tools, with,
};
use crate::support::client::{Published, Reply};
use crate::support::people::KNOWN;

fn first_text(reply: &Reply) -> String {
    let text = reply.result()["content"][0]["text"].clone();
    text.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_issued_a_session_and_its_calls_are_in_it() {
    let mut world = World::new(SESSIONS, "").await;
    let client = world.client();
    for tool in tools(&client).await {
        let properties = &tool["inputSchema"]["properties"];
        assert_eq!(properties["session_id"]["type"], "string", "{tool}");
        assert!(requires(&tool, "session_id") && properties.get("context").is_none());
        let told = &tool["outputSchema"]["properties"]["mcp_session"];
        assert_eq!(told["type"], "object", "{tool}");
    }
    for start in [
        json!({}),
        json!({"session_id": "start"}),
        json!({"session_id": null}),
        json!({"session_id": 7}),
    ] {
        let reply = client
            .call(BY_NUMBER, with(KNOWN.by_number(), &start))
            .await;
        let session = &reply.answer()["mcp_session"];
        assert_eq!(session["status"], "issued", "{start}");
        let id = session["session_id"].as_str().unwrap();
        let text = first_text(&reply);
        assert!(
            text.starts_with("[session_id issued") && text.contains(id),
            "{text}"
        );
        assert_eq!(reply.answer()["outcome"], "found");
        assert_eq!(world.event().await["session_id"], id);
        for (tool, given) in calls() {
            let given = with(given, &json!({"session_id": format!(" {id}")}));
            let reply = client.call(tool, given).await;
            let answer = reply.answer();
            assert_eq!(
                answer["mcp_session"],
                json!({"session_id": id, "status": "active"})
            );
            assert!(!first_text(&reply).contains("session_id"), "{tool}");
            Published::of(&client.tool(tool).await).assert_holds_of(&answer);
            let event = world.event().await;
            assert_eq!(event["session_id"], id, "{tool}");
            assert_eq!(event["parameters"].get("session_id"), None, "{tool}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_not_issued_is_nobodys() {
    let mut world = World::new(SESSIONS, "").await;
    for made_up in [
        "ses_ZorkaPlantedovaA90000000200",
        "ses_2b76b5c3oMhg5A9390UGH7YtCpD",
        "ses_",
        "Zorka Plantedova",
        "A900000002",
        &"z".repeat(10_000),
    ] {
        let given = with(KNOWN.by_number(), &json!({"session_id": made_up}));
        let reply = world.client().call(BY_NUMBER, given).await;
        assert_eq!(reply.answer()["outcome"], "found");
        assert_eq!(
            reply.answer()["mcp_session"],
            json!({"status": "unrecognized"})
        );
        let text = first_text(&reply);
        assert!(
            text.starts_with("[session_id unrecognized") && !text.contains("Zorka"),
            "{text}"
        );
        let event = world.event().await;
        assert_eq!(event["session_id"], Value::Null, "{event}");
        assert!(!event.to_string().contains(made_up), "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_after_an_error_and_is_no_part_of_it() {
    let mut world = World::new(&format!("{INTENT}, {SESSIONS}"), "").await;
    let reply = world
        .client()
        .call(BY_NUMBER, json!({"alien_number": "no"}))
        .await;
    assert_eq!(reply.result()["isError"], true);
    let id = reply.answer()["mcp_session"]["session_id"].clone();
    assert!(first_text(&reply).contains(id.as_str().unwrap()));
    let event = world.event().await;
    assert_eq!(event["session_id"], id);
    let told = event["error"]["message"].as_str().unwrap();
    assert!(!told.is_empty() && !told.contains("session"), "{told}");

    let again = json!({"session_id": id, "context": "The number was mistyped."});
    let reply = world
        .client()
        .call(BY_NUMBER, with(KNOWN.by_number(), &again))
        .await;
    assert_eq!(reply.answer()["mcp_session"]["status"], "active");
    let event = world.event().await;
    assert_eq!(event["session_id"], id);
    assert_eq!(event["user_intent"], "The number was mistyped.");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_task_has_shown_is_hidden_in_its_later_calls() {
    let mut world = World::new(&format!("{INTENT}, {SESSIONS}"), "").await;
    let typed =
        json!({"first_name": "Mesa", "last_name": "Ventana", "country_of_birth": "Honduras"});
    let reply = world.client().call(BY_NAME, typed).await;
    let id = reply.answer()["mcp_session"]["session_id"].clone();
    world.event().await;
    let more = json!({"session_id": id, "context": "The mesa ventana case goes on."});
    world
        .client()
        .call(BY_NUMBER, with(KNOWN.by_number(), &more))
        .await;
    let told = world.event().await["user_intent"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        told.ends_with(" goes on.") && !told.contains("ventana"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_the_transport_knows_stays_as_it_is() {
    let mut world = World::new(SESSIONS, "").await;
    let client = world.in_session().await;
    for tool in tools(&client).await {
        assert!(!tool.to_string().contains("session"), "{tool}");
    }
    let mut sessions = Vec::new();
    for more in [
        json!({}),
        json!({"session_id": "start"}),
        json!({"session_id": "Zorka"}),
    ] {
        let reply = client.call(BY_NUMBER, with(KNOWN.by_number(), &more)).await;
        assert_eq!(reply.answer()["outcome"], "found", "{more}");
        assert!(!reply.body.contains("session"), "{more}");
        let event = world.event().await;
        sessions.push(event["session_id"].as_str().unwrap().to_owned());
    }
    sessions.dedup();
    assert_eq!(sessions.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_taken_for_a_report_with_their_session_in_them() {
    let mut world = World::new(SESSIONS, "").await;
    let client = world.client();
    let start = json!({"session_id": "start"});
    let mut results = Vec::new();
    for (tool, given) in calls().into_iter().take(4) {
        let answer = client.call(tool, with(given, &start)).await.answer();
        assert!(answer.get("mcp_session").is_some());
        results.push(answer);
        world.event().await;
    }
    let given = json!({"report_type": "legal", "results": results, "session_id": "start"});
    let answer = client.call(REPORT, given).await.answer();
    assert_eq!(answer["made"], true, "{answer}");
    assert!(!answer["report"].as_str().unwrap().contains("session"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_message_of_a_stream_says_the_session() {
    let mut world = World::new(SESSIONS, "").await;
    let requests = json!({"requests": [KNOWN.by_number(), KNOWN.by_name()], "session_id": "start"});
    let client = world.client().meta(&json!({"progressToken": "a"}));
    let reply = client.call(BULK, requests).await;
    let mut messages = reply
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("data:"));
    let last = messages.rfind(|message| message.contains("\"result\""));
    let last: Value = serde_json::from_str(last.unwrap()).unwrap();
    let session = &last["result"]["structuredContent"]["mcp_session"];
    assert_eq!(session["status"], "issued");
    assert_eq!(world.event().await["session_id"], session["session_id"]);
}

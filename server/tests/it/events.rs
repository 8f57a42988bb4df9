//! Every MCP request leaves one event: with what may be told, and with nothing that identifies anybody.

use icelocator_config::Privacy;
use serde_json::{Value, json};

use crate::support::begin;
use crate::support::inner::{Inner, Site};
use crate::support::people::{KNOWN, holds};

const BY_NAME: &str = "search_detainee_by_name";
const BY_NUMBER: &str = "search_detainee_by_alien_number";
const SMART: &str = "smart_detainee_search";
const BULK: &str = "bulk_search_detainees";
const REPORT: &str = "generate_search_report";

async fn server() -> Inner {
    begin();
    Inner::start(&Site::start().await.url, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_told_by_what_may_be_told_of_it() {
    let server = server().await;
    let mut given = KNOWN.by_name();
    given["language"] = json!("es");
    given["fuzzy_search"] = json!(true);
    given["date_of_birth"] = json!(KNOWN.birth);
    let reply = server.client.modern().call(BY_NAME, given).await;
    let event = server.events.last();
    assert_eq!(event["method"], "tools/call");
    assert_eq!(event["tool"], BY_NAME);
    assert_eq!(event["client"], json!(["inspector", "2.12.0"]));
    assert_eq!(event["ending"], "Answered");
    assert_eq!(event["error"], Value::Null);
    assert_eq!(event["strategy"], "direct");
    assert_eq!(
        (&event["matcher"], &event["rank"]),
        (&json!("exact"), &json!(1))
    );
    assert_eq!(event["response_bytes"], reply.body.len());
    assert!(event["request_bytes"].as_u64().unwrap() > 300, "{event}");
    let parameters = &event["parameters"];
    assert_eq!(parameters["language"], "es");
    assert_eq!(parameters["fuzzy_search"], "true");
    assert_eq!(parameters["country_of_birth"], Value::Null);
    for (name, kind) in [
        ("first_name", "[name:"),
        ("last_name", "[name:"),
        ("date_of_birth", "[date:"),
    ] {
        let told = parameters[name].as_str().unwrap();
        assert!(told.starts_with(kind), "{name}: {told}");
    }
    assert_eq!(parameters.as_object().unwrap().len(), 6, "{parameters}");
    let metrics = server.metrics();
    for series in [
        "icelocator_search_stage_duration_seconds_count{stage=\"upstream\"} 1",
        "icelocator_search_stage_duration_seconds_count{stage=\"reading\"} 1",
        "icelocator_search_matches_total{matcher=\"exact\",rank=\"1\"} 1",
        "icelocator_search_lookups_count 1",
        "icelocator_privacy_hidden_total{kind=\"date\"} 1",
        "icelocator_client_calls_total{client=\"inspector\",protocol=\"2026-07-28\"} 1",
    ] {
        assert!(metrics.contains(series), "{series} in\n{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_person_has_the_same_pseudonym_however_they_are_written() {
    let server = server().await;
    let mut told = Vec::new();
    for number in ["A900000002", "900-000-002", "a 900 000 002"] {
        let given = json!({"alien_number": number, "country_of_birth": "Honduras"});
        server.client.call(BY_NUMBER, given).await;
        told.push(server.events.last()["parameters"]["alien_number"].clone());
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_request_leaves_one_event_refused_ones_too() {
    let server = server().await;
    let guide = "detainee_search_guide";
    let reference = json!({"type": "ref/prompt", "name": guide});
    server.client.initialize().await;
    let requests = [
        ("tools/list", json!({}), json!(null), json!(null), json!({})),
        (
            "prompts/list",
            json!({}),
            json!(null),
            json!(null),
            json!({}),
        ),
        (
            "resources/list",
            json!({}),
            json!(null),
            json!(null),
            json!({}),
        ),
        (
            "prompts/get",
            json!({"name": guide, "arguments": {"language": "es", "country_of_birth": "Honduras"}}),
            json!(guide),
            json!(null),
            json!({"language": "es", "country_of_birth": null}),
        ),
        (
            "resources/read",
            json!({"uri": "ice://facilities/database?lang=es&name=Ejemplo%20County"}),
            json!(null),
            json!("ice://facilities/database"),
            json!({"lang": "es", "name": "Ejemplo County"}),
        ),
        (
            "completion/complete",
            json!({"ref": reference, "argument": {"name": "language", "value": "es"}}),
            json!(guide),
            json!(null),
            json!({"language": "es"}),
        ),
    ];
    for (at, (method, params, prompt, resource, parameters)) in requests.into_iter().enumerate() {
        server.client.request(method, params).await.result();
        assert_eq!(server.events.all().len(), at + 2);
        let event = server.events.last();
        assert_eq!(event["method"], method);
        assert_eq!((&event["prompt"], &event["resource"]), (&prompt, &resource));
        assert_eq!(event["parameters"], parameters, "{method}");
        assert_eq!(event["ending"], "Answered");
        assert!(event["response_bytes"].as_u64().unwrap() > 0);
    }
    server.client.request("planted/planted", json!({})).await;
    let event = server.events.last();
    assert_eq!(
        (&event["method"], &event["ending"]),
        (&json!("other"), &json!("Error(-32601)"))
    );
    assert_eq!(event["error"], "there is no such method");

    let gone = server.client.header("mcp-session-id", "gone");
    gone.call(BY_NUMBER, KNOWN.by_number()).await;
    let event = server.events.last();
    assert_eq!(event["ending"], "Refused(404)");
    assert_eq!(event["error"], "session not found: initialize again");
    assert!(
        event["parameters"]["alien_number"]
            .as_str()
            .unwrap()
            .starts_with("[a_number:")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_searches_is_told_how_many_and_what_they_say_and_not_whom() {
    let server = server().await;
    let requests = json!([KNOWN.by_number(), KNOWN.by_name(), {"first_name": "Ana", "last_name": "Zorkovich"}]);
    let given = json!({"requests": requests, "max_concurrent": 2});
    server.client.call(BULK, given.clone()).await;
    let event = server.events.last();
    assert_eq!(
        event["parameters"],
        json!({
            "requests": "3",
            "requests.first_name": "2",
            "requests.last_name": "2",
            "requests.country_of_birth": "2",
            "requests.alien_number": "1",
            "max_concurrent": "2",
        })
    );
    let metrics = server.metrics();
    let used =
        "icelocator_parameters_total{parameter=\"requests\",tool=\"bulk_search_detainees\"} 1";
    assert!(metrics.contains(used), "{metrics}");
    assert!(!metrics.contains("requests.first_name"));

    let criteria = json!({"last_name": "Zorkovich", "country_of_birth": "Honduras"});
    let given =
        json!({"report_type": "legal", "criteria": criteria, "requests": [KNOWN.by_name()]});
    server.client.call(REPORT, given).await;
    let parameters = &server.events.last()["parameters"];
    assert_eq!(parameters["report_type"], "legal");
    assert_eq!(parameters["criteria.country_of_birth"], Value::Null);
    let told = parameters["criteria.last_name"].as_str().unwrap();
    assert!(told.starts_with("[name:"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_on_our_lists_is_not_told() {
    let server = server().await;
    let given = json!({
        "first_name": ["Zorkovich"], "last_name": {"Zorkovich": 1}, "language": "Zorkovich",
        "fuzzy_search": "Zorkovich", "Zorkovich": "Zorkovich", "date_of_birth": null,
    });
    server.client.call(BY_NAME, given).await;
    let parameters = server.events.last()["parameters"].clone();
    assert_eq!(
        parameters,
        json!({"first_name": null, "last_name": null, "language": null, "fuzzy_search": null})
    );
    server
        .client
        .call(BULK, json!({"requests": [], "max_concurrent": 987_654_321}))
        .await;
    let parameters = server.events.last()["parameters"].clone();
    assert_eq!(parameters, json!({"requests": "0", "max_concurrent": null}));
}

/// Words that must not stand in anything that a sink is told, nor numbers as they are: a duration may have the same digits.
fn assert_hidden(events: &[Value], secrets: &[&str]) {
    for event in events {
        let text = event.to_string();
        for secret in secrets {
            assert!(!holds(&text, secret), "{secret} in {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sentence_says_of_anybody_is_hidden_in_it() {
    let server = server().await;
    let query = "Busco a mi hermano Zorko Plantovich Garcia, nacido el 29 de julio de 1931 en Honduras, \
        numero A987654321. Su vecina es Yorgelis Zumbado.";
    server.client.call(SMART, json!({"query": query})).await;
    let events = server.events.all();
    assert_hidden(
        &events,
        &[
            "zorko",
            "plantovich",
            "1931",
            "julio",
            "987654321",
            "yorgelis",
            "zumbado",
        ],
    );
    let told = events[0]["parameters"]["query"].as_str().unwrap();
    assert!(
        told.contains("hermano") && told.contains("[name:"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_sentence_without_end_a_few_kilobytes_are_told_and_no_half_number() {
    let server = server().await;
    let before = "busco a mi hermano "
        .repeat(1000)
        .split_at(4090)
        .0
        .to_owned();
    let query = format!("{before} A987654321 {before}");
    server.client.call(SMART, json!({"query": query})).await;
    let event = server.events.last();
    let told = event["parameters"]["query"].as_str().unwrap();
    assert!((3500..=4096).contains(&told.len()), "{}", told.len());
    assert!(told.ends_with("busco") && !told.contains('9'), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_session_has_shown_is_hidden_wherever_it_comes_back() {
    let server = server().await;
    let session = server.client.initialize().await.session().unwrap();
    let client = server.client.header("mcp-session-id", &session);
    // Nobody could know these for names.
    let typed =
        json!({"first_name": "Mesa", "last_name": "Ventana", "country_of_birth": "Honduras"});
    client.call(BY_NAME, typed).await;
    // A page names somebody who was not asked for by name.
    client.call(BY_NUMBER, KNOWN.by_number()).await;
    let query = format!(
        "the mesa ventana case; also {}, {}",
        KNOWN.last, KNOWN.birth
    );
    client.call(SMART, json!({"query": query})).await;
    let told = server.events.last()["parameters"]["query"].clone();
    let told = told.as_str().unwrap().to_lowercase();
    for secret in ["mesa", "ventana", "muestra", "garcia", "1985"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    assert!(told.contains("the ") && told.contains("also"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_planted_is_told_to_a_sink() {
    let server = server().await;
    let session = server.client.initialize().await.session().unwrap();
    for client in [
        server.client.clone(),
        server.client.header("mcp-session-id", &session),
    ] {
        for (tool, given) in crate::privacy::planted_arguments() {
            client.call(tool, given).await;
        }
        for (method, params) in crate::privacy::planted_requests() {
            client.request(method, params).await;
        }
        for body in crate::privacy::planted_bodies() {
            client.send(body).await;
        }
        client.call(BY_NUMBER, KNOWN.by_number()).await;
    }
    let events = server.events.all();
    assert!(events.len() > 50, "{}", events.len());
    let mut secrets: Vec<String> = KNOWN.secrets();
    secrets.extend(["987654321", "1931-07-29"].map(str::to_owned));
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    assert_hidden(&events, &secrets);
    assert_hidden(&events, &["zorkovich"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn free_text_is_dropped_where_it_is_not_to_be_redacted() {
    begin();
    let settings = Privacy {
        redaction: false,
        ..Privacy::default()
    };
    let server = Inner::start(&Site::start().await.url, Some(&settings)).await;
    server
        .client
        .call(
            SMART,
            json!({"query": "where is my friend", "language": "en"}),
        )
        .await;
    let event = server.events.last();
    assert_eq!(
        event["parameters"],
        json!({"query": null, "language": "en"})
    );
    assert_eq!(
        (&event["ending"], &event["error"]),
        (&json!("ToolError"), &Value::Null)
    );
}

//! Searches in plain language, as a client makes them.

use serde_json::{Value, json};

use crate::support::client::Published;
use crate::support::people::KNOWN;
use crate::support::{Server, Simulator, begin};

const SMART: &str = "smart_detainee_search";

/// The answer, which is as the published schema says.
async fn ask(server: &Server, question: Value) -> Value {
    let published = Published::of(&server.client.tool(SMART).await);
    let answer = server.client.call(SMART, question).await.answer();
    published.assert_holds_of(&answer);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_finds_somebody_and_says_what_was_understood() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let query = "Busco a mi hermano José Muestra García, es hondureño, nació el 2 de enero de 1985";
    let answer = ask(&server, json!({"query": query})).await;
    assert_eq!(answer["outcome"], "found", "{answer}");
    assert_eq!(answer["language"], "es");
    let understood = &answer["understood"];
    assert_eq!(understood["first_name"]["value"], "José");
    assert_eq!(understood["last_name"]["value"], "Muestra García");
    assert_eq!(understood["country_of_birth"]["value"], "Honduras");
    assert_eq!(understood["date_of_birth"]["value"], "1985-01-02");
    assert_eq!(understood["relation"], "brother");
    let span = &understood["first_name"]["from"][0];
    let at = |end: &str| usize::try_from(span[end].as_u64().unwrap()).unwrap();
    let words: String = query
        .chars()
        .skip(at("start"))
        .take(at("end") - at("start"))
        .collect();
    assert_eq!(words, "José");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_back_is_answered_with_the_query_repeated() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let query = "my brother Jose Muestra Garcia, dob 01/02/1985";
    let answer = ask(&server, json!({"query": query})).await;
    assert_eq!(answer["outcome"], "invalid");
    assert_eq!(answer["people"], json!([]));
    let questions = answer["questions"].as_array().unwrap();
    let fields: Vec<_> = questions
        .iter()
        .map(|question| &question["field"])
        .collect();
    assert_eq!(fields, ["date_of_birth", "country_of_birth"]);
    assert_eq!(questions[0]["options"], json!(["1985-01-02", "1985-02-01"]));
    let question = json!({"query": query, "date_of_birth": "1985-01-02", "country_of_birth": "Honduras", "language": "es"});
    let answer = ask(&server, question).await;
    assert_eq!(answer["outcome"], "found", "{answer}");
    assert_eq!(answer["questions"], json!([]));
    assert_eq!(answer["language"], "es");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_finds_nobody_is_not_followed_by_a_search_for_the_name() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let found = format!("{} from Honduras", KNOWN.number);
    assert_eq!(
        ask(&server, json!({"query": found})).await["outcome"],
        "found"
    );
    let query = "Jose Muestra Garcia from Honduras, A100000009";
    let answer = ask(&server, json!({"query": query})).await;
    assert_eq!(answer["outcome"], "not_found");
    let kinds: Vec<_> = answer["suggestions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert!(kinds.contains(&&json!("by_name")), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_from_one_of_two_countries_is_found_and_what_was_not_used_is_told() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let query = "José Muestra García, guatemalteco o hondureño, 1985";
    let answer = ask(&server, json!({"query": query})).await;
    assert_eq!(answer["outcome"], "found", "{answer}");
    let understood = &answer["understood"];
    assert_eq!(
        understood["country_of_birth"]["value"],
        "Guatemala or Honduras"
    );
    assert_eq!(understood["not_used"][0]["text"], "1985");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_named() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    for (question, field) in [
        (json!({}), json!("query")),
        (json!({"query": "  "}), json!("query")),
        (json!({"query": 7}), json!("query")),
        (json!({"query": "é".repeat(1001)}), json!("query")),
        (
            json!({"query": "Ana Muestra", "country_of_birth": "Nowhere"}),
            json!("country_of_birth"),
        ),
        (
            json!({"query": "Ana Muestra", "date_of_birth": "5/6/90"}),
            json!("date_of_birth"),
        ),
        (
            json!({"query": "Ana Muestra", "language": "de"}),
            json!("language"),
        ),
        (
            json!({"query": "Juan Lopez y Maria Lopez"}),
            json!("person"),
        ),
        (
            json!({"query": "Jose Muestra Garcia and his wife, Honduras"}),
            json!("person"),
        ),
        (json!({"query": "Ana Muestra", "name": "Ana"}), json!(null)),
    ] {
        let answer = ask(&server, question).await;
        assert_eq!(answer["outcome"], "invalid");
        assert_eq!(answer["invalid"]["field"], field, "{answer}");
    }
}

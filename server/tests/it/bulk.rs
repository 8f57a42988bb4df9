//! Several searches in one call: order, bounds, partial results, progress, cancellation.

use serde_json::{Value, json};

use crate::support::client::{Published, Reply};
use crate::support::held_site::HeldSite;
use crate::support::people::{KNOWN, holds};
use crate::support::{Server, Simulator, begin, value};

const NOWHERE: &str = "http://127.0.0.1:1";
const BULK: &str = "bulk_search_detainees";

fn nobody() -> Value {
    json!({"first_name": "Nadie", "last_name": "Ninguno", "country_of_birth": "Guatemala"})
}

fn failing(how: &str) -> Value {
    json!({"first_name": "Ana", "last_name": format!("Falla-{how}"), "country_of_birth": "Guatemala"})
}

fn outcomes(answer: &Value) -> Vec<&str> {
    answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            result["answer"]["outcome"]
                .as_str()
                .unwrap_or_else(|| result["status"].as_str().unwrap())
        })
        .collect()
}

/// What came as a stream: progress, then the answer.
fn events(reply: &Reply) -> Vec<Value> {
    reply
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .filter_map(|data| serde_json::from_str(data.trim()).ok())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn results_come_in_order_and_one_bad_request_harms_only_itself() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let requests = json!([
        KNOWN.by_number(), {"first_name": "Ana"}, failing("Reto"), 7, nobody(), KNOWN.by_name(), KNOWN.by_number(),
        {"alien_number": "A1", "first_name": "Ana", "last_name": "Paz"},
    ]);
    for client in [server.client.clone(), server.client.modern()] {
        for at_once in [1, 5] {
            let arguments =
                json!({"requests": requests, "max_concurrent": at_once, "language": "es"});
            let reply = client.call(BULK, arguments).await;
            let answer = reply.answer();
            assert_eq!(
                outcomes(&answer),
                [
                    "found",
                    "invalid",
                    "challenged",
                    "invalid",
                    "not_found",
                    "found",
                    "repeated",
                    "invalid"
                ]
            );
            assert_eq!(answer["outcome"], "partial");
            assert_eq!(answer["results"][6]["same_as"], 1);
            for (number, result) in (1..).zip(answer["results"].as_array().unwrap()) {
                assert_eq!(result["request"], number);
                let refused = result["answer"]["outcome"] == "invalid";
                assert_eq!(result["status"] == "invalid", refused, "{result}");
            }
            assert_eq!(
                answer["results"][1]["answer"]["invalid"]["field"],
                "first_name".replace("first", "last")
            );
            assert_eq!(
                answer["counts"],
                json!({"found": 2, "invalid": 3, "challenged": 1, "not_found": 1})
            );
            assert_eq!(answer["not_searched"], 0);
            assert_eq!(reply.result()["isError"], false);
            let text = reply.result()["content"][0]["text"].to_string();
            assert!(
                text.contains("Solicitud 8") && text.contains(KNOWN.facility),
                "{text}"
            );
            for counted in ["encontrada: 2", "no se muestra a nadie: 1"] {
                assert!(text.contains(counted), "{text}");
            }
            for english in ["found:", "challenged:", "invalid:"] {
                assert!(!text.contains(english), "{text}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_to_stop_at_a_failure_is_told_what_was_not_searched_for() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let arguments = json!({
        "requests": [nobody(), failing("Caida"), KNOWN.by_number(), KNOWN.by_number()],
        "max_concurrent": 1, "continue_on_error": false,
    });
    let answer = server.client.call(BULK, arguments).await.answer();
    assert_eq!(
        outcomes(&answer),
        ["not_found", "unavailable", "not_searched", "not_searched"]
    );
    assert_eq!(answer["not_searched"], 2);
    assert_eq!(answer["outcome"], "partial");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_ranges_and_what_has_the_wrong_form_are_refused_before_the_site_is_asked() {
    begin();
    let site = HeldSite::start().await;
    let server = Server::start(&site.url);
    let range: Vec<Value> = (1..6)
        .map(|n| json!({"alien_number": format!("A90000000{n}"), "country_of_birth": "Honduras"}))
        .collect();
    let list: Vec<Value> = (0..11)
        .map(|n| json!({"first_name": format!("Ana {}", char::from(b'a' + n)), "last_name": "Ejemplo", "country_of_birth": "Honduras"}))
        .collect();
    let stride: Vec<Value> = (0..20)
        .map(|n| json!({"alien_number": format!("A{}", 900_000_001 + 2 * n), "country_of_birth": "Honduras"}))
        .collect();
    let named = |first: &str, last: &str| json!({"first_name": first, "last_name": last, "country_of_birth": "Honduras"});
    let mut grid = Vec::new();
    let mut disguised = Vec::new();
    for first in ["Jose", "Maria", "Juan", "Ana", "Luis"] {
        for last in ["Garcia", "Lopez", "Perez", "Diaz"] {
            grid.push(named(first, last));
        }
        for (number, last) in ["Garcia", "Garcia -", "Garcia --"].iter().enumerate() {
            let middle = ["", " A", " B"][number];
            disguised.push(named(&format!("{first}{middle}"), last));
        }
    }
    let many: Vec<Value> = (0..21).map(|_| nobody()).collect();
    for (arguments, field, why) in [
        (json!({"requests": range}), "", "one case at a time"),
        (json!({"requests": list}), "", "one case at a time"),
        (json!({"requests": stride}), "", "one case at a time"),
        (json!({"requests": grid}), "", "one case at a time"),
        (json!({"requests": disguised}), "", "one case at a time"),
        (json!({"requests": many}), "requests", "1 to 20"),
        (json!({"requests": []}), "requests", "1 to 20"),
        (json!({"requests": "Ana"}), "requests", "1 to 20"),
        (json!({}), "requests", "1 to 20"),
        (
            json!({"requests": [nobody()], "max_concurrent": 50}),
            "max_concurrent",
            "max_concurrent: a whole number from 1 to 5",
        ),
        (
            json!({"requests": [nobody()], "max_concurrent": "2"}),
            "max_concurrent",
            "1 to 5",
        ),
        (
            json!({"requests": [nobody()], "continue_on_error": 1}),
            "continue_on_error",
            "true or false",
        ),
        (
            json!({"requests": [nobody()], "planted": 1}),
            "",
            "taken are: requests, max_concurrent, continue_on_error, language",
        ),
    ] {
        let reply = server.client.call(BULK, arguments).await;
        let answer = reply.answer();
        assert_eq!(answer["outcome"], "invalid", "{reply:?}");
        assert!(
            answer["reason"].as_str().unwrap().contains(why),
            "{reply:?}"
        );
        assert_eq!(answer["field"].as_str().unwrap_or_default(), field);
        assert_eq!(reply.result()["isError"], true);
        assert!(!reply.body.contains("planted"));
    }
    let report = json!({"report_type": "legal", "requests": range});
    server.client.call("generate_search_report", report).await;
    let metrics = server.metrics().await;
    for (tool, reason, refused) in [
        (BULK, "range", 2.0),
        (BULK, "list", 3.0),
        ("generate_search_report", "range", 1.0),
        ("generate_search_report", "list", 0.0),
    ] {
        let (tool, reason) = (format!("tool=\"{tool}\""), format!("reason=\"{reason}\""));
        let counted = value(
            &metrics,
            &["icelocator_enumerations_refused_total", &tool, &reason],
        );
        assert!(
            (counted - refused).abs() < 0.1,
            "{tool} {reason}: {metrics}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinics_clients_and_a_family_are_searched_for() {
    begin();
    let simulator = Simulator::start();
    let clients: Vec<Value> = (1..=20)
        .map(|n| {
            if n % 2 == 0 {
                let number = format!("A2{:08}", n * n * n * 9_973);
                return json!({"alien_number": number, "country_of_birth": "Peru"});
            }
            let first = ["Jose", "Rosa", "Wei"][n % 3];
            let last = ["Nadie Paz", "Nadie Rey", "Nadie Sol", "Nadie Mar", "Nadie Luz"][n % 5];
            json!({"first_name": first, "last_name": last, "country_of_birth": "Peru", "fuzzy_search": false})
        })
        .collect();
    let family: Vec<Value> = ["Ana", "Luis", "Rosa", "Juan", "Eva"]
        .map(|first| json!({"first_name": first, "last_name": "Ninguno", "country_of_birth": "Peru", "fuzzy_search": false}))
        .to_vec();
    for requests in [clients, family] {
        let server = Server::start(&simulator.url);
        let arguments = json!({"requests": requests, "max_concurrent": 5});
        let answer = server.client.call(BULK, arguments).await.answer();
        assert_eq!(answer["outcome"], "not_found", "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gave_a_token_hears_of_every_search_and_of_nobody() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let arguments = json!({"requests": [KNOWN.by_number(), nobody(), {}], "max_concurrent": 1});
    let token = json!({"progressToken": "how-far"});
    for client in [
        server.client.meta(&token),
        server.client.modern().meta(&token),
    ] {
        let reply = client.call(BULK, arguments.clone()).await;
        let events = events(&reply);
        let (answer, told) = events.split_last().unwrap();
        assert_eq!(answer["result"]["structuredContent"]["outcome"], "partial");
        assert_eq!(told.len(), 3, "{reply:?}");
        let mut last = 0.0;
        for told in told {
            assert_eq!(told["method"], "notifications/progress");
            assert_eq!(told["params"]["progressToken"], "how-far");
            assert_eq!(told["params"]["total"].as_f64(), Some(3.0));
            let progress = told["params"]["progress"].as_f64().unwrap();
            assert!(progress > last, "{told}");
            last = progress;
            let text = told.to_string();
            for secret in KNOWN.secrets() {
                assert!(!holds(&text, &secret), "{text}");
            }
        }
    }
    // Without a token there is nothing but the answer.
    let reply = server.client.call(BULK, arguments).await;
    assert_eq!(reply.answer()["outcome"], "partial");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_search_says_that_it_goes_on() {
    begin();
    let site = HeldSite::start().await;
    let server = Server::start(&site.url);
    let params = json!({
        "name": "search_detainee_by_alien_number", "arguments": KNOWN.by_number(),
        "_meta": {"progressToken": 7},
    });
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    // The head comes with the first word, and the site has said nothing yet.
    let mut response = server.client.open(body.to_string()).await.unwrap();
    let mut heard = String::new();
    while !heard.contains("notifications/progress") {
        let chunk = response.chunk().await.unwrap().unwrap();
        heard.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(heard.contains(r#""progressToken":7"#), "{heard}");
    site.let_go();
    while let Some(chunk) = response.chunk().await.unwrap() {
        heard.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(heard.contains(r#""outcome":"unavailable""#), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_ends_all_searches_at_once() {
    begin();
    let site = HeldSite::start().await;
    let server = Server::start(&site.url);
    let client = server.client.clone();
    let requests = json!([KNOWN.by_number(), nobody(), KNOWN.by_name()]);
    let call = tokio::spawn(async move { client.call(BULK, json!({"requests": requests})).await });
    site.asked().await;
    call.abort();
    server.process.says(&["call ended", "cancelled"]);
    let in_flight = &["icelocator_calls_in_flight"];
    server.until_metric(in_flight, |calls| calls < 0.5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_as_the_published_schema_says() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let tool = server.client.tool(BULK).await;
    let published = Published::of(&tool);
    for arguments in [
        json!({"requests": [KNOWN.by_number(), nobody(), failing("Nueva"), {}, nobody()]}),
        json!({"requests": [failing("Reto"), nobody()], "continue_on_error": false, "max_concurrent": 1}),
        json!({"requests": []}),
    ] {
        let answer = server.client.call(BULK, arguments).await.answer();
        published.assert_holds_of(&answer);
    }
    // What the tool says it takes, it takes.
    let input = jsonschema::validator_for(&tool["inputSchema"]).unwrap();
    assert!(input.is_valid(&json!({"requests": [KNOWN.by_number(), KNOWN.by_name()]})));
    assert!(!input.is_valid(&json!({"requests": [{"first_name": "Ana"}]})));
    let reply = Server::start(NOWHERE)
        .client
        .call(BULK, json!({"requests": [nobody()]}))
        .await;
    assert_eq!(reply.answer()["outcome"], "unavailable");
    assert_eq!(reply.result()["isError"], true);
}

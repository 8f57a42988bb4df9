//! What people are told: every outcome, in both languages, as the published schema says.

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use serde_json::{Value, json};

use crate::support::client::{Published, Reply};
use crate::support::people::KNOWN;
use crate::support::{Server, Simulator, begin};

const BY_NAME: &str = "search_detainee_by_name";
const BY_NUMBER: &str = "search_detainee_by_alien_number";

/// A question for each outcome that the simulator can be brought to, and whether it is an answer of the site.
fn questions() -> Vec<(&'static str, bool, Value)> {
    let name = |first: &str, last: &str, country: &str| json!({"first_name": first, "last_name": last, "country_of_birth": country});
    vec![
        ("found", true, KNOWN.by_name()),
        ("not_found", true, name("Nadie", "Ninguno", "Guatemala")),
        ("several", true, name("Maria", "Muestra", "Mexico")),
        ("challenged", false, name("Ana", "Falla-Reto", "Guatemala")),
        (
            "unavailable",
            false,
            name("Ana", "Falla-Caida", "Guatemala"),
        ),
        (
            "page_changed",
            false,
            name("Ana", "Falla-Nueva", "Guatemala"),
        ),
        (
            "invalid",
            false,
            json!({"first_name": "Ana", "country_of_birth": "Guatemala"}),
        ),
    ]
}

fn text(reply: &Reply) -> String {
    reply.result()["content"][0]["text"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_outcome_says_what_to_do_next_in_the_callers_language() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    for (outcome, is_answer, question) in questions() {
        let mut told = Vec::new();
        for language in ["en", "es"] {
            let mut question = question.clone();
            question["language"] = json!(language);
            let reply = server.client.call(BY_NAME, question).await;
            let answer = reply.answer();
            assert_eq!(answer["outcome"], outcome, "{reply:?}");
            assert_eq!(answer["language"], language);
            assert_eq!(reply.result()["isError"], !is_answer, "{outcome}");
            assert!(
                answer["as_of"]
                    .as_str()
                    .unwrap()
                    .parse::<jiff::Timestamp>()
                    .is_ok()
            );
            assert!(
                !answer["next_steps"].as_array().unwrap().is_empty(),
                "{outcome}"
            );
            for help in answer["help"].as_array().unwrap() {
                assert!(
                    help["url"].as_str().unwrap().starts_with("https://"),
                    "{help}"
                );
            }
            let people = answer["people"].as_array().unwrap().len();
            assert_eq!(
                people > 0,
                ["found", "several"].contains(&outcome),
                "{outcome}"
            );
            // The text says the same as the structure.
            let text = text(&reply);
            for part in [
                &answer["summary"],
                &answer["next_steps"][0],
                &answer["help"][0]["url"],
            ] {
                assert!(
                    text.contains(part.as_str().unwrap()),
                    "{part} is not in {text}"
                );
            }
            told.push(answer["summary"].as_str().unwrap().to_owned());
        }
        assert_ne!(told[0], told[1], "{outcome} is told in both languages");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_found_is_told_with_place_phone_and_what_if_moved() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let reply = server.client.call(BY_NUMBER, KNOWN.by_number()).await;
    let answer = reply.answer();
    let person = &answer["people"][0];
    assert!(
        person["facility"]["name"]
            .as_str()
            .unwrap()
            .contains(KNOWN.facility),
        "{person}"
    );
    assert_eq!(
        person["facility"]["phone"], KNOWN.phone,
        "from the site's page"
    );
    assert!(person["score"].is_number() && !person["reasons"].as_array().unwrap().is_empty());
    assert!(answer["if_moved"].is_string());
    let text = text(&reply);
    assert!(
        text.contains(KNOWN.phone) && text.contains(KNOWN.facility),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_birth_date_differs_is_never_found_and_says_so() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    // The simulator knows 1985-01-02: a figure, a year, day and month in each other's place, another day altogether.
    for birth in ["1985-01-03", "1986-01-02", "1985-02-01", "1971-07-08"] {
        for (language, differs) in [("en", "differs"), ("es", "es distinta")] {
            let mut question = KNOWN.by_name();
            question["date_of_birth"] = json!(birth);
            question["language"] = json!(language);
            let reply = server.client.call(BY_NAME, question).await;
            let answer = reply.answer();
            assert_eq!(answer["outcome"], "several", "{birth}");
            assert_eq!(answer["people"].as_array().unwrap().len(), 1, "{birth}");
            let (summary, step) = (&answer["summary"], &answer["next_steps"][0]);
            assert!(summary.as_str().unwrap().contains(differs), "{summary}");
            let check = ["check on a document", "compruebe en un documento"];
            assert!(
                check
                    .iter()
                    .any(|words| step.as_str().unwrap().contains(words)),
                "{step}"
            );
        }
    }
    let mut question = KNOWN.by_name();
    question["date_of_birth"] = json!(KNOWN.birth);
    let answer = server.client.call(BY_NAME, question).await.answer();
    assert_eq!(answer["outcome"], "found");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_more_people_than_are_shown_it_is_said_how_many_more() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let question =
        json!({"first_name": "Maria", "last_name": "Paginas", "country_of_birth": "Mexico"});
    let reply = server.client.call(BY_NAME, question).await;
    let answer = reply.answer();
    assert_eq!(answer["people"].as_array().unwrap().len(), 20);
    assert_eq!(answer["more_people"], 3);
    let step = answer["next_steps"][0].as_str().unwrap();
    assert!(step.contains("date of birth"), "{step}");
    let text = text(&reply);
    assert!(text.contains("not shown here: 3"), "{text}");
    let answer = server.client.call(BY_NAME, KNOWN.by_name()).await.answer();
    assert!(answer.get("more_people").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_found_by_name_alone_is_not_told_as_certain() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let mut question = KNOWN.by_name();
    let answer = server.client.call(BY_NAME, question.clone()).await.answer();
    assert_eq!(answer["outcome"], "found");
    let said = |answer: &Value, at: &str| answer.pointer(at).unwrap().as_str().unwrap().to_owned();
    assert!(said(&answer, "/summary").contains("not certain"));
    assert!(said(&answer, "/next_steps/0").contains("Compare the date of birth"));
    question["date_of_birth"] = json!(KNOWN.birth);
    for answer in [
        server.client.call(BY_NAME, question).await.answer(),
        server
            .client
            .call(BY_NUMBER, KNOWN.by_number())
            .await
            .answer(),
    ] {
        assert_eq!(said(&answer, "/summary"), "One person matches.");
        assert!(said(&answer, "/next_steps/0").contains("Call the facility"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_longer_held_or_is_nowhere_shown_is_not_to_be_called_for() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let released = json!({"alien_number": "A900000007", "country_of_birth": "Honduras"});
    for (language, steps) in [
        ("en", ["does not say which", "consulate"]),
        ("es", ["no dice cuál", "consulado"]),
    ] {
        let mut question = released.clone();
        question["language"] = json!(language);
        let reply = server.client.call(BY_NUMBER, question).await;
        let answer = reply.answer();
        assert_eq!(answer["people"][0]["status"], "released");
        assert!(answer.get("if_moved").is_none());
        let text = text(&reply);
        for step in steps {
            assert!(text.contains(step), "{step} in {text}");
        }
        for call in ["Call the facility", "Llame al centro"] {
            assert!(!text.contains(call), "{text}");
        }
        let report = json!({"report_type": "family", "results": [answer], "language": language});
        let report = server.client.call("generate_search_report", report).await;
        let report = report.answer()["report"].as_str().unwrap().to_owned();
        assert!(report.contains(steps[0]), "{report}");
        for call in ["Call the facility", "Llame al centro"] {
            assert!(!report.contains(call), "{report}");
        }
    }
    let bulk = server
        .client
        .call("bulk_search_detainees", json!({"requests": [released]}))
        .await;
    let text = text(&bulk);
    assert!(
        text.contains("does not say which") && !text.contains("Call the facility"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_finds_nobody_is_to_be_checked_not_spelled_otherwise() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let question = json!({"alien_number": "A100000009", "country_of_birth": "Guatemala"});
    let answer = server.client.call(BY_NUMBER, question).await.answer();
    assert_eq!(answer["outcome"], "not_found");
    let steps = answer["next_steps"].to_string();
    for part in ["each digit", "country of birth", "Search by name"] {
        assert!(steps.contains(part), "{steps}");
    }
    for part in ["Search by A-number", "spellings"] {
        assert!(!steps.contains(part), "{steps}");
    }
    let name =
        json!({"first_name": "Nadie", "last_name": "Ninguno", "country_of_birth": "Guatemala"});
    let answer = server.client.call(BY_NAME, name).await.answer();
    assert!(answer["next_steps"].to_string().contains("spellings"));
}

#[tokio::test(flavor = "multi_thread")]
async fn for_a_child_the_site_is_not_asked_and_the_answer_says_where_to_look() {
    begin();
    // Whoever asks this site hears that it is unavailable.
    let server = Server::start("http://127.0.0.1:1");
    let today = jiff::Zoned::now().date();
    let born = |years: i64| today.saturating_sub(jiff::Span::new().years(years).days(2));
    for (language, part) in [
        ("en", "does not list children"),
        ("es", "no muestra a menores"),
    ] {
        let question = json!({
            "first_name": "Nina", "last_name": "Menor Ejemplo", "country_of_birth": "Guatemala",
            "date_of_birth": born(17).to_string(), "language": language,
        });
        let reply = server.client.call(BY_NAME, question).await;
        let answer = reply.answer();
        assert_eq!(answer["outcome"], "invalid");
        assert_eq!(answer["invalid"]["field"], "date_of_birth");
        assert!(answer["people"].as_array().unwrap().is_empty());
        let text = text(&reply);
        for part in [part, "https://www.acf.hhs.gov/orr/", "18"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    let adult = json!({
        "first_name": "Nina", "last_name": "Menor Ejemplo", "country_of_birth": "Guatemala",
        "date_of_birth": born(18).to_string(),
    });
    let answer = server.client.call(BY_NAME, adult).await.answer();
    assert_eq!(answer["outcome"], "unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn times_and_details_are_told_as_people_say_them() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    for (language, as_of, needed, here) in [
        (
            "en",
            "As of 20",
            "Needed: country of birth (country_of_birth): ",
            "named here",
        ),
        (
            "es",
            "Consultado el 20",
            "Hace falta: país de nacimiento (country_of_birth): ",
            "se nombra aquí",
        ),
    ] {
        let mut question = KNOWN.by_name();
        question["language"] = json!(language);
        let told = text(&server.client.call(BY_NAME, question.clone()).await);
        let line = told.lines().find(|line| line.starts_with(as_of)).unwrap();
        // To the minute.
        assert!(line.ends_with(" UTC"), "{line}");
        assert_eq!(line.matches(':').count(), 1, "{line}");
        question.as_object_mut().unwrap().remove("country_of_birth");
        let told = text(&server.client.call(BY_NAME, question).await);
        assert!(told.contains(needed) && told.contains(here), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_found_comes_with_the_limits_of_the_site() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let question = json!({"alien_number": "A100000009", "country_of_birth": "Guatemala"});
    let reply = server.client.call(BY_NUMBER, question).await;
    let text = text(&reply);
    for limit in ["18", "60 days", "country of birth", "does not mean"] {
        assert!(text.contains(limit), "{limit} in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_call_of_the_newest_protocol_is_answered_the_same() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let mut older = server
        .client
        .call(BY_NUMBER, KNOWN.by_number())
        .await
        .answer();
    let mut newer = server
        .client
        .modern()
        .call(BY_NUMBER, KNOWN.by_number())
        .await
        .answer();
    for answer in [&mut older, &mut newer] {
        answer["as_of"] = json!(null);
    }
    assert_eq!(older, newer);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_as_the_published_schema_says() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let tools = server
        .client
        .request("tools/list", json!({}))
        .await
        .result();
    for tool in tools["tools"].as_array().unwrap() {
        let published = Published::of(tool);
        for (outcome, _, question) in questions() {
            let question = match tool["name"].as_str().unwrap() {
                BY_NAME => question,
                _ if outcome == "found" => KNOWN.by_number(),
                _ => continue,
            };
            let reply = server
                .client
                .call(tool["name"].as_str().unwrap(), question)
                .await;
            published.assert_holds_of(&reply.answer());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_wants_to_be_asked_more_slowly_is_told_with_how_long() {
    begin();
    for (seconds, wait) in [(120, "Wait 2 minutes,"), (50, "Wait 50 seconds,")] {
        slowed_down(seconds, wait).await;
    }
}

async fn slowed_down(seconds: u64, wait: &str) {
    let seconds_told = seconds.to_string();
    let slow_down = move || {
        let wait = [(RETRY_AFTER, seconds_told.clone())];
        async { (StatusCode::TOO_MANY_REQUESTS, wait) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let site = axum::Router::new().fallback(slow_down);
    tokio::spawn(axum::serve(listener, site).into_future());
    let server = Server::start(&url);
    let answer = server
        .client
        .call(BY_NUMBER, KNOWN.by_number())
        .await
        .answer();
    assert_eq!(answer["outcome"], "rate_limited");
    assert_eq!(answer["retry_after_seconds"], seconds);
    let step = answer["next_steps"][0].as_str().unwrap();
    assert!(step.starts_with(wait), "{step}");
}

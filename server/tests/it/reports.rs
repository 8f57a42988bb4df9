//! Reports: three types, three formats, two languages, of earlier answers and of searches made now.

use serde_json::{Value, json};

use crate::support::client::{Published, Reply};
use crate::support::people::KNOWN;
use crate::support::{Server, Simulator, begin};

const REPORT: &str = "generate_search_report";
const BY_NUMBER: &str = "search_detainee_by_alien_number";

#[tokio::test(flavor = "multi_thread")]
async fn every_type_format_and_language_is_made_of_earlier_answers() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let found = server
        .client
        .call(BY_NUMBER, KNOWN.by_number())
        .await
        .answer();
    let bulk = json!({"requests": [KNOWN.by_name(), {}]});
    let bulk = server
        .client
        .call("bulk_search_detainees", bulk)
        .await
        .answer();
    let published = Published::of(&server.client.tool(REPORT).await);
    for kind in ["legal", "family", "advocacy"] {
        for (format, mime_type) in [
            ("markdown", "text/markdown"),
            ("html", "text/html"),
            ("json", "application/json"),
        ] {
            for language in ["en", "es"] {
                let arguments = json!({
                    "report_type": kind, "format": format, "language": language,
                    "criteria": KNOWN.by_number(), "results": [found, bulk],
                });
                let reply = server.client.call(REPORT, arguments).await;
                let answer = reply.answer();
                published.assert_holds_of(&answer);
                assert_eq!(
                    (&answer["format"], &answer["mime_type"]),
                    (&json!(format), &json!(mime_type))
                );
                let report = answer["report"].as_str().unwrap();
                assert_eq!(reply.result()["content"][0]["text"], report);
                assert_eq!(report.contains(KNOWN.phone), kind != "advocacy", "{report}");
                assert_eq!(report.contains(KNOWN.last), kind != "advocacy", "{report}");
                assert!(report.contains(KNOWN.facility), "{report}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_can_search_for_itself() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let challenged =
        json!({"first_name": "Ana", "last_name": "Falla-Reto", "country_of_birth": "Guatemala"});
    let arguments = json!({"report_type": "legal", "requests": [KNOWN.by_number(), challenged]});
    let answer = server.client.call(REPORT, arguments).await.answer();
    assert_eq!(answer["outcome"], "partial");
    let report = answer["report"].as_str().unwrap();
    for part in [
        KNOWN.phone,
        KNOWN.number,
        "Falla-Reto",
        "not known",
        "searched for this report",
    ] {
        assert!(report.contains(part), "{part} in {report}");
    }
}

/// A list in a list, and so on.
fn nested() -> Value {
    (0..60).fold(json!(1), |inner, _| json!([inner]))
}

/// The rows under a title of a Markdown report, up to the next title.
fn part<'a>(report: &'a str, title: &str) -> &'a str {
    let begins = report
        .find(&format!("## {title}"))
        .unwrap_or_else(|| panic!("no {title} in {report}"));
    let part = &report[begins + 3..];
    part.split("\n## ").next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_search_that_several_may_match_warns_the_family() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let other = json!({"alien_number": "A900000005", "country_of_birth": "Haiti"});
    let namesakes =
        json!({"first_name": "Maria", "last_name": "Muestra", "country_of_birth": "Mexico"});
    for (requests, language, warning) in [
        (json!([KNOWN.by_number(), other]), "en", None),
        (
            json!([KNOWN.by_number(), namesakes]),
            "en",
            Some("More than one person may match"),
        ),
        (
            json!([namesakes]),
            "es",
            Some("Puede coincidir más de una persona"),
        ),
    ] {
        let arguments =
            json!({"report_type": "family", "requests": requests, "language": language});
        let answer = server.client.call(REPORT, arguments).await.answer();
        let report = answer["report"].as_str().unwrap();
        let place = match language {
            "es" => part(report, "Dónde está la persona"),
            _ => part(report, "Where the person is"),
        };
        match warning {
            Some(warning) => assert!(place.contains(warning), "{place}"),
            None => assert!(
                place.contains(KNOWN.last)
                    && place.contains("Exemple")
                    && !place.contains("may match"),
                "{place}"
            ),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lawyer_sees_which_search_named_whom_why_and_why_one_was_not_made() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let requests = json!([
        {"first_name": "Pepe", "last_name": "Muestra Garcia", "country_of_birth": "Honduras"},
        {"first_name": "Maria", "last_name": "Muestra", "country_of_birth": "Mexico"},
        {"alien_number": "A900000005"},
    ]);
    let bulk = json!({"requests": requests});
    let bulk = server.client.call("bulk_search_detainees", bulk).await;
    for made_of in [
        json!({"requests": requests}),
        json!({"results": [bulk.answer()]}),
    ] {
        let now = made_of.get("requests").is_some();
        let mut arguments = made_of;
        arguments["report_type"] = json!("legal");
        let answer = server.client.call(REPORT, arguments).await.answer();
        let report = answer["report"].as_str().unwrap();
        let facts = part(report, "Facts of the case");
        let people: Vec<&str> = facts.split("| Fact | Value |").skip(1).collect();
        assert_eq!(people.len(), 3, "{facts}");
        for (person, parts) in people.iter().zip([
            [
                "| Search | 1 |",
                "Muestra Garcia, Jose",
                "| Why | a name is a short or foreign form of the other",
            ],
            ["| Search | 2 |", "| Person | 1 of 2 |", "Muestra, Maria"],
            ["| Search | 2 |", "| Person | 2 of 2 |", "Muestra, Maria"],
        ]) {
            for part in parts {
                assert!(person.contains(part), "{part} in {person}");
            }
        }
        assert!(!people[0].contains("| Person |"), "{facts}");
        let outcomes = part(report, "Outcome of each search");
        let refused = outcomes.lines().find(|line| line.starts_with("| 3 |"));
        assert!(
            refused
                .is_some_and(|row| row.contains("Country of birth: the country of birth, such as")),
            "{outcomes}"
        );
        assert!(
            part(report, "Chronology").contains("Search 2: several may match"),
            "{report}"
        );
        if now {
            let asked = part(report, "Searched for");
            let tables: Vec<&str> = asked.split("| Fact | Value |").skip(1).collect();
            assert!(
                tables[0].contains("| Search | 1 |") && tables[0].contains("Pepe"),
                "{asked}"
            );
            assert!(
                tables[2].contains("| Search | 3 |") && tables[2].contains("A900000005"),
                "{asked}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_report_cannot_be_made_of_is_named_by_its_path() {
    begin();
    let simulator = Simulator::start();
    let server = Server::start(&simulator.url);
    let found = server
        .client
        .call(BY_NUMBER, KNOWN.by_number())
        .await
        .answer();
    let with = |more: Value| {
        let mut arguments = json!({"report_type": "legal", "results": [found]});
        arguments
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        arguments
    };
    let changed = |path: &str, value: Value| {
        let mut answer = found.clone();
        *answer.pointer_mut(path).unwrap() = value;
        with(json!({"results": [found, answer]}))
    };
    let published = Published::of(&server.client.tool(REPORT).await);
    for (arguments, field, expected) in [
        (json!({}), "report_type", "legal, family or advocacy"),
        (json!({"report_type": "legal"}), "results", "give either"),
        (
            with(json!({"report_type": "planted"})),
            "report_type",
            "legal, family or advocacy",
        ),
        (
            with(json!({"format": "planted"})),
            "format",
            "markdown, html or json",
        ),
        (with(json!({"language": "planted"})), "language", "en or es"),
        (
            with(json!({"criteria": "planted"})),
            "criteria",
            "an object of texts",
        ),
        (
            with(json!({"criteria": {"planted": 1}})),
            "criteria",
            "first_name, middle_name, last_name",
        ),
        (
            with(json!({"criteria": {"first_name": "x".repeat(101)}})),
            "criteria.first_name",
            "at most 100 characters",
        ),
        (with(json!({"results": []})), "results", "1 to 20 answers"),
        (
            with(json!({"results": "planted"})),
            "results",
            "1 to 20 answers",
        ),
        (
            with(json!({"results": [{"planted": 1}]})),
            "results[0].outcome",
            "as they are",
        ),
        (
            with(json!({"results": [nested()]})),
            "results[0]",
            "as they are",
        ),
        (
            with(json!({"results": vec![json!({}); 500]})),
            "results",
            "1 to 20 answers",
        ),
        (
            changed("/outcome", json!("planted")),
            "results[1].outcome",
            "as they are",
        ),
        (
            changed("/people/0/facility/name", json!(7)),
            "results[1].people[0].facility.name",
            "as they are",
        ),
        (
            with(json!({"requests": [KNOWN.by_number()]})),
            "results",
            "give either",
        ),
        (
            json!({"report_type": "legal", "requests": []}),
            "requests",
            "1 to 20 searches",
        ),
    ] {
        let reply = server.client.call(REPORT, arguments).await;
        assert_refused(&reply, field, expected);
        published.assert_holds_of(&reply.answer());
    }
}

/// Whether there is no report for what stands at this path, and it is said what must stand there.
fn assert_refused(reply: &Reply, field: &str, expected: &str) {
    let answer = reply.answer();
    assert_eq!(
        (&answer["made"], &answer["outcome"]),
        (&json!(false), &json!("invalid")),
        "{reply:?}"
    );
    assert_eq!(reply.result()["isError"], true);
    assert_eq!(answer["field"], field, "{reply:?}");
    let reason = answer["reason"].as_str().unwrap();
    assert!(
        reason.starts_with(&format!("{field}: ")) && reason.contains(expected),
        "{reason}"
    );
    assert!(reason.len() < 200, "{reason}");
    assert!(!reply.body.contains("planted"), "{reply:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_that_is_not_taken_is_told_by_the_one_that_may_be_meant() {
    begin();
    let server = Server::start("http://127.0.0.1:1");
    for (tool, arguments, field, meant) in [
        (
            REPORT,
            json!({"report_type": "legal", "criteria": {"nombre": "Planted"}, "results": [{}]}),
            json!("criteria"),
            "first_name",
        ),
        (
            REPORT,
            json!({"reportType": "legal", "results": [{}]}),
            json!(null),
            "report_type",
        ),
        (
            "bulk_search_detainees",
            json!({"requests": [KNOWN.by_number()], "maxConcurrent": 2}),
            json!(null),
            "max_concurrent",
        ),
    ] {
        let reply = server.client.call(tool, arguments).await;
        let answer = reply.answer();
        assert_eq!(answer["suggestion"], meant, "{reply:?}");
        assert_eq!(answer["field"], field, "{reply:?}");
        let text = reply.result()["content"][0]["text"].to_string();
        assert!(text.contains(&format!("Perhaps meant: {meant}")), "{text}");
        for given in ["nombre", "Planted", "reportType", "maxConcurrent"] {
            assert!(!reply.body.contains(given), "{reply:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_in_an_answer_are_no_links_in_a_report() {
    begin();
    let server = Server::start("http://127.0.0.1:1");
    let made_of = async |facility: Value| {
        let person = json!({"name": "Ejemplo, pay@evil.example", "facility": facility});
        let answer =
            json!({"outcome": "found", "as_of": "2026-11-23T09:00:00Z", "people": [person]});
        let arguments = json!({"report_type": "legal", "results": [answer]});
        server.client.call(REPORT, arguments).await.answer()
    };
    let facility = json!({"name": "www.evil.example", "url": "http://evil.example/pay"});
    let answer = made_of(facility).await;
    let report = answer["report"].as_str().unwrap();
    for address in ["www.evil", "http://evil", "pay@evil"] {
        assert!(!report.contains(address), "{address} in {report}");
    }
    assert!(report.contains("evil.example/pay"), "{report}");
    let script = json!({"name": "Ejemplo County", "url": "javascript:alert(1)"});
    assert_eq!(made_of(script).await["outcome"], "invalid");
}

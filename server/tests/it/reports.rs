//! Reports: three types, three formats, two languages, of earlier answers and of searches made now.

use serde_json::{Value, json};

use crate::support::client::Published;
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

#[tokio::test(flavor = "multi_thread")]
async fn what_a_report_cannot_be_made_of_is_refused_with_what_it_takes() {
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
    let mut deep = json!(1);
    for _ in 0..60 {
        deep = json!([deep]);
    }
    for arguments in [
        json!({}),
        json!({"report_type": "legal"}),
        with(json!({"report_type": "planted"})),
        with(json!({"report_type": 7})),
        with(json!({"format": "planted"})),
        with(json!({"language": "planted"})),
        with(json!({"planted": 1})),
        with(json!({"criteria": "planted"})),
        with(json!({"criteria": {"planted": 1}})),
        with(json!({"criteria": {"first_name": "x".repeat(101)}})),
        with(json!({"results": []})),
        with(json!({"results": "planted"})),
        with(json!({"results": [{"planted": 1}]})),
        with(json!({"results": [deep]})),
        with(json!({"results": vec![json!({}); 500]})),
        with(json!({"requests": [KNOWN.by_number()]})),
    ] {
        let reply = server.client.call(REPORT, arguments).await;
        let answer = reply.answer();
        assert_eq!(
            (&answer["made"], &answer["outcome"]),
            (&json!(false), &json!("invalid")),
            "{reply:?}"
        );
        assert_eq!(reply.result()["isError"], true);
        assert!(
            answer["reason"].as_str().unwrap().contains("report_type"),
            "{reply:?}"
        );
        assert!(!reply.body.contains("planted"), "{reply:?}");
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

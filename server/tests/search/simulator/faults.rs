//! What can go wrong with the stand-in site goes wrong just so, for the requests that are meant and no others.

use std::time::{Duration, Instant};

use icelocator_server::observe::Outcome;
use jiff::Timestamp;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::visitor::{NAME, Visitor, location, numbers};
use crate::support::{Searcher, Site, exact};

const HEADER: &str = "x-simulate-fault";

async fn plan(site: &Site, plan: &Value) -> (StatusCode, String) {
    let request = Client::new().put(format!("{}/-/faults", site.url));
    let response = request.json(plan).send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

#[tokio::test]
async fn faults_are_shown_switched_and_never_touch_the_probes() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let shown = async || visitor.page("/-/faults").await.1;
    site.fault("unavailable").await;
    assert!(shown().await.contains("unavailable"));
    assert_eq!(visitor.get("/").await.status(), 503);
    for probe in ["/livez", "/readyz"] {
        assert_eq!(visitor.get(probe).await.status(), 200);
    }
    site.delete("faults").await;
    assert!(!shown().await.contains("unavailable"));
    assert_eq!(visitor.get("/").await.status(), 200);
    for wrong in [
        json!({"fault": "fire"}),
        json!({"share": 2}),
        json!({"fualt": "slow"}),
        json!({"faults": [{"fault": "slow", "share": -1}]}),
    ] {
        let (status, says) = plan(&site, &wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(!says.is_empty());
        assert_eq!(visitor.get("/").await.status(), 200);
    }
}

#[tokio::test]
async fn a_header_spoils_one_request_and_spares_one_of_a_plan() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let with = async |fault: &str| {
        let request = visitor.asks_for("/").header(HEADER, fault);
        request.send().await.unwrap()
    };
    assert_eq!(with("unavailable").await.status(), 503);
    assert_eq!(visitor.get("/").await.status(), 200);
    site.fault("unavailable").await;
    assert_eq!(with("none").await.status(), 200);
    assert_eq!(with("challenge").await.status(), 403);
    let refused = with("fire").await;
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("no such fault"));
}

#[tokio::test]
async fn a_share_spoils_some_and_several_faults_act_together() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    plan(
        &site,
        &json!({"faults": [{"fault": "unavailable", "share": 0.5}]}),
    )
    .await;
    let mut spoiled = 0;
    for _ in 0..200 {
        spoiled += usize::from(visitor.get("/facilities/0").await.status() == 503);
    }
    assert!((50..150).contains(&spoiled), "{spoiled}");

    let both = json!({"faults": [{"fault": "slow", "delay": "50ms"}, {"fault": "charset"}]});
    assert_eq!(plan(&site, &both).await.0, 200);
    let began = Instant::now();
    let page = visitor.get("/").await.bytes().await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(50));
    assert!(std::str::from_utf8(&page).is_err());

    plan(&site, &json!({"delay": "50ms"})).await;
    for path in ["/", "/facilities/0", "/no-such-page"] {
        let began = Instant::now();
        visitor.get(path).await;
        assert!(began.elapsed() >= Duration::from_millis(50), "{path}");
    }
}

#[tokio::test]
async fn a_hasty_caller_is_asked_to_wait_in_seconds_or_until_a_date() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let wait = async |fault: &str| {
        let request = visitor.asks_for("/").header(HEADER, fault);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        response.headers()[RETRY_AFTER].to_str().unwrap().to_owned()
    };
    assert_eq!(wait("rate_limited;delay=7s").await, "7");
    let before = Timestamp::now();
    let date = wait("rate_limited_until;delay=90s").await;
    assert!(date.ends_with(" GMT"), "{date}");
    let until = jiff::fmt::rfc2822::parse(&date).unwrap().timestamp();
    let seconds = until.as_second() - before.as_second();
    assert!((89..=100).contains(&seconds), "{date}");
}

#[tokio::test]
async fn a_connection_is_closed_without_an_answer_or_in_the_midst_of_one() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let send = |fault: &'static str| visitor.asks_for("/").header(HEADER, fault).send();
    assert!(send("reset").await.is_err());
    let mut response = send("broken_off").await.unwrap();
    assert_eq!(response.status(), 200);
    let some = response.chunk().await.unwrap().unwrap();
    assert!(some.starts_with(b"<!doctype html>"));
    let rest = loop {
        match response.chunk().await {
            Ok(Some(_)) => {}
            other => break other,
        }
    };
    assert!(rest.is_err());
    // Packed pages as well.
    let packing = Client::new();
    for fault in ["reset", "broken_off"] {
        let request = packing.get(&site.url).header(HEADER, fault);
        let page = async { request.send().await?.text().await };
        assert!(page.await.is_err(), "{fault}");
    }
    assert_eq!(visitor.get("/").await.status(), 200);
}

#[tokio::test]
async fn spoiled_pages_are_what_they_are_called() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let token = visitor.token().await;
    let fields = [&[("csrf_token", token.as_str())], &NAME[..]].concat();
    let right = visitor.ask(&fields).await.1;
    let spoiled = async |fault: &str| {
        let request = visitor.searches_for(&fields).header(HEADER, fault);
        request.send().await.unwrap().bytes().await.unwrap()
    };
    let cut = spoiled("truncated").await;
    assert!(right.as_bytes().starts_with(&cut) && cut.len() < right.len());
    assert!(String::from_utf8_lossy(&cut).contains("900000001"));

    let huge = spoiled("huge").await;
    assert!(huge.len() > 16 * 1024 * 1024);
    assert!(huge.starts_with(b"<!doctype html>") && huge.ends_with(b"</html>\n"));

    let broken = spoiled("broken_html").await;
    let broken = String::from_utf8_lossy(&broken);
    assert!(!broken.contains("</") && broken.matches('"').count() % 2 == 1);

    let changed = spoiled("page_changed").await;
    assert!(String::from_utf8_lossy(&changed).contains("Our new website"));
}

#[tokio::test]
async fn a_token_expires_on_request_and_ends_the_session() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let token = visitor.token().await;
    let fields = [&[("csrf_token", token.as_str())], &NAME[..]].concat();
    let request = visitor
        .searches_for(&fields)
        .header(HEADER, "token_expired");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(response.text().await.unwrap().contains("session-expired"));
    assert_eq!(visitor.ask(&fields).await.0, StatusCode::FORBIDDEN);
    assert_eq!(visitor.ask_anew(&NAME).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_search_is_redirected_to_its_result_or_to_another_site() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let token = visitor.token().await;
    let fields = [&[("csrf_token", token.as_str())], &NAME[..]].concat();
    let ask = async |fault: &str| {
        let request = visitor.searches_for(&fields).header(HEADER, fault);
        request.send().await.unwrap()
    };
    let response = ask("redirect").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let (status, page) = visitor.page(&location(&response)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(numbers(&page), ["900000001"]);
    // Nothing but searches has a result to go to.
    let form = visitor.asks_for("/").header(HEADER, "redirect");
    assert_eq!(form.send().await.unwrap().status(), 200);

    let response = ask("redirect_elsewhere").await;
    assert_eq!(response.status(), StatusCode::FOUND);
    assert!(location(&response).starts_with("http://elsewhere.invalid/"));
}

#[tokio::test]
async fn a_surname_spoils_its_own_search_only() {
    let site = Site::simulated().await;
    let visitor = Visitor::of(&site);
    let token = visitor.token().await;
    let ask = async |surname: &str| {
        let fields = [
            ("csrf_token", token.as_str()),
            ("first_name", "Ana"),
            ("last_name", surname),
            ("country", "Guatemala"),
        ];
        let response = visitor.searches_for(&fields).send().await;
        response.map(|response| response.status().as_u16())
    };
    for (surname, status) in [
        ("Falla-Caida", 503),
        ("Falla-Reto", 403),
        ("Falla-Prisa", 429),
        ("falla-fecha", 429),
        ("Falla-Vuelta", 303),
        ("Falla-Lejos", 302),
        ("Ejemplo", 200),
    ] {
        assert_eq!(ask(surname).await.unwrap(), status, "{surname}");
    }
    assert!(ask("Falla-Muda").await.is_err());
    assert_eq!(ask("Falla-Vencida").await.unwrap(), 403);
}

#[tokio::test]
async fn no_fault_is_told_as_another_and_none_but_harmless_ones_as_not_found() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    for (surname, outcome) in [
        ("Falla-Fecha", Outcome::RateLimited),
        ("Falla-Rota", Outcome::PageChanged),
        ("Falla-Enorme", Outcome::PageChanged),
        ("Falla-Muda", Outcome::Unavailable),
        ("Falla-Partida", Outcome::Unavailable),
        ("Falla-Vencida", Outcome::PageChanged),
        ("Falla-Lejos", Outcome::PageChanged),
        // Its result is on this site: nobody has that name.
        ("Falla-Vuelta", Outcome::NotFound),
    ] {
        let answer = searcher.name(exact("Ana", surname, "Guatemala")).await;
        assert_eq!(answer.outcome, outcome, "{surname}");
    }
}

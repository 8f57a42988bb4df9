//! Whatever keeps the site from answering has its own outcome, and none of them is "not found".

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use icelocator_config::Duration as Span;
use icelocator_server::observe::Outcome;

use crate::support::{FORM, HANGS, Searcher, Site, exact, fuzzy, results};

/// A site whose form is right and whose answers are these.
async fn answering(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Site {
    let search = post(move || async move { answer() });
    let form = get(|| async { Html(FORM) });
    Site::serving(Router::new().route("/", form).route("/search", search)).await
}

fn anybody() -> icelocator_server::search::NameQuery {
    exact("Ana", "Ejemplo", "Guatemala")
}

#[tokio::test]
async fn each_fault_of_the_site_has_its_outcome_and_its_count() {
    let site = Site::simulated().await;
    for (fault, outcome, result) in [
        ("unavailable", Outcome::Unavailable, "unavailable"),
        ("challenge", Outcome::Challenged, "challenged"),
        ("page_changed", Outcome::PageChanged, "page_changed"),
        ("rate_limited", Outcome::RateLimited, "rate_limited"),
        ("truncated", Outcome::PageChanged, "page_changed"),
        ("slow", Outcome::Unavailable, "timeout"),
    ] {
        // With a session, and without one.
        for step in ["search", "form"] {
            let searcher = Searcher::with(&site.url, |settings| {
                settings.timeout = Span::from_secs(1);
            });
            if step == "search" {
                let known = searcher.number("A900000001", "Guatemala").await;
                assert_eq!(known.outcome, Outcome::Found, "{fault}");
            }
            site.fault(fault).await;
            let answer = searcher
                .name(fuzzy("Ana Lucia", "Ejemplo Prueba", "gt"))
                .await;
            assert_eq!(answer.outcome, outcome, "{fault} at {step}");
            assert!(answer.people.is_empty());
            let labels = [("step", step), ("result", result)];
            for name in [
                "icelocator_upstream_requests_total",
                "icelocator_upstream_request_duration_seconds_count",
            ] {
                let count = searcher.counted(name, &labels);
                // A site that is down may be asked again, as far as the time allows; no other.
                let most = if fault == "unavailable" { 3.1 } else { 1.1 };
                assert!(count > 0.9 && count < most, "{name} {labels:?}: {count}");
            }
            let wait = (fault == "rate_limited").then_some(Duration::from_secs(7));
            assert_eq!(answer.retry_after, wait, "{fault}");

            site.delete("faults").await;
            let answer = searcher
                .name(fuzzy("Ana Lucia", "Ejemplo Prueba", "gt"))
                .await;
            // What the site asked for holds for every question that follows.
            let after = match fault {
                "rate_limited" => Outcome::RateLimited,
                _ => Outcome::Found,
            };
            assert_eq!(answer.outcome, after, "after {fault}");
        }
    }
}

#[tokio::test]
async fn a_surname_brings_its_fault_to_its_own_search() {
    let site = Site::simulated().await;
    for (surname, outcome) in [
        ("Falla-Caida", Outcome::Unavailable),
        ("Falla-Reto", Outcome::Challenged),
        ("Falla-Nueva", Outcome::PageChanged),
        ("Falla-Prisa", Outcome::RateLimited),
        ("Falla-Corta", Outcome::PageChanged),
        ("Falla-Letra", Outcome::NotFound),
    ] {
        let searcher = Searcher::with(&site.url, |settings| settings.timeout = Span::from_secs(2));
        let answer = searcher.name(exact("Ana", surname, "Guatemala")).await;
        assert_eq!(answer.outcome, outcome, "{surname}");
    }
}

#[tokio::test]
async fn every_status_that_is_no_answer_is_told_apart() {
    const EMPTY: &str = r#"<main id="locator-results"><p class="no-results">0</p></main><footer id="end"></footer>"#;
    const VERIFY: &str = "<h1>Verify you are human</h1>";
    for (status, page, outcome) in [
        (200, EMPTY, Outcome::NotFound),
        (200, "", Outcome::PageChanged),
        (200, VERIFY, Outcome::Challenged),
        (204, "", Outcome::PageChanged),
        (302, "", Outcome::PageChanged),
        (400, "", Outcome::PageChanged),
        (401, "", Outcome::Challenged),
        (403, "", Outcome::Challenged),
        (404, "", Outcome::PageChanged),
        (429, EMPTY, Outcome::RateLimited),
        (429, VERIFY, Outcome::Challenged),
        (500, EMPTY, Outcome::Unavailable),
        (502, "", Outcome::Unavailable),
        (503, VERIFY, Outcome::Challenged),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let site = answering(move || (status, Html(page)).into_response()).await;
        let answer = Searcher::of(&site).name(anybody()).await;
        assert_eq!(answer.outcome, outcome, "{status} {page}");
    }
}

#[tokio::test]
async fn a_site_that_cannot_be_reached_is_unavailable() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let answer = Searcher::with(&url, |_| {}).name(anybody()).await;
    assert_eq!(answer.outcome, Outcome::Unavailable);
}

#[tokio::test]
async fn a_connection_that_breaks_within_the_page_is_unavailable() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.read(&mut [0; 1024]).await;
            let _ = socket
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n<html>")
                .await;
        }
    });
    let answer = Searcher::with(&url, |_| {}).name(anybody()).await;
    assert_eq!(answer.outcome, Outcome::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_too_large_or_too_deep_are_given_up_in_good_time() {
    let began = Instant::now();
    let mut pages = vec!["x".repeat(16 * 1024 * 1024)];
    for tag in [
        "<div>",
        "<b>",
        "<p><b>",
        "<a><table><td>",
        "<svg><p>",
        "<table>",
        "<div></x>",
        "<b x></i>",
        "<p a=\"\"b=''c d/e>",
    ] {
        // As large as is read at all, and as deep.
        pages.push(tag.repeat(2_000_000 / tag.len()));
        pages.push(tag.repeat(9_000 / tag.matches('<').count()));
        pages.push(tag.repeat(1_900));
    }
    // Tags behind what looks like the middle of another one, and tags that each paragraph repeats.
    for before in ["<!--<b x=\"-->", "<p a==\">"] {
        pages.push(before.to_owned() + &"<div>".repeat(300_000));
    }
    let open: Vec<_> = (0..1_500).map(|i| format!("<b a{i}>")).collect();
    pages.push(format!("<p>{}{}", open.concat(), "</p><p>x".repeat(3_000)));
    for page in pages {
        let start: String = page.chars().take(20).collect();
        let site = answering(move || Html(page.clone()).into_response()).await;
        let answer = Searcher::of(&site).name(anybody()).await;
        assert_eq!(answer.outcome, Outcome::PageChanged, "{start}");
    }
    assert!(began.elapsed() < 2 * HANGS, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_search_that_stops_half_way_is_not_told_as_nobody() {
    // The first spelling is answered with nobody, the second not at all.
    let site = Site::serving(Router::new().route("/", get(|| async { Html(FORM) })).route(
        "/search",
        post(|form: String| async move {
            if form.contains("first_name=Jose+Luis") {
                Html(r#"<main id="locator-results"><p class="no-results"></p></main><footer id="end"></footer>"#)
                    .into_response()
            } else {
                (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "60")]).into_response()
            }
        }),
    ))
    .await;
    let answer = Searcher::of(&site)
        .name(fuzzy("José Luis", "Ejemplo", "Guatemala"))
        .await;
    assert_eq!(answer.outcome, Outcome::Unavailable);
    assert_eq!(answer.retry_after, Some(Duration::from_mins(1)));
    let lookups = answer.facts.lookups;
    assert!(lookups > 1 && site.searches() == usize::try_from(lookups).unwrap());
}

#[tokio::test]
async fn a_search_that_runs_out_of_time_tells_what_it_learnt_as_a_part() {
    // Somebody who may be the one at first, then the locator does not answer any more.
    let found = results(
        r#"<table class="results"><tbody><tr><td class="name">Ejemplo, Jose</td><td class="a-number">900000002</td><td class="country">Guatemala</td></tr></tbody></table>"#,
    );
    let asked = Arc::new(AtomicUsize::new(0));
    let search = post(move || {
        let (found, first) = (found.clone(), asked.fetch_add(1, Ordering::SeqCst) == 0);
        async move {
            if !first {
                std::future::pending::<()>().await;
            }
            Html(found)
        }
    });
    let form = get(|| async { Html(FORM) });
    let site = Site::serving(Router::new().route("/", form).route("/search", search)).await;
    let searcher = Searcher::with(&site.url, |settings| {
        settings.timeout = Span::from_secs(1);
    });
    let began = Instant::now();
    let answer = searcher
        .name(fuzzy("José Luis", "Ejemplo Muestra", "Guatemala"))
        .await;
    assert_eq!(answer.outcome, Outcome::Partial);
    assert_eq!(answer.people.len(), 1);
    // The site's slowness is not waited out for each spelling.
    assert!(began.elapsed() < HANGS / 2, "{:?}", began.elapsed());
}

#[tokio::test]
async fn somebody_else_than_was_asked_for_makes_the_page_unknown() {
    let other = r#"<main id="locator-results"><table class="results"><tbody><tr><td class="name">Otra, Ana</td><td class="a-number">900000002</td></tr></tbody></table></main><footer id="end"></footer>"#;
    let site = answering(move || Html(other).into_response()).await;
    let answer = Searcher::of(&site).number("A900000001", "Guatemala").await;
    assert_eq!(answer.outcome, Outcome::PageChanged);
    assert!(answer.people.is_empty());
}

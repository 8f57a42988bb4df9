//! An answer on several pages is whole or told as a part, never silently short.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};
use icelocator_config::Duration as Span;
use icelocator_server::observe::Outcome;
use serde::Deserialize;

use crate::support::{FORM, Searcher, Site, exact, results};

#[derive(Deserialize)]
struct Which {
    page: u32,
}

/// People `from` to `to`, a link to the next page, and a total.
fn page(people: std::ops::Range<u32>, next: Option<&str>, total: Option<u32>) -> String {
    let mut rows = String::new();
    for number in people {
        let _ = write!(
            rows,
            r#"<tr><td class="name">Muestra, Ana</td><td class="a-number">9000{number:05}</td><td class="country">Guatemala</td></tr>"#
        );
    }
    let next = next.map_or(String::new(), |href| {
        format!(r#"<nav class="pages"><a class="next" href="{href}">more</a></nav>"#)
    });
    let total = total.map_or(String::new(), |total| {
        format!(r#"<p class="result-count" data-total="{total}">{total}</p>"#)
    });
    results(&format!(
        r#"{total}<table class="results"><tbody>{rows}</tbody></table>{next}"#
    ))
}

/// A site whose pages after the first are these.
async fn paged(
    first: String,
    other: impl Fn(u32) -> Response + Clone + Send + Sync + 'static,
) -> Site {
    let form = get(|| async { Html(FORM) });
    let more = move |Query(Which { page }): Query<Which>| async move { other(page) };
    let search = post(move || async move { Html(first) }).get(more);
    Site::serving(Router::new().route("/", form).route("/search", search)).await
}

fn html(page: String) -> Response {
    Html(page).into_response()
}

fn query() -> icelocator_server::search::NameQuery {
    exact("Ana", "Muestra", "Guatemala")
}

#[tokio::test]
async fn people_on_later_pages_are_read_too_and_remembered_together() {
    let first = page(0..5, Some("/search?page=2"), Some(12));
    let site = paged(first, |number| match number {
        2 => html(page(5..10, Some("?page=3"), Some(12))),
        _ => html(page(10..12, None, Some(12))),
    })
    .await;
    let searcher = Searcher::of(&site);
    let answer = searcher.name(query()).await;
    assert_eq!(
        (answer.outcome, answer.people.len()),
        (Outcome::Several, 12)
    );
    assert_eq!(answer.facts.pages, 3);
    assert_eq!(answer.facts.strategy, Some("direct"));
    let asked = searcher.counted(
        "icelocator_upstream_requests_total",
        &[("step", "page"), ("result", "ok")],
    );
    assert!((asked - 2.0).abs() < 0.1, "{asked}");
    let again = searcher.name(query()).await;
    assert_eq!((again.people.len(), site.searches()), (12, 3));
    assert_eq!((again.facts.remembered, again.facts.pages), (1, 0));
}

#[tokio::test]
async fn what_was_read_before_a_page_that_fails_is_told_as_a_part_and_not_remembered() {
    for (status, pages, wait) in [
        (
            StatusCode::FORBIDDEN,
            "<form id=\"challenge-form\"></form>".to_owned(),
            false,
        ),
        (
            StatusCode::OK,
            "<p id=\"session-expired\"></p>".to_owned(),
            false,
        ),
        (StatusCode::OK, "<h1>new</h1>".to_owned(), false),
        (StatusCode::TOO_MANY_REQUESTS, String::new(), true),
        (StatusCode::OK, crate::support::nobody(), false),
    ] {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let said = pages.clone();
        let site = paged(page(0..5, Some("/search?page=2"), Some(10)), move |_| {
            // The second time it is whole.
            if count.fetch_add(1, Ordering::SeqCst) == 0 {
                (status, Html(said.clone())).into_response()
            } else {
                html(page(5..10, None, Some(10)))
            }
        })
        .await;
        let searcher = Searcher::with(&site.url, |settings| settings.timeout = Span::from_secs(5));
        let part = searcher.name(query()).await;
        assert_eq!(
            (part.outcome, part.people.len()),
            (Outcome::Partial, 5),
            "{pages}"
        );
        assert!(part.retry_after.is_none() || wait);
        let whole = searcher.name(query()).await;
        assert_eq!(
            (whole.outcome, whole.people.len()),
            (Outcome::Several, 10),
            "{pages}"
        );
    }
}

#[tokio::test]
async fn a_total_that_does_not_agree_is_never_told_as_the_whole() {
    for (people, total, outcome) in [
        (2, 2, Outcome::Several),
        (2, 3, Outcome::Partial),
        (2, 1, Outcome::Partial),
    ] {
        let site = paged(page(0..people, None, Some(total)), |_| {
            StatusCode::NOT_FOUND.into_response()
        })
        .await;
        let answer = Searcher::of(&site).name(query()).await;
        assert_eq!(answer.outcome, outcome, "{people} of {total}");
    }
    let none =
        results(r#"<p class="no-results">0</p><p class="result-count" data-total="4">4</p>"#);
    let site = paged(none, |_| StatusCode::NOT_FOUND.into_response()).await;
    let answer = Searcher::of(&site).name(query()).await;
    assert_eq!(answer.outcome, Outcome::PageChanged);
}

#[tokio::test]
async fn pages_without_end_and_in_circles_are_followed_so_far_and_no_further() {
    let endless = paged(page(0..1, Some("/search?page=2"), None), |number| {
        let next = format!("/search?page={}", number + 1);
        html(page(number..number + 1, Some(&next), None))
    })
    .await;
    let answer = Searcher::of(&endless).name(query()).await;
    assert_eq!(
        (answer.outcome, answer.people.len()),
        (Outcome::Partial, 10)
    );
    assert_eq!(endless.searches(), 10);

    let circle = paged(page(0..1, Some("/search?page=2"), None), |_| {
        html(page(1..2, Some("/search?page=2"), None))
    })
    .await;
    let answer = Searcher::of(&circle).name(query()).await;
    assert_eq!(answer.outcome, Outcome::Partial);
    assert_eq!(circle.searches(), 2);

    let elsewhere = page(0..1, Some("https://elsewhere.example/search?page=2"), None);
    let site = paged(elsewhere, |_| StatusCode::NOT_FOUND.into_response()).await;
    let answer = Searcher::of(&site).name(query()).await;
    assert_eq!(answer.outcome, Outcome::PageChanged);
}

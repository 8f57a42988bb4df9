//! One session with the site for everybody, renewed when it ends; asked as what we are, and only there.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Redirect};
use axum::routing::{get, post};
use futures::future::join_all;
use icelocator_config::Duration as Span;
use icelocator_server::observe::Outcome;
use tracing::Instrument as _;

use crate::support::{FORM, Searcher, Site, exact, fuzzy, person};

#[tokio::test]
async fn a_session_serves_many_searches_and_is_renewed_when_it_ends() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    for number in ["A900000001", "A900000002", "A900000003"] {
        searcher.number(number, "Guatemala").await;
    }
    assert_eq!((site.forms(), site.searches()), (1, 3));
    site.delete("sessions").await;
    let answer = searcher
        .name(fuzzy("Jose", "Muestra Garcia", "Honduras"))
        .await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!((site.forms(), site.searches()), (2, 5));
    let ok = searcher.counted("icelocator_upstream_requests_total", &[("result", "ok")]);
    assert!((ok - 7.0).abs() < 0.1, "{ok}");
}

#[tokio::test]
async fn a_site_that_takes_back_every_session_is_asked_twice_and_not_for_ever() {
    let expired = || async {
        (
            StatusCode::FORBIDDEN,
            Html(r#"<p id="session-expired"></p>"#),
        )
    };
    let form = get(|| async { Html(FORM) });
    let router = Router::new()
        .route("/", form)
        .route("/search", post(expired));
    let site = Site::serving(router).await;
    let answer = Searcher::of(&site)
        .name(exact("Ana", "Ejemplo", "gt"))
        .await;
    assert_eq!(answer.outcome, Outcome::PageChanged);
    assert_eq!((site.forms(), site.searches()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_each_get_their_own_answer_while_sessions_end() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    let people = [
        ("A900000001", "Guatemala", "900000001"),
        ("A900000002", "Honduras", "900000002"),
        ("A900000003", "Mexico", "900000003"),
        ("A900000005", "Haiti", "900000005"),
        ("A777", "China", "000000777"),
    ];
    let asked = people
        .iter()
        .cycle()
        .take(100)
        .map(|(number, country, digits)| {
            let searcher = &searcher;
            async move {
                let answer = searcher.number(number, country).await;
                assert_eq!(answer.outcome, Outcome::Found);
                assert_eq!(person(&answer)["alien_number"], *digits);
            }
        });
    let (_, ()) = tokio::join!(join_all(asked), site.delete("sessions"));
    let names = (0..40u8).map(|number| {
        let name = format!(
            "Nadia{}{}",
            char::from(b'a' + number % 20),
            if number < 20 { "x" } else { "y" }
        );
        let searcher = &searcher;
        async move { searcher.name(exact(&name, "Ninguno", "Cuba")).await.outcome }
    });
    let outcomes = join_all(names).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::NotFound));
    assert!(site.forms() <= 4, "{} sessions", site.forms());
}

#[tokio::test]
async fn everybody_who_waits_for_a_session_waits_no_longer_than_one_lookup_may() {
    let never = || async { std::future::pending::<StatusCode>().await };
    let site = Site::serving(Router::new().route("/", get(never))).await;
    let searcher = Searcher::with(&site.url, |settings| settings.timeout = Span::from_secs(1));
    let began = Instant::now();
    let asked = (b'a'..b'k').map(|letter| {
        let name = format!("Ana{}", char::from(letter));
        let searcher = &searcher;
        async move { searcher.name(exact(&name, "Ejemplo", "gt")).await.outcome }
    });
    let outcomes = join_all(asked).await;
    assert!(
        outcomes
            .iter()
            .all(|outcome| *outcome == Outcome::Unavailable)
    );
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_site_sees_who_asks_and_nothing_of_our_traces() {
    let seen: Arc<Mutex<Vec<HeaderMap>>> = Arc::default();
    let record = {
        let seen = Arc::clone(&seen);
        move |request: Request| async move {
            seen.lock().unwrap().push(request.headers().clone());
            Html(FORM)
        }
    };
    let site = Site::serving(Router::new().fallback(record)).await;
    let span = tracing::info_span!("caller");
    Searcher::of(&site)
        .name(exact("Ana", "Ejemplo", "gt"))
        .instrument(span)
        .await;
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    for headers in seen.iter() {
        let agent = headers["user-agent"].to_str().unwrap();
        assert!(agent.starts_with("IceLocator/") && agent.contains(env!("CARGO_PKG_VERSION")));
        let allowed = [
            "accept",
            "accept-encoding",
            "content-length",
            "content-type",
            "host",
            "user-agent",
        ];
        for name in headers.keys() {
            assert!(allowed.contains(&name.as_str()), "{name} is sent");
        }
    }
}

#[tokio::test]
async fn a_question_does_not_follow_a_redirect_to_another_site() {
    let elsewhere = Site::serving(Router::new().fallback(|| async { Html(FORM) })).await;
    let target = format!("{}/search", elsewhere.url);
    let redirect = move || async move { Redirect::temporary(&target).into_response() };
    let form = get(|| async { Html(FORM) });
    let router = Router::new()
        .route("/", form)
        .route("/search", post(redirect));
    let site = Site::serving(router).await;
    let answer = Searcher::of(&site)
        .name(exact("Ana", "Ejemplo", "gt"))
        .await;
    assert_eq!(answer.outcome, Outcome::PageChanged);
    assert_eq!(elsewhere.searches(), 0);
}

#[tokio::test]
async fn redirects_within_the_site_are_followed_and_do_not_go_round_for_ever() {
    let form = get(|| async { Html(FORM) });
    let empty =
        r#"<main id="locator-results"><p class="no-results"></p></main><footer id="end"></footer>"#;
    let router = Router::new()
        .route("/", form.clone())
        .route("/search", post(|| async { Redirect::to("/result") }))
        .route("/result", get(move || async move { Html(empty) }));
    let site = Site::serving(router).await;
    let answer = Searcher::of(&site)
        .name(exact("Ana", "Ejemplo", "gt"))
        .await;
    assert_eq!(answer.outcome, Outcome::NotFound);

    let round = || async { Redirect::to("/round") };
    let router = Router::new()
        .route("/", form)
        .route("/search", post(round))
        .route("/round", get(round));
    let site = Site::serving(router).await;
    let answer = Searcher::of(&site)
        .name(exact("Ana", "Ejemplo", "gt"))
        .await;
    assert_eq!(answer.outcome, Outcome::PageChanged);
}

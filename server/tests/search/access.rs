//! The site is asked at a pace, within a budget, not at all while it fails or asked to wait, and again where that helps.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};
use icelocator_config::{
    Access, CircuitBreaker, Duration as Span, Pacing, Ratio, Reloadable, Strategy,
};
use icelocator_server::observe::Outcome;
use icelocator_server::search::{NameQuery, Surroundings};
use tokio::sync::watch;

use crate::support::{FORM, HANGS, Searcher, Site, eventually, exact, nobody};

fn access(strategies: &[Strategy]) -> Access {
    Access {
        strategies: strategies.to_vec(),
        requests_per_minute: None,
        pacing: None,
        egress_proxies: None,
        circuit_breaker: None,
    }
}

/// Somebody else each time: the cache must not answer.
fn somebody(number: usize) -> NameQuery {
    let letters: String = number
        .to_string()
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect();
    exact("Ana", &format!("Nadie{letters}"), "Guatemala")
}

/// A site whose answers are made by `answer`, told how many there were before.
async fn answering(answer: impl Fn(usize) -> Response + Clone + Send + Sync + 'static) -> Site {
    let count = Arc::new(AtomicUsize::new(0));
    let search = post(move || {
        let response = answer(count.fetch_add(1, Ordering::SeqCst));
        async move { response }
    });
    let form = get(|| async { Html(FORM) });
    Site::serving(Router::new().route("/", form).route("/search", search)).await
}

fn fine() -> Response {
    Html(nobody()).into_response()
}

fn down() -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

fn live(requests: u32, replicas: u32) -> (watch::Sender<Reloadable>, Surroundings) {
    let (live, reloadable) = watch::channel(budget(requests, replicas));
    let surroundings = Surroundings {
        reloadable,
        ..Surroundings::default()
    };
    (live, surroundings)
}

fn budget(requests: u32, replicas: u32) -> Reloadable {
    Reloadable {
        replicas,
        requests_per_minute: Some(requests),
        ..Reloadable::default()
    }
}

#[tokio::test]
async fn a_failure_of_a_moment_is_mended_by_asking_again() {
    for status in [502, 503, 504] {
        let site = answering(move |before| match before {
            0 | 1 => StatusCode::from_u16(status).unwrap().into_response(),
            _ => fine(),
        })
        .await;
        let searcher = Searcher::of(&site);
        let answer = searcher.name(somebody(0)).await;
        assert_eq!(answer.outcome, Outcome::NotFound, "{status}");
        assert_eq!((answer.facts.retries, site.searches()), (2, 3));
        let again = searcher.counted("icelocator_upstream_retries_total", &[("reason", "down")]);
        assert!((again - 2.0).abs() < 0.1, "{again}");
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_is_made_again() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for number in 0.. {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            let read = socket.read(&mut head).await.unwrap_or(0);
            // The first of each two is dropped without a word.
            if number % 2 == 0 {
                continue;
            }
            let page = if head[..read].starts_with(b"GET") {
                FORM.to_owned()
            } else {
                nobody()
            };
            let response = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{page}",
                page.len()
            );
            let _ = socket.write_all(response.as_bytes()).await;
            let _ = socket.shutdown().await;
        }
    });
    let searcher = Searcher::with(&url, |_| {});
    let answer = searcher.name(somebody(0)).await;
    assert_eq!(
        (answer.outcome, answer.facts.retries),
        (Outcome::NotFound, 2)
    );
}

#[tokio::test]
async fn what_asking_again_does_not_mend_is_asked_once() {
    for (status, page) in [
        (200, "<h1>new</h1>"),
        (403, ""),
        (429, ""),
        (500, ""),
        (501, ""),
        (503, r#"<form id="challenge-form"></form>"#),
    ] {
        let site =
            answering(move |_| (StatusCode::from_u16(status).unwrap(), Html(page)).into_response())
                .await;
        let answer = Searcher::of(&site).name(somebody(0)).await;
        assert_ne!(answer.outcome, Outcome::NotFound);
        assert_eq!((answer.facts.retries, site.searches()), (0, 1), "{status}");
    }
}

#[tokio::test]
async fn a_short_wait_that_the_site_asks_for_is_waited_by_everybody() {
    for status in [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ] {
        let site = answering(move |before| match before {
            0 => (status, [(header::RETRY_AFTER, "1")]).into_response(),
            _ => fine(),
        })
        .await;
        let searcher = Searcher::of(&site);
        let (one, other) = tokio::join!(searcher.name(somebody(0)), searcher.name(somebody(1)));
        assert_eq!(one.outcome, Outcome::NotFound, "{status}");
        assert_eq!(other.outcome, Outcome::NotFound, "{status}");
    }
}

#[tokio::test]
async fn while_the_site_asked_for_a_long_wait_nobody_asks_it_and_everybody_is_told() {
    let site = answering(|_| {
        (
            StatusCode::TOO_MANY_REQUESTS,
            [(header::RETRY_AFTER, "600")],
        )
            .into_response()
    })
    .await;
    let searcher = Searcher::of(&site);
    for number in 0..5 {
        let answer = searcher.name(somebody(number)).await;
        assert_eq!(answer.outcome, Outcome::RateLimited);
        let wait = answer.retry_after.unwrap();
        assert!(
            wait > Duration::from_secs(500) && wait <= Duration::from_mins(10),
            "{wait:?}"
        );
    }
    assert_eq!(site.searches(), 1);
    let refused = searcher.counted("icelocator_upstream_refused_total", &[("reason", "site")]);
    assert!((refused - 4.0).abs() < 0.1, "{refused}");
}

#[tokio::test]
async fn a_spent_budget_is_told_with_the_time_to_wait_and_a_new_one_takes_effect_at_once() {
    let site = answering(|_| fine()).await;
    // A request in ten minutes.
    let (live, surroundings) = live(1, 10);
    let searcher = Searcher::within(&site.url, |_| {}, surroundings);
    let answer = searcher.name(somebody(0)).await;
    assert_eq!(answer.outcome, Outcome::RateLimited);
    let wait = answer.retry_after.unwrap();
    assert!(
        wait > Duration::from_mins(9) && wait <= Duration::from_mins(10),
        "{wait:?}"
    );
    assert_eq!((site.forms(), site.searches()), (1, 0));
    live.send_replace(budget(6_000, 1));
    let answer = searcher.name(somebody(1)).await;
    assert_eq!(answer.outcome, Outcome::NotFound);
    live.send_replace(budget(1, 1_000));
    let outcomes = [
        searcher.name(somebody(2)).await.outcome,
        searcher.name(somebody(3)).await.outcome,
    ];
    assert!(outcomes.contains(&Outcome::RateLimited), "{outcomes:?}");
}

#[tokio::test]
async fn paced_lookups_beyond_what_fits_before_their_deadline_are_told_so_at_once() {
    let site = answering(|_| fine()).await;
    let searcher = Searcher::with(&site.url, |settings| {
        settings.timeout = Span::from_secs(3);
        settings.access = Some(Access {
            pacing: Some(Pacing {
                min_interval: Span::from_secs(1),
                jitter: Span::from_secs(0),
            }),
            ..access(&[Strategy::Paced])
        });
    });
    // The form, and the session with it.
    assert_eq!(searcher.name(somebody(0)).await.outcome, Outcome::NotFound);
    let before = site.searches();
    let asked = (1..=12).map(|number| searcher.name(somebody(number)));
    let answers = futures::future::join_all(asked).await;
    let (told, let_through): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.outcome == Outcome::RateLimited);
    let served = let_through
        .iter()
        .filter(|answer| answer.outcome == Outcome::NotFound)
        .count();
    assert!((1..=4).contains(&served), "{served}");
    // The last may be let through so late that its deadline passes before the site has seen or answered it.
    assert!(let_through.len() - served <= 1, "{}", let_through.len());
    let seen = site.searches() - before;
    assert!((served..=let_through.len()).contains(&seen), "{seen}");
    assert!(told.iter().all(|answer| answer.retry_after.is_some()));
    let paced = searcher.counted(
        "icelocator_upstream_requests_total",
        &[("strategy", "paced")],
    );
    assert!(paced > 1.9, "{paced}");
}

#[tokio::test]
async fn a_site_that_keeps_failing_is_left_alone_and_then_tried_by_one() {
    let is_down = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let state = Arc::clone(&is_down);
    let site = answering(move |_| {
        if state.load(Ordering::SeqCst) {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        } else {
            fine()
        }
    })
    .await;
    let searcher = Searcher::with(&site.url, |settings| {
        settings.access = Some(Access {
            circuit_breaker: Some(CircuitBreaker {
                failure_ratio: Ratio::per_mille(500),
                window: Span::from_mins(1),
                open_for: Span::from_secs(1),
            }),
            ..access(&[Strategy::Direct])
        });
    });
    for number in 0..30 {
        let answer = searcher.name(somebody(number)).await;
        assert_eq!(answer.outcome, Outcome::Unavailable);
    }
    let asked = site.searches();
    assert!((9..=12).contains(&asked), "{asked}");
    let state = || searcher.counted("icelocator_breaker_state", &[]);
    assert!((state() - 2.0).abs() < 0.1, "{}", state());
    let answer = searcher.name(somebody(99)).await;
    assert!(
        answer
            .retry_after
            .is_some_and(|wait| wait <= Duration::from_secs(1))
    );
    is_down.store(false, Ordering::SeqCst);
    eventually("it closes", || async {
        searcher.name(somebody(100)).await.outcome == Outcome::NotFound
    })
    .await;
    assert!(state() < 0.1);
    for to in ["open", "half_open", "closed"] {
        let turned = searcher.counted("icelocator_breaker_transitions_total", &[("to", to)]);
        assert!(turned > 0.9, "{to}: {turned}");
    }
}

#[tokio::test]
async fn memory_alone_never_asks_the_site_and_never_says_nobody() {
    let site = answering(|_| fine()).await;
    let searcher = Searcher::with(&site.url, |settings| {
        settings.access = Some(access(&[Strategy::Cached]));
    });
    let answer = searcher.name(somebody(0)).await;
    assert_eq!(answer.outcome, Outcome::Unavailable);
    assert_eq!((site.forms(), site.searches()), (0, 0));
    let searcher = Searcher::with(&site.url, |settings| {
        settings.access = Some(access(&[Strategy::Cached, Strategy::Direct]));
    });
    for remembered in [0, 1] {
        let answer = searcher.name(somebody(0)).await;
        assert_eq!(answer.outcome, Outcome::NotFound);
        assert_eq!(answer.facts.remembered, remembered);
    }
    assert_eq!(site.searches(), 1);
}

#[tokio::test]
async fn callers_who_go_away_leave_nothing_behind() {
    let site = answering(|_| fine()).await;
    let searcher = Searcher::with(&site.url, |settings| {
        settings.timeout = Span::from_secs(20);
        settings.access = Some(Access {
            pacing: Some(Pacing {
                min_interval: Span::from_millis(300),
                jitter: Span::from_secs(0),
            }),
            ..access(&[Strategy::Paced])
        });
    });
    assert_eq!(searcher.name(somebody(0)).await.outcome, Outcome::NotFound);
    for number in 1..=200 {
        let gone = tokio::time::timeout(Duration::from_millis(1), searcher.name(somebody(number)));
        let _ = gone.await;
    }
    // Had they kept their turns this would be a minute ahead.
    let answer = tokio::time::timeout(HANGS / 2, searcher.name(somebody(999))).await;
    assert_eq!(answer.unwrap().outcome, Outcome::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_site_is_asked_by_few_at_once_however_many_call() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (under_way, peak) = (Arc::clone(&now), Arc::clone(&most));
    let slow = move || async move {
        peak.fetch_max(
            under_way.fetch_add(1, Ordering::SeqCst) + 1,
            Ordering::SeqCst,
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
        under_way.fetch_sub(1, Ordering::SeqCst);
        Html(nobody())
    };
    let form = get(|| async { Html(FORM) });
    let site = Site::serving(Router::new().route("/", form).route("/search", post(slow))).await;
    let searcher = Searcher::of(&site);
    let asked = (0..200).map(|number| searcher.name(somebody(number)));
    let answers = futures::future::join_all(asked).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.outcome == Outcome::NotFound)
    );
    let most = most.load(Ordering::SeqCst);
    assert!((2..=16).contains(&most), "{most}");
}

#[tokio::test]
async fn a_site_that_is_down_for_good_is_unavailable_within_the_time_of_a_lookup() {
    let site = answering(|_| down()).await;
    let answer = Searcher::of(&site).name(somebody(0)).await;
    assert_eq!(answer.outcome, Outcome::Unavailable);
    assert_eq!(site.searches(), 3);
}

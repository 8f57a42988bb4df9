//! Requests leave through the proxies that the service's operator lists, and through no other; one that fails is left alone.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _};
use axum::routing::{get, post};
use icelocator_config::{Access, EgressProxies, Locator, Rotation, SecretKeyRef, Strategy};
use icelocator_server::observe::Outcome;
use icelocator_server::search::{NameQuery, Search};
use opentelemetry::global;

use crate::proxy::Proxy;
use crate::support::{FORM, Folder, Searcher, Site, eventually, exact, nobody};

fn list(folder: &Folder, lines: &[String]) {
    folder.write(
        "egress",
        "proxies.txt",
        &format!("# ours\n{}\n", lines.join("\n")),
    );
}

fn through(strategies: &[Strategy], rotation: Rotation) -> impl FnOnce(&mut Locator) {
    let access = Access {
        strategies: strategies.to_vec(),
        requests_per_minute: None,
        pacing: None,
        egress_proxies: Some(EgressProxies {
            secret_ref: SecretKeyRef {
                name: "egress".to_owned(),
                key: "proxies.txt".to_owned(),
            },
            rotation,
        }),
        circuit_breaker: None,
    };
    move |settings| settings.access = Some(access)
}

fn somebody(number: usize) -> NameQuery {
    let letters: String = number
        .to_string()
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect();
    exact("Ana", &format!("Nadie{letters}"), "Guatemala")
}

#[tokio::test]
async fn both_kinds_of_proxy_take_their_password_and_lead_to_the_site() {
    for proxy in [Proxy::http().await, Proxy::socks().await] {
        let site = Site::simulated().await;
        let folder = Folder::new();
        list(&folder, &[proxy.line()]);
        let searcher = Searcher::within(
            &site.url,
            through(&[Strategy::Proxied], Rotation::RoundRobin),
            folder.surroundings(),
        );
        let answer = searcher.number("A900000001", "Guatemala").await;
        assert_eq!(answer.outcome, Outcome::Found);
        assert_eq!(answer.facts.strategy, Some("proxied"));
        assert!(proxy.served() >= 1 && proxy.refused() == 0);
        for (name, labels) in [
            (
                "icelocator_upstream_requests_total",
                [("strategy", "proxied"), ("result", "ok")],
            ),
            (
                "icelocator_proxy_requests_total",
                [("proxy", proxy.name()), ("result", "ok")],
            ),
        ] {
            let count = searcher.counted(name, &labels);
            assert!((count - 2.0).abs() < 0.1, "{name}: {count}");
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_the_proxys_failure_and_never_nobody() {
    for proxy in [Proxy::http().await, Proxy::socks().await] {
        let site = Site::simulated().await;
        let folder = Folder::new();
        list(&folder, &[proxy.wrong_line()]);
        let searcher = Searcher::within(
            &site.url,
            through(&[Strategy::Proxied], Rotation::RoundRobin),
            folder.surroundings(),
        );
        let answer = searcher.name(somebody(0)).await;
        assert_eq!(answer.outcome, Outcome::Unavailable);
        assert!(proxy.refused() >= 1 && proxy.served() == 0);
        assert_eq!(site.forms(), 0);
        let failed = searcher.counted("icelocator_proxy_requests_total", &[("result", "failed")]);
        assert!(failed > 0.9, "{failed}");
    }
}

#[tokio::test]
async fn a_site_with_tls_is_reached_by_connect() {
    let proxy = Proxy::http().await;
    let site = Site::simulated().await;
    let folder = Folder::new();
    list(&folder, &[proxy.line()]);
    let url = site.url.replace("http:", "https:");
    let searcher = Searcher::within(
        &url,
        through(&[Strategy::Proxied], Rotation::RoundRobin),
        folder.surroundings(),
    );
    // What is behind it speaks no TLS: the tunnel is made, with the password, and nothing is said in the open.
    let answer = searcher.name(somebody(0)).await;
    assert_eq!(answer.outcome, Outcome::Unavailable);
    assert!(proxy.connects() >= 1 && proxy.served() == proxy.connects());
    assert_eq!(site.forms() + site.searches(), 0);
}

#[tokio::test]
async fn each_proxy_has_a_session_of_its_own_and_its_turn() {
    let cookies: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&cookies);
    let form = get(move || {
        let number = uuid::Uuid::new_v4();
        async move {
            (
                [(header::SET_COOKIE, format!("session={number}"))],
                Html(FORM),
            )
        }
    });
    let search = post(move |request: Request| {
        let cookie = request
            .headers()
            .get(header::COOKIE)
            .map(|cookie| cookie.to_str().unwrap().to_owned());
        seen.lock().unwrap().push(cookie.unwrap_or_default());
        async { Html(nobody()) }
    });
    let site = Site::serving(Router::new().route("/", form).route("/search", search)).await;
    let proxies = [
        Proxy::http().await,
        Proxy::socks().await,
        Proxy::http().await,
    ];
    let folder = Folder::new();
    list(&folder, &proxies.each_ref().map(Proxy::line));
    let searcher = Searcher::within(
        &site.url,
        through(&[Strategy::Proxied], Rotation::RoundRobin),
        folder.surroundings(),
    );
    for number in 0..9 {
        assert_eq!(
            searcher.name(somebody(number)).await.outcome,
            Outcome::NotFound
        );
    }
    assert!(proxies.iter().all(|proxy| proxy.served() >= 1));
    let cookies = cookies.lock().unwrap();
    let different: HashSet<_> = cookies.iter().collect();
    assert_eq!((different.len(), cookies.len(), site.forms()), (3, 9, 3));
}

/// A site that knows nobody.
async fn empty_site() -> Site {
    Site::serving(
        Router::new()
            .route("/", get(|| async { Html(FORM) }))
            .route("/search", post(|| async { Html(nobody()) })),
    )
    .await
}

#[tokio::test]
async fn of_several_that_work_the_fastest_is_used_once_each_is_known() {
    let site = empty_site().await;
    let slow = Proxy::slow(Duration::from_millis(300)).await;
    let (fast, other) = (
        Proxy::http().await,
        Proxy::slow(Duration::from_millis(150)).await,
    );
    let folder = Folder::new();
    list(&folder, &[slow.line(), fast.line(), other.line()]);
    let searcher = Searcher::within(
        &site.url,
        through(&[Strategy::Proxied], Rotation::LeastLatency),
        folder.surroundings(),
    );
    let requests = |proxy: &Proxy| {
        searcher.counted(
            "icelocator_proxy_requests_total",
            &[("proxy", proxy.name())],
        )
    };
    // Each is tried for a form and a search at most before its speed is known.
    for number in 0..20 {
        let answer = searcher.name(somebody(number)).await;
        assert_eq!(answer.outcome, Outcome::NotFound);
    }
    let (slow, fast, other) = (requests(&slow), requests(&fast), requests(&other));
    assert!(slow > 0.9 && other > 0.9, "{slow} {other}");
    assert!(
        slow < 4.1 && other < 4.1 && fast > 15.0,
        "{slow} {other} {fast}"
    );
}

#[tokio::test]
async fn of_several_one_that_fails_is_left_alone() {
    let site = empty_site().await;
    let (good, bad) = (Proxy::http().await, Proxy::http().await);
    let folder = Folder::new();
    list(&folder, &[bad.wrong_line(), good.line()]);
    let searcher = Searcher::within(
        &site.url,
        through(&[Strategy::Proxied], Rotation::RoundRobin),
        folder.surroundings(),
    );
    for number in 0..12 {
        assert_eq!(
            searcher.name(somebody(number)).await.outcome,
            Outcome::NotFound,
            "{number}"
        );
    }
    // Left alone after three failures.
    let number = AtomicUsize::new(100);
    let labels = [("proxy", bad.name())];
    eventually("it is left alone", || async {
        searcher.counted("icelocator_proxy_healthy", &labels) < 0.1 || {
            searcher
                .name(somebody(number.fetch_add(1, Ordering::SeqCst)))
                .await;
            false
        }
    })
    .await;
    assert!(searcher.counted("icelocator_proxy_ejections_total", &labels) > 0.9);
    assert!(searcher.counted("icelocator_proxy_healthy", &[("proxy", good.name())]) > 0.9);
}

#[tokio::test]
async fn where_no_proxy_works_the_next_way_is_used_and_a_proxy_that_is_back_is_used_again() {
    let site = Site::simulated().await;
    let proxy = Proxy::http().await;
    let folder = Folder::new();
    list(&folder, &[proxy.line()]);
    let ways = [Strategy::Proxied, Strategy::Direct];
    let searcher = Searcher::within(
        &site.url,
        through(&ways, Rotation::RoundRobin),
        folder.surroundings(),
    );
    proxy.set_broken(true);
    for number in 0..6 {
        let answer = searcher.name(somebody(number)).await;
        assert_eq!(
            (answer.outcome, answer.facts.strategy),
            (Outcome::NotFound, Some("direct"))
        );
    }
    proxy.set_broken(false);
    let number = AtomicUsize::new(6);
    eventually("the proxy is used again", || async {
        let number = number.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(200)).await;
        searcher.name(somebody(number)).await.facts.strategy == Some("proxied")
    })
    .await;
}

#[tokio::test]
async fn no_other_way_is_taken_to_evade_what_the_site_has_answered() {
    for (status, page, outcome) in [
        (
            403,
            r#"<form id="challenge-form"></form>"#,
            Outcome::Challenged,
        ),
        (429, "", Outcome::RateLimited),
        (200, "<h1>new</h1>", Outcome::PageChanged),
        (500, "", Outcome::Unavailable),
    ] {
        let answer = move || async move {
            (StatusCode::from_u16(status).unwrap(), Html(page)).into_response()
        };
        let site = Site::serving(
            Router::new()
                .route("/", get(|| async { Html(FORM) }))
                .route("/search", post(answer)),
        )
        .await;
        let proxies = [Proxy::http().await, Proxy::socks().await];
        let folder = Folder::new();
        list(&folder, &proxies.each_ref().map(Proxy::line));
        for ways in [
            [Strategy::Proxied, Strategy::Direct],
            [Strategy::Direct, Strategy::Proxied],
        ] {
            let searcher = Searcher::within(
                &site.url,
                through(&ways, Rotation::RoundRobin),
                folder.surroundings(),
            );
            let before = site.searches();
            let answer = searcher.name(somebody(0)).await;
            assert_eq!(answer.outcome, outcome);
            assert_eq!(site.searches() - before, 1, "{status} by {ways:?}");
        }
    }
}

#[tokio::test]
async fn a_list_that_changes_takes_effect_and_a_wrong_one_does_not() {
    let site = Site::simulated().await;
    let (first, second) = (Proxy::http().await, Proxy::socks().await);
    let folder = Folder::new();
    list(&folder, &[first.line()]);
    let searcher = Searcher::within(
        &site.url,
        through(&[Strategy::Proxied], Rotation::RoundRobin),
        folder.surroundings(),
    );
    assert_eq!(searcher.name(somebody(0)).await.outcome, Outcome::NotFound);
    list(&folder, &["secret nonsense".to_owned()]);
    // It is looked at within this time, and every search is answered all the while.
    let number = AtomicUsize::new(1_000);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        let somebody = somebody(number.fetch_add(1, Ordering::SeqCst));
        assert_eq!(searcher.name(somebody).await.outcome, Outcome::NotFound);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    list(&folder, &[second.line()]);
    let number = AtomicUsize::new(2);
    eventually("the new proxy is used", || async {
        let number = number.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(100)).await;
        searcher.name(somebody(number)).await;
        second.served() > 0
    })
    .await;
}

#[tokio::test]
async fn a_list_that_is_missing_or_wrong_is_named_before_anything_is_served() {
    let site = Site::simulated().await;
    let error = |folder: &Folder| {
        let mut settings = Locator::at(site.url.parse().unwrap());
        through(&[Strategy::Proxied], Rotation::RoundRobin)(&mut settings);
        let search = Search::new(&settings, &global::meter("test"), folder.surroundings());
        match search {
            Ok(_) => panic!("taken"),
            Err(error) => error.to_string(),
        }
    };
    let folder = Folder::new();
    let missing = error(&folder);
    assert!(
        missing.starts_with("access.egressProxies: ") && missing.contains("egress/proxies.txt"),
        "{missing}"
    );
    list(&folder, &["http://ana:hidden@".to_owned()]);
    let wrong = error(&folder);
    assert!(
        wrong.starts_with("access.egressProxies: line 2: ") && !wrong.contains("hidden"),
        "{wrong}"
    );
}

//! Answers are remembered for a while; failures are not.

use std::time::Duration;

use futures::future::join_all;
use icelocator_config::Duration as Span;
use icelocator_server::observe::Outcome;

use crate::support::{HANGS, Searcher, Site, exact};

const CACHE: &str = "icelocator_cache_lookups_total";

#[tokio::test]
async fn an_answer_is_reused_with_the_time_it_was_given() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    let first = searcher.number("A900000001", "Guatemala").await;
    let again = searcher.number("a 900 000 001", "GT").await;
    assert_eq!(again.outcome, Outcome::Found);
    assert_eq!(again.as_of, first.as_of);
    assert_eq!((first.facts.remembered, again.facts.remembered), (0, 1));
    assert_eq!(site.searches(), 1);
    for result in ["hit", "miss"] {
        let count = searcher.counted(CACHE, &[("result", result)]);
        assert!((count - 1.0).abs() < 0.1, "{result}: {count}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_questions_at_one_time_are_one_request() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    let asked = (0..50).map(|_| searcher.number("A900000001", "Guatemala"));
    let answers = join_all(asked).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.outcome == Outcome::Found)
    );
    assert_eq!((site.forms(), site.searches()), (1, 1));
    let misses = searcher.counted(CACHE, &[("result", "miss")]);
    assert!((misses - 1.0).abs() < 0.1, "{misses}");
}

#[tokio::test]
async fn one_who_goes_away_does_not_take_the_answer_of_those_who_wait() {
    let site = Site::simulated().await;
    site.fault("slow").await;
    let searcher = Searcher::of(&site);
    let gone = tokio::time::timeout(
        Duration::from_millis(200),
        searcher.number("A900000001", "Guatemala"),
    );
    let waits = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        searcher.number("A900000001", "Guatemala").await
    };
    let release = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        site.delete("faults").await;
    };
    let (gone, answer, ()) = tokio::join!(gone, waits, release);
    assert!(gone.is_err());
    assert_eq!(answer.outcome, Outcome::Found);
}

#[tokio::test]
async fn nobody_is_forgotten_sooner_than_somebody() {
    let site = Site::simulated().await;
    let searcher = Searcher::with(&site.url, |settings| {
        settings.cache.not_found_ttl = Span::from_millis(50);
    });
    searcher.number("A900000001", "Guatemala").await;
    let nobody = || searcher.name(exact("Nadia", "Ninguno", "Guatemala"));
    nobody().await;
    let forgotten = async {
        while nobody().await.facts.remembered > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(HANGS, forgotten).await.unwrap();
    let known = searcher.number("A900000001", "Guatemala").await;
    assert_eq!(known.facts.remembered, 1);
}

#[tokio::test]
async fn a_lifetime_of_nothing_reuses_nothing() {
    let site = Site::simulated().await;
    let searcher = Searcher::with(&site.url, |settings| {
        settings.cache.ttl = Span::from_secs(0);
    });
    for _ in 0..3 {
        searcher.number("A900000001", "Guatemala").await;
    }
    assert_eq!(site.searches(), 3);
}

#[tokio::test]
async fn a_failure_is_forgotten_at_once() {
    let site = Site::simulated().await;
    let searcher = Searcher::of(&site);
    site.fault("challenge").await;
    let challenged = searcher.number("A900000001", "Guatemala").await;
    assert_eq!(challenged.outcome, Outcome::Challenged);
    site.delete("faults").await;
    let found = searcher.number("A900000001", "Guatemala").await;
    assert_eq!(found.outcome, Outcome::Found);
}

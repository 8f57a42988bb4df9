//! What a destination may do to us, and that delivery resumes by itself.

use std::time::Duration;

use icelocator_delivery::{Settings, State};
use tokio::time::Instant;

use crate::place::{Manner, OK, Place};
use crate::{Bench, file, single, until};

#[tokio::test(start_paused = true)]
async fn what_the_destination_may_have_got_is_sent_again() {
    for (manner, failure) in [
        (Manner::Answer(500, ""), "told_to_retry"),
        (Manner::Answer(503, ""), "told_to_retry"),
        (Manner::Answer(429, ""), "told_to_retry"),
        (Manner::Reset, "broken"),
        (Manner::Silence, "timeout"),
    ] {
        let place = Place::open().await;
        place.next([manner]);
        let bench = Bench::new(place.address, single());
        bench.put(["one", "two"]);
        until("it failed", || bench.health().state == State::Failing).await;
        assert_eq!(bench.health().last_failure, Some(failure));
        bench.settled().await;
        assert_eq!(place.lines(), ["one", "one", "two"], "{failure}");
        assert_eq!(bench.ended("delivered"), 2);
        assert_eq!(
            bench.metric("icelocator_sink_retries_total{sink=\"lines\"}"),
            1
        );
        assert_eq!(bench.health().state, State::Ok);
    }
}

#[tokio::test(start_paused = true)]
async fn rests_grow_and_after_three_retries_that_batch_is_given_up() {
    let place = Place::open().await;
    place.next(vec![Manner::Answer(500, ""); 4]);
    let bench = Bench::new(place.address, single());
    let began = Instant::now();
    bench.put(["poison", "next"]);
    until("it is given up", || bench.ended("retries_exhausted") == 1).await;
    // 1, 2 and 4 s, each a fifth more or less.
    let rested = began.elapsed().as_secs_f64();
    assert!((5.6..8.5).contains(&rested), "{rested}");
    bench.settled().await;
    // 8 s more: another batch is no reason to hurry.
    let rested = began.elapsed().as_secs_f64();
    assert!((12.0..18.1).contains(&rested), "{rested}");
    assert_eq!(
        place.lines(),
        ["poison", "poison", "poison", "poison", "next"]
    );
    assert_eq!(bench.ended("delivered"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_asked_for_is_granted_within_bounds() {
    for (headers, least, most) in [
        ("retry-after: 20\r\n", 20, 20),
        ("retry-after: 0\r\n", 1, 1),
        ("retry-after: 99999\r\n", 120, 120),
        ("retry-after: Fri, 01 Jan 2038 00:00:00 GMT\r\n", 120, 120),
        ("retry-after: Thu, 01 Jan 1998 00:00:00 GMT\r\n", 1, 1),
        ("retry-after: soon\r\n", 0, 1),
    ] {
        let place = Place::open().await;
        place.next([Manner::Answer(429, headers)]);
        let bench = Bench::new(place.address, single());
        let began = Instant::now();
        bench.put(["item"]);
        bench.settled().await;
        let waited = began.elapsed().as_secs();
        assert!((least..=most).contains(&waited), "{headers}{waited}");
        assert_eq!(bench.ended("delivered"), 1, "{headers}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_not_sent_again_and_holds_up_nothing() {
    // A redirect is not followed: nobody vouches for where it leads.
    for manner in [
        Manner::Answer(400, ""),
        Manner::Answer(413, ""),
        Manner::Answer(302, "location: /elsewhere\r\n"),
    ] {
        let place = Place::open().await;
        place.next([manner]);
        let bench = Bench::new(place.address, single());
        let began = Instant::now();
        bench.put(["bad", "good"]);
        bench.settled().await;
        assert_eq!(place.lines(), ["bad", "good"]);
        assert!(began.elapsed() < Duration::from_secs(1));
        assert_eq!(bench.ended("refused"), 1);
        assert_eq!(bench.ended("delivered"), 1);
        assert_eq!(bench.health().last_failure, Some("refused"));
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_not_there_loses_nothing_that_has_room_and_gets_it_when_back() {
    let address = Place::nowhere().await;
    let bench = Bench::new(address, Settings::default());
    let items: Vec<String> = (0..500).map(|number| number.to_string()).collect();
    bench.put(items.iter().map(String::as_str));
    tokio::time::sleep(Duration::from_mins(10)).await;
    let health = bench.health();
    assert_eq!(health.state, State::Failing);
    assert_eq!(health.last_failure, Some("unreachable"));
    assert_eq!((health.queued, health.dropped), (500, 0));
    // A try in 24 to 36 s, after the first few.
    let tries = bench.metric("icelocator_sink_retries_total{sink=\"lines\"}");
    assert!((15..=30).contains(&tries), "{tries}");

    let place = Place::at(address).await;
    bench.settled().await;
    assert_eq!(place.lines(), items);
    assert_eq!(bench.health().state, State::Ok);
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_awaited_and_followed() {
    let place = Place::open().await;
    let path = file("a_secret_is_awaited_and_followed");
    let secret = Some(path.clone());
    let bench = Bench::new(place.address, Settings { secret, ..single() });
    bench.put(["item"]);
    until("it waits", || bench.health().state == State::Waiting).await;
    assert_eq!(bench.health().last_failure, Some("no_secret"));

    std::fs::write(&path, "not\u{1}a header").unwrap();
    until("it still waits", || {
        bench.health().last_failure == Some("bad_secret")
    })
    .await;
    assert!(place.came().is_empty(), "nothing is sent without a secret");

    place.always(Manner::Answer(403, ""));
    std::fs::write(&path, "old\n").unwrap();
    until("it is not known", || {
        bench.health().last_failure == Some("unauthorized")
    })
    .await;
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(bench.health().queued, 1, "it is kept");

    place.always(OK);
    std::fs::write(&path, "new\n").unwrap();
    bench.settled().await;
    let came = place.came();
    assert!(came[0].head.contains("x-key: old\r\n"));
    assert!(came.last().unwrap().head.contains("x-key: new\r\n"));
    assert_eq!(bench.ended("delivered"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_forbidden_to_a_secret_that_is_known_is_refused_alone() {
    let place = Place::open().await;
    let path = file("what_is_forbidden_to_a_secret_that_is_known_is_refused_alone");
    std::fs::write(&path, "known\n").unwrap();
    let secret = Some(path.clone());
    let bench = Bench::new(place.address, Settings { secret, ..single() });
    place.next([OK, Manner::Answer(403, ""), Manner::Answer(403, "")]);
    bench.put(["first", "bad", "worse", "good"]);
    bench.settled().await;
    assert_eq!(place.lines(), ["first", "bad", "worse", "good"]);
    assert_eq!((bench.ended("refused"), bench.ended("delivered")), (2, 2));
    assert_eq!(bench.health().last_failure, Some("refused"));

    // A secret that is known no more, and one that has to be accepted first.
    for (secret, status) in [("known\n", 401), ("other\n", 403)] {
        std::fs::write(&path, secret).unwrap();
        place.next([Manner::Answer(status, ""), Manner::Answer(status, "")]);
        bench.put(["kept"]);
        bench.settled().await;
        assert_eq!(bench.health().last_failure, Some("unauthorized"));
        assert_eq!(bench.ended("refused"), 2, "{status}");
    }
    assert_eq!(place.lines()[4..], ["kept"; 6]);
    assert_eq!(bench.ended("delivered"), 4);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let place = Place::open().await;
    place.next([Manner::Endless]);
    let bench = Bench::new(place.address, single());
    bench.put(["one", "two"]);
    bench.settled().await;
    assert_eq!(bench.ended("delivered"), 2);
}

#[tokio::test(start_paused = true)]
async fn many_at_once_as_long_as_all_goes_well_and_one_when_it_does_not() {
    let place = Place::open().await;
    let concurrency = 4;
    let bench = Bench::new(
        place.address,
        Settings {
            concurrency,
            ..single()
        },
    );
    bench.put(["a", "b", "c", "d", "e", "f", "g", "h"]);
    bench.settled().await;
    assert_eq!(place.most_at_once(), 4);

    place.always(Manner::Answer(500, ""));
    bench.put(["i", "j", "k", "l", "m", "n", "o", "p"]);
    until("it fails", || bench.health().state == State::Failing).await;
    place.most_at_once();
    bench.settled().await;
    assert_eq!(place.most_at_once(), 1);
    assert_eq!(bench.ended("retries_exhausted"), 8);
}

//! What is put in arrives, or is counted.

use std::io::Read as _;
use std::time::Duration;

use flate2::read::GzDecoder;
use icelocator_delivery::{Settings, State};
use tokio::time::Instant;

use crate::place::{Manner, Place};
use crate::{Bench, single};

#[tokio::test(start_paused = true)]
async fn items_go_together_until_a_request_is_full_or_the_first_has_waited_long_enough() {
    let place = Place::open().await;
    let settings = Settings {
        batch_items: 3,
        batch_bytes: 10,
        linger: Duration::from_secs(2),
        ..Settings::default()
    };
    let bench = Bench::new(place.address, settings);
    let began = Instant::now();
    bench.put(["a", "b", "c", "12345", "67890", "x"]);
    bench.settled().await;
    let bodies: Vec<_> = place.came().into_iter().map(|came| came.body).collect();
    assert_eq!(bodies[0], b"a\nb\nc\n");
    assert_eq!(bodies[1], b"12345\n67890\n");
    assert_eq!(bodies[2], b"x\n");
    assert_eq!(bodies.len(), 3);
    assert_eq!(began.elapsed().as_secs(), 2);
    assert_eq!(bench.ended("delivered"), 6);
    assert!(place.came()[0].head.contains("user-agent: icelocator/test"));
    let series = "icelocator_sink_request_duration_seconds_count{result=\"ok\",sink=\"lines\"}";
    assert_eq!(bench.metric(series), 3);
}

#[tokio::test(start_paused = true)]
async fn bodies_are_packed_where_that_is_asked_for() {
    let place = Place::open().await;
    let gzip = true;
    let bench = Bench::new(place.address, Settings { gzip, ..single() });
    let text = "again and ".repeat(1000);
    bench.put([text.as_str()]);
    bench.settled().await;
    let came = place.came().remove(0);
    assert!(came.head.contains("content-encoding: gzip"));
    assert!(came.body.len() < text.len() / 10);
    let mut unpacked = String::new();
    let mut decoder = GzDecoder::new(came.body.as_slice());
    decoder.read_to_string(&mut unpacked).unwrap();
    assert_eq!(unpacked.trim_end(), text.trim_end());
}

#[tokio::test(start_paused = true)]
async fn what_must_not_leave_is_held_back_alone_and_counted() {
    let place = Place::open().await;
    let bench = Bench::new(place.address, Settings::default());
    let blocked =
        |kind| format!("icelocator_privacy_blocked_total{{kind=\"{kind}\",sink=\"lines\"}}");
    assert_eq!(bench.metric(&blocked("name")), 0, "counted from the start");
    bench.put(["before", "Ana Planted was here", "after"]);
    bench.settled().await;
    assert_eq!(place.lines(), ["before", "after"]);
    assert_eq!(bench.metric(&blocked("name")), 1);
    assert_eq!(bench.metric(&blocked("ssn")), 0);
    assert_eq!(bench.ended("blocked"), 1);
    assert_eq!(bench.ended("delivered"), 2);
    assert_eq!(bench.health().state, State::Blocked);
    assert_eq!(bench.health().last_failure, Some("blocked"));
}

#[tokio::test(start_paused = true)]
async fn an_item_that_cannot_be_encoded_costs_nothing_but_itself() {
    let place = Place::open().await;
    let batch_bytes = 20;
    let bench = Bench::new(
        place.address,
        Settings {
            batch_bytes,
            ..Settings::default()
        },
    );
    let large = "x".repeat(21);
    bench.put(["a", "panic", "b", "unsayable", "c", &large, "d"]);
    bench.settled().await;
    assert_eq!(place.lines(), ["a", "b", "c", "d"]);
    assert_eq!(bench.ended("encode_failed"), 3);
    assert_eq!(bench.health().state, State::Ok);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_drops_what_comes_new() {
    let place = Place::open().await;
    place.always(Manner::Silence);
    let queue_items = 10;
    let bench = Bench::new(
        place.address,
        Settings {
            queue_items,
            ..single()
        },
    );
    let items: Vec<String> = (0..25).map(|number| number.to_string()).collect();
    bench.put(items.iter().map(String::as_str));
    assert_eq!(bench.ended("queue_full"), 15);
    assert_eq!(
        bench.metric("icelocator_sink_queue_items{sink=\"lines\"}"),
        10
    );
    place.always(crate::place::OK);
    bench.settled().await;
    assert_eq!(place.lines(), items[..10]);
}

#[tokio::test(start_paused = true)]
async fn an_outage_costs_no_more_memory_than_was_granted() {
    let settings = Settings {
        queue_bytes: 100_000,
        ..Settings::default()
    };
    let bench = Bench::new(Place::nowhere().await, settings);
    let item = "x".repeat(999);
    for _ in 0..50 {
        bench.put(std::iter::repeat_n(item.as_str(), 100));
        tokio::time::sleep(Duration::from_secs(10)).await;
        let held = bench.metric("icelocator_sink_queue_bytes{sink=\"lines\"}");
        assert!(held <= 100_000, "{held}");
    }
    assert_eq!(bench.ended("queue_full"), 5_000 - 100);
    assert_eq!(bench.health().queued, 100);
}

/// The runtime never gets to the worker: `put` is not asynchronous, and so returns by itself.
#[tokio::test(start_paused = true)]
async fn putting_in_never_waits() {
    let bench = Bench::new(Place::nowhere().await, Settings::default());
    for _ in 0..20_000 {
        bench.put(["item"]);
    }
    assert_eq!(bench.health().queued, 10_000);
    assert_eq!(bench.ended("queue_full"), 10_000);
}

#[tokio::test(start_paused = true)]
async fn all_that_may_be_counted_is_there_from_the_start() {
    let bench = Bench::new(Place::nowhere().await, Settings::default());
    for result in [
        "delivered",
        "queue_full",
        "refused",
        "retries_exhausted",
        "not_drained",
        "encode_failed",
        "blocked",
    ] {
        assert_eq!(bench.ended(result), 0);
    }
    assert_eq!(
        bench.metric("icelocator_sink_retries_total{sink=\"lines\"}"),
        0
    );
    assert_eq!(
        bench.metric("icelocator_sink_queue_bytes{sink=\"lines\"}"),
        0
    );
}

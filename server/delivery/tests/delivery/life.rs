//! The end: what was accepted is sent, and what cannot be is counted.

use std::time::Duration;

use icelocator_delivery::Settings;
use tokio::time::Instant;

use crate::place::{Manner, OK, Place};
use crate::{Bench, single};

const DEADLINE: Duration = Duration::from_secs(5);

#[tokio::test(start_paused = true)]
async fn a_drain_loses_nothing_as_long_as_the_destination_answers() {
    let place = Place::open().await;
    let linger = Duration::from_mins(10);
    let bench = Bench::new(
        place.address,
        Settings {
            linger,
            ..Settings::default()
        },
    );
    let items: Vec<String> = (0..5_050).map(|number| number.to_string()).collect();
    bench.put(items.iter().map(String::as_str));
    let began = Instant::now();
    bench.outboxes.drain(DEADLINE).await;
    assert!(began.elapsed() < Duration::from_secs(1), "nobody lingers");
    assert_eq!(place.lines(), items);
    assert_eq!(bench.ended("delivered"), 5_050);
    assert_eq!(bench.health().queued, 0);

    bench.put(["late"]);
    assert_eq!(bench.ended("not_drained"), 1);
    assert_eq!(bench.health().queued, 0);
}

#[tokio::test(start_paused = true)]
async fn a_drain_does_not_sit_out_a_long_rest() {
    let place = Place::open().await;
    place.always(Manner::Reset);
    let retries = 100;
    let bench = Bench::new(
        place.address,
        Settings {
            retries,
            ..single()
        },
    );
    bench.put(["item"]);
    tokio::time::sleep(Duration::from_mins(3)).await;
    place.always(OK);
    bench.outboxes.drain(DEADLINE).await;
    assert_eq!(bench.ended("delivered"), 1);
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_what_is_left_is_counted() {
    for manner in [Manner::Silence, Manner::Answer(500, ""), Manner::Reset] {
        let place = Place::open().await;
        place.always(manner);
        let settings = Settings {
            batch_items: 10,
            concurrency: 2,
            ..Settings::default()
        };
        let bench = Bench::new(place.address, settings);
        bench.put(std::iter::repeat_n("item", 1_000));
        let began = Instant::now();
        bench.outboxes.drain(DEADLINE).await;
        assert!(began.elapsed() <= DEADLINE);
        assert_eq!(bench.ended("not_drained"), 1_000);
        assert_eq!(bench.health().queued, 0);
        assert_eq!(
            bench.metric("icelocator_sink_queue_bytes{sink=\"lines\"}"),
            0
        );
    }
}

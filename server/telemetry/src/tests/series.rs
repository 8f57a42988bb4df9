//! How many series there are at most.

use opentelemetry::KeyValue;

use super::options;
use crate::LabelSets;

#[test]
fn a_metric_has_no_more_sets_of_labels_than_were_foreseen() {
    let mut some = options(None);
    some.label_sets = LabelSets {
        most: 32,
        but: &[("some.calls", 3)],
    };
    let (telemetry, _dispatch) = crate::build(some, Box::new(|_| {})).unwrap();
    let meter = telemetry.meter();
    let (calls, others) = (
        meter.u64_counter("some.calls").build(),
        meter.f64_histogram("other.duration").with_unit("s").build(),
    );
    for user in 0..10_000 {
        let label = [KeyValue::new("user", user.to_string())];
        calls.add(1, &label);
        others.record(0.1, &label);
    }
    let text = telemetry.render();
    let series = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(series("some_calls_total{"), 4);
    assert!(
        text.contains("some_calls_total{otel_metric_overflow=\"true\"} 9997"),
        "{text}"
    );
    assert_eq!(series("other_duration_seconds_count{"), 33);
    for bound in icelocator_config::DURATION_BOUNDS_SECONDS {
        assert!(text.contains(&format!("le=\"{bound}\"")));
    }
}

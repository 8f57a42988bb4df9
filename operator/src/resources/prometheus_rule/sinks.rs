//! Alerts on what leaves the server beside its answers: held back, lost, or not redacted.

use std::time::Duration;

use super::{Alert, Instance, Level, Rule, number, percent};

/// Share of a sink's items that may be lost.
const LOST_RATIO: f64 = 0.05;
/// Items below this number within a few minutes are chance, not a fault.
const FLOOR: u32 = 3;
/// How long something that must never happen is looked back for.
const AT_ALL: Duration = Duration::from_mins(15);

pub(super) fn rules(instance: &Instance) -> Vec<Rule> {
    [
        leak_blocked(instance),
        redaction_failing(instance),
        sink_failing(instance),
    ]
    .into_iter()
    .map(|alert| instance.alert(alert))
    .collect()
}

fn leak_blocked(instance: &Instance) -> Alert {
    Alert::new(
        "IceLocatorLeakBlocked",
        Level::Critical,
        "Something that identifies a person was about to leave an IceLocator",
    )
    .when(counted(instance, "icelocator_privacy_blocked_total", "sink, kind"))
    .describe(format!(
        "{{{{ $value | printf \"%.0f\" }}}} items of the last {} were held back at the sink {{{{ $labels.sink }}}} because they held something of the kind {{{{ $labels.kind }}}}. Redaction has a gap: nothing left, but the next one may not be recognised.",
        instance.window(AT_ALL),
    ))
}

fn redaction_failing(instance: &Instance) -> Alert {
    Alert::new(
        "IceLocatorRedactionFailing",
        Level::Warning,
        "Events of an IceLocator cannot be redacted",
    )
    .when(format!(
        "sum({})",
        counted(instance, "icelocator_privacy_redaction_failures_total", "pod")
    ))
    .describe(format!(
        "{{{{ $value | printf \"%.0f\" }}}} events of the last {} could not be redacted. They were dropped: no sink has them.",
        instance.window(AT_ALL),
    ))
}

fn sink_failing(instance: &Instance) -> Alert {
    let lately = instance.lately();
    let items = |matchers| instance.series("icelocator_sink_items_total", matchers);
    // What the guard holds back is not the destination's fault.
    let lost = items(r#"result!~"delivered|blocked""#);
    Alert::new(
        "IceLocatorSinkFailing",
        Level::Warning,
        "A sink of an IceLocator loses what it is given",
    )
    .when(format!(
        "sum by (sink) (rate({lost}[{lately}])) / sum by (sink) (rate({}[{lately}])) > {}\nand sum by (sink) (increase({lost}[{lately}])) >= {FLOOR}",
        items(""),
        number(LOST_RATIO),
    ))
    .hold("10m")
    .linger("5m")
    .describe(format!(
        "the sink {{{{ $labels.sink }}}} has lost {{{{ $value | humanizePercentage }}}} of what it was given, for ten minutes; {} is allowed. Calls are answered all the same.",
        percent(LOST_RATIO),
    ))
}

/// How often something was counted of late, by some of its labels; nothing where it was not. The first count makes the
/// series, which `increase` does not see.
fn counted(instance: &Instance, metric: &str, by: &str) -> String {
    let series = instance.series(metric, "");
    let window = instance.window(AT_ALL);
    format!(
        "sum by ({by}) (increase({series}[{window}]) > 0 or ({series} unless {series} offset {window}) > 0)",
    )
}

//! Alerts on what callers and pods notice: down, failing, full, restarting, short of memory, unseen.

use super::recording::{FAILED, SEARCHES};
use super::{Alert, Instance, Level, Rule, number, percent};

/// Share of failed searches above which something is wrong that the objectives are too slow to say.
const ERROR_RATIO: f64 = 0.05;
/// Share of the calls in flight that are allowed, above which the next burst is turned away.
const SATURATION: f64 = 0.9;
/// Events below this number within a few minutes are chance, not a fault.
const FLOOR: u32 = 3;
/// How long refused enumerations are added up: whoever looks through the locator may take their time.
const PATIENCE: &str = "1h";

pub(super) fn rules(instance: &Instance) -> Vec<Rule> {
    let mut alerts = vec![
        error_ratio_high(instance),
        saturated(instance),
        enumeration(instance),
        restarting(instance),
        memory_high(instance),
        watchdog(),
    ];
    // Scaled to nothing on purpose, there is nothing that could be down; collected by nobody, nothing to tell it by.
    if instance.locator.replicas > 0 && instance.locator.service_monitor.is_some() {
        alerts.extend([down(instance), metrics_missing(instance)]);
    }
    alerts
        .into_iter()
        .map(|alert| instance.alert(alert))
        .collect()
}

fn down(instance: &Instance) -> Alert {
    Alert::new(
        "IceLocatorDown",
        Level::Critical,
        "An IceLocator does not answer",
    )
    .when(format!(
        "(sum({}) or vector(0)) == 0",
        instance.series("up", "")
    ))
    .hold("2m")
    .describe(
        "no pod has answered Prometheus' scrape for two minutes. Nobody can search through it.",
    )
}

fn metrics_missing(instance: &Instance) -> Alert {
    // Both are there from a server's start, whether anyone calls it or not.
    let [info, limit] = ["icelocator_build_info", "icelocator_calls_limit"]
        .map(|metric| format!("absent({})", instance.series(metric, "")));
    Alert::new("IceLocatorMetricsMissing", Level::Warning, "An IceLocator is not measured")
        .when(format!("{info}\nor {limit}"))
        .hold("5m")
        .describe("Prometheus has had no metrics of it for five minutes. Until they are back its other alerts cannot fire.")
}

fn error_ratio_high(instance: &Instance) -> Alert {
    let lately = instance.lately();
    let [failed, all] = [FAILED, SEARCHES].map(|series| instance.series(series, ""));
    Alert::new(
        "IceLocatorErrorRatioHigh",
        Level::Warning,
        "Too many searches fail",
    )
    .when(format!(
        "{failed} / {all} > {}\nand {failed} * {} >= {FLOOR}",
        number(ERROR_RATIO),
        lately.0.as_secs(),
    ))
    .hold("1m")
    .linger("2m")
    .describe(format!(
        "{{{{ $value | humanizePercentage }}}} of the searches of the last {lately} got no answer; {} is allowed.",
        percent(ERROR_RATIO),
    ))
}

fn saturated(instance: &Instance) -> Alert {
    let used = format!(
        "sum({}) / sum({})",
        instance.series("icelocator_calls_in_flight", ""),
        instance.series("icelocator_calls_limit", ""),
    );
    let shed = instance.series("icelocator_calls_shed_total", "");
    Alert::new("IceLocatorSaturated", Level::Warning, "An IceLocator works at its limit")
        .when(format!(
            "{used} > {}\nor {used} and sum(increase({shed}[{}])) >= {FLOOR}",
            number(SATURATION),
            instance.lately(),
        ))
        .hold("1m")
        .linger("2m")
        .describe(format!(
            "{{{{ $value | humanizePercentage }}}} of the calls it may have in flight are in flight; above {}, or when calls were turned away, it is full.",
            percent(SATURATION),
        ))
}

fn enumeration(instance: &Instance) -> Alert {
    let refused = instance.series("icelocator_enumerations_refused_total", "");
    Alert::new("IceLocatorEnumeration", Level::Warning, "Somebody tries to look through the locator")
        .when(format!("sum(increase({refused}[{PATIENCE}])) >= {FLOOR}"))
        .describe(format!(
            "{{{{ $value | printf \"%.0f\" }}}} calls of the last {PATIENCE} were refused because they asked for ranges of A-numbers or for lists of names.",
        ))
}

fn restarting(instance: &Instance) -> Alert {
    let started = instance.series("process_start_time_seconds", "");
    Alert::new("IceLocatorRestarting", Level::Warning, "A pod of an IceLocator keeps restarting")
        .when(format!("max by (pod) (changes({started}[15m])) >= 2"))
        .describe("pod {{ $labels.pod }} started anew {{ $value }} times within a quarter of an hour. Calls that ran in it were lost.")
}

fn memory_high(instance: &Instance) -> Alert {
    let allowed = instance.alerting.thresholds.memory_utilization.get();
    Alert::new("IceLocatorMemoryHigh", Level::Warning, "A pod of an IceLocator runs out of memory")
        .when(format!(
            "max by (pod) ({} / ({} > 0)) > {}",
            instance.series("process_resident_memory_bytes", ""),
            instance.series("process_memory_limit_bytes", ""),
            number(allowed),
        ))
        .hold("5m")
        .describe(format!(
            "pod {{{{ $labels.pod }}}} uses {{{{ $value | humanizePercentage }}}} of its memory limit; the resource allows {}. At the limit the kernel ends it.",
            percent(allowed),
        ))
}

fn watchdog() -> Alert {
    Alert::new("IceLocatorWatchdog", Level::None, "Heartbeat: alerts of an IceLocator reach Alertmanager")
        .when("vector(1)".to_owned())
        .describe("this alert always fires. When it stops, its rules are no longer evaluated or no longer arrive.")
}

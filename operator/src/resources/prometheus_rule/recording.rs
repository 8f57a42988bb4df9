//! Recording rules: the short series that the long windows of the objectives are sums of.
//!
//! Each is nought, not absent, where nothing was counted yet, so that a window which began quiet is counted right.

use super::{Instance, Rule, number};

/// Searches that count for availability, failed ones included.
pub(super) const SEARCHES: &str = "icelocator:searches:rate";
/// Those of them that failed.
pub(super) const FAILED: &str = "icelocator:searches_failed:rate";
/// Searches that were answered, which is what latency is counted over.
pub(super) const ANSWERED: &str = "icelocator:searches_answered:rate";
/// Those of them that took longer than the objective's threshold.
pub(super) const SLOW: &str = "icelocator:searches_slow:rate";

/// The outcomes in which a sound search got no answer.
pub(in crate::resources) const FAILED_OUTCOMES: &str =
    "challenged|rate_limited|unavailable|page_changed";
/// How a call may end without our being to blame: without an error, with a tool's own answer (which is counted by its
/// outcome), given up by its caller, refused for what the caller sent, or turned away at the limit (which is counted by
/// itself).
const NOT_OUR_ERRORS: &str = "|tool_error|cancelled|4[0-9][0-9]|503";
/// The outcomes that are answers.
const ANSWERED_OUTCOMES: &str = "found|not_found|several|partial";

pub(super) fn rules(instance: &Instance) -> Vec<Rule> {
    let objectives = &instance.alerting.objectives;
    let searches = |matchers: &str| rate(instance, "icelocator_searches_total", matchers);
    // Calls turned away at the limit and calls that we failed to work on never became searches; to their callers they
    // failed all the same.
    let lost = format!(
        "{}\n+ {}",
        rate(instance, "icelocator_calls_shed_total", ""),
        rate(
            instance,
            "mcp_server_operation_duration_seconds_count",
            &format!(r#"mcp_method_name="tools/call",error_type!~"{NOT_OUR_ERRORS}""#),
        )
    );
    let answered = rate(
        instance,
        "icelocator_search_duration_seconds_count",
        &format!(r#"outcome=~"{ANSWERED_OUTCOMES}""#),
    );
    let quick = rate(
        instance,
        "icelocator_search_duration_seconds_bucket",
        &format!(
            r#"outcome=~"{ANSWERED_OUTCOMES}",le=~"{}""#,
            bucket(objectives.latency.threshold.as_secs_f64())
        ),
    );
    vec![
        instance.record(
            SEARCHES,
            format!("{}\n+ {lost}", searches(r#"outcome!="invalid""#)),
        ),
        instance.record(
            FAILED,
            format!(
                "{}\n+ {lost}",
                searches(&format!(r#"outcome=~"{FAILED_OUTCOMES}""#)),
            ),
        ),
        instance.record(ANSWERED, answered.clone()),
        instance.record(SLOW, format!("{answered}\n- {quick}")),
        instance.record(
            "icelocator:availability_objective:ratio",
            format!("vector({})", number(objectives.availability.get())),
        ),
        instance.record(
            "icelocator:latency_objective:ratio",
            format!("vector({})", number(objectives.latency.target.get())),
        ),
    ]
}

/// The rate of a counter over the instance, nought where it has not counted yet.
fn rate(instance: &Instance, counter: &str, matchers: &str) -> String {
    format!(
        "(sum(rate({}[{}])) or vector(0))",
        instance.series(counter, matchers),
        instance.lately(),
    )
}

/// A pattern for a bucket's bound, inside a `PromQL` string: Prometheus 3 writes whole numbers as floats, older ones do not.
fn bucket(seconds: f64) -> String {
    let bound = number(seconds).replace('.', r"\\.");
    if bound.contains('.') {
        bound
    } else {
        format!(r"{bound}(\\.0)?")
    }
}

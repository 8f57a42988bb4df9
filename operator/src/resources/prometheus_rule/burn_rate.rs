//! Alerts on how fast an objective's error budget burns, over several windows (chapter 5 of the SRE workbook).
//!
//! A step fires when both its long and its short window burn faster than its factor: the long one says that it matters,
//! the short one that it still goes on. The windows are those of a thirty-day objective, scaled to the resource's.

use std::time::Duration;

use super::recording::{ANSWERED, FAILED, SEARCHES, SLOW};
use super::{Alert, EVALUATION, Instance, Level, Rule, Span, number, percent};
use crate::controller::validate::Objectives;

/// The window that the steps below are written for.
const REFERENCE: Duration = Duration::from_hours(720);

/// Calls in the long window below which nobody is alarmed: one failure of two is no trend.
const FLOOR: u32 = 10;

/// No threshold lies above this share of errors: one near 1 would be crossed by a total outage alone, one above it never.
const CEILING: f64 = 0.95;

#[derive(Clone, Copy)]
struct Step {
    long: Span,
    short: Span,
    /// How many times too fast the budget burns.
    factor: f64,
    level: Level,
    hold: &'static str,
}

const STEPS: [Step; 4] = [
    step(60, 5, 14.4, Level::Critical, "1m"),
    step(6 * 60, 30, 6.0, Level::Critical, "1m"),
    step(24 * 60, 2 * 60, 3.0, Level::Warning, "5m"),
    step(3 * 24 * 60, 6 * 60, 1.0, Level::Warning, "5m"),
];

const fn step(
    long_minutes: u64,
    short_minutes: u64,
    factor: f64,
    level: Level,
    hold: &'static str,
) -> Step {
    Step {
        long: Span(Duration::from_mins(long_minutes)),
        short: Span(Duration::from_mins(short_minutes)),
        factor,
        level,
        hold,
    }
}

/// One objective: which share of which calls may be bad.
struct Objective {
    alert: &'static str,
    summary: &'static str,
    /// What the bad share is a share of, in prose.
    what: String,
    bad: &'static str,
    all: &'static str,
    target: f64,
}

pub(super) fn rules(instance: &Instance) -> Vec<Rule> {
    let objectives = &instance.alerting.objectives;
    let availability = Objective {
        alert: "IceLocatorAvailabilityBurnRate",
        summary: "Searches fail too often for the availability objective",
        what: "of the searches got no answer".to_owned(),
        bad: FAILED,
        all: SEARCHES,
        target: objectives.availability.get(),
    };
    let latency = Objective {
        alert: "IceLocatorLatencyBurnRate",
        summary: "Answers are slow too often for the latency objective",
        what: format!(
            "of the answers took longer than {}",
            objectives.latency.threshold
        ),
        bad: SLOW,
        all: ANSWERED,
        target: objectives.latency.target.get(),
    };
    let steps = scaled_to(objectives.window.get(), instance.lately());
    [availability, latency]
        .iter()
        .flat_map(|objective| {
            steps
                .iter()
                .map(|step| instance.alert(alert(instance, objective, step)))
        })
        .collect()
}

/// The steps for an objective over `window`. Where two of them would measure over the same time, the slower burn is kept:
/// it fires whenever the faster would. No window is shorter than what the recorded series are rates over.
fn scaled_to(window: Duration, shortest: Span) -> Vec<Step> {
    let steps = STEPS.map(|step| Step {
        long: scaled(step.long, window, Span(shortest.0 * 3)),
        short: scaled(step.short, window, shortest),
        ..step
    });
    let long = steps.each_ref().map(|step| step.long);
    steps
        .into_iter()
        .enumerate()
        .filter(|(index, step)| long.get(index + 1) != Some(&step.long))
        .map(|(_, step)| step)
        .collect()
}

fn alert(instance: &Instance, objective: &Objective, step: &Step) -> Alert {
    let Step { long, short, .. } = *step;
    let threshold = number(threshold(step.factor, objective.target));
    let sum = |series: &str, window: Span| {
        format!("sum_over_time({}[{window}])", instance.series(series, ""))
    };
    let (bad, all) = (objective.bad, objective.all);
    let allowed = percent(1.0 - objective.target);
    Alert::new(objective.alert, step.level, objective.summary)
        .over(long.to_string())
        .when(format!(
            "{} / {} > {threshold}\nand {} / {} > {threshold}\nand {} * {} >= {FLOOR}",
            sum(bad, long),
            sum(all, long),
            sum(bad, short),
            sum(all, short),
            sum(all, long),
            EVALUATION.0.as_secs(),
        ))
        .hold(step.hold)
        .describe(format!(
            "{{{{ $value | humanizePercentage }}}} {} over the last {long}; the objective allows {allowed} over {}.",
            objective.what, instance.alerting.objectives.window,
        ))
}

/// `length` of the reference window's steps for an objective over `window`, in whole minutes.
fn scaled(length: Span, window: Duration, at_least: Span) -> Span {
    let minutes = length.0.as_secs() * window.as_secs() / REFERENCE.as_secs() / 60;
    Span(Duration::from_mins(minutes)).max(at_least)
}

/// The share of failed searches within an hour that wakes someone, for those who count elsewhere than in Prometheus.
pub(in crate::resources) fn budget_burnt(objectives: &Objectives) -> f64 {
    let [fastest, ..] = STEPS;
    threshold(fastest.factor, objectives.availability.get())
}

/// The share of bad calls above which the budget burns `factor` times too fast.
fn threshold(factor: f64, target: f64) -> f64 {
    (factor * (1.0 - target)).min(CEILING)
}

//! Alerts on the locator site: it fails, it challenges us, it looks different.

use super::{Alert, Instance, Level, Rule, number, percent};

/// Share of failing requests from which the site counts as unavailable.
pub(in crate::resources) const UNAVAILABLE_RATIO: f64 = 0.5;
/// Share of unreadable pages from which the site counts as changed.
pub(in crate::resources) const CHANGED_RATIO: f64 = 0.1;
/// Requests below this number within a few minutes are chance, not a fault.
const FLOOR: u32 = 3;

pub(super) fn rules(instance: &Instance) -> Vec<Rule> {
    [
        unavailable(instance),
        challenged(instance),
        page_changed(instance),
    ]
    .into_iter()
    .map(|alert| instance.alert(alert.hold("1m").linger("2m")))
    .collect()
}

fn unavailable(instance: &Instance) -> Alert {
    Alert::new(
        "IceLocatorUpstreamUnavailable",
        Level::Critical,
        "The locator site does not answer",
    )
    .when(share(instance, r#"result=~"unavailable|timeout""#, UNAVAILABLE_RATIO))
    .describe(format!(
        "{{{{ $value | humanizePercentage }}}} of the requests to the locator site failed or timed out over the last {}. Searches are answered as unavailable.",
        instance.soon(),
    ))
}

fn challenged(instance: &Instance) -> Alert {
    let allowed = instance.alerting.thresholds.challenge_ratio.get();
    Alert::new(
        "IceLocatorChallenged",
        Level::Warning,
        "The locator site challenges requests",
    )
    .when(share(instance, r#"result="challenged""#, allowed))
    .describe(format!(
        "{{{{ $value | humanizePercentage }}}} of the requests to the locator site were challenged over the last {}; the resource allows {}. Those searches need a person to go on.",
        instance.soon(),
        percent(allowed),
    ))
}

fn page_changed(instance: &Instance) -> Alert {
    Alert::new(
        "IceLocatorPageChanged",
        Level::Critical,
        "The locator site has changed and cannot be read",
    )
    .when(share(instance, r#"result="page_changed""#, CHANGED_RATIO))
    .describe(format!(
        "{{{{ $value | humanizePercentage }}}} of the pages from the locator site over the last {} are not what the server can read. Those searches are answered as page changed.",
        instance.soon(),
    ))
}

/// True while more than `allowed` of the requests end as `matchers` say, often enough to be no chance.
fn share(instance: &Instance, matchers: &str, allowed: f64) -> String {
    let (soon, lately) = (instance.soon(), instance.lately());
    let requests = |matchers| instance.series("icelocator_upstream_requests_total", matchers);
    let bad = requests(matchers);
    format!(
        "sum(rate({bad}[{soon}])) / sum(rate({}[{soon}])) > {}\nand sum(increase({bad}[{lately}])) >= {FLOOR}",
        requests(""),
        number(allowed),
    )
}

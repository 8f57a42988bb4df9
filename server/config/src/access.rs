//! How the upstream site is reached: honestly, at a pace, through proxies that the operator of the service owns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::check::{Check, FieldError, FieldPath, within};
use crate::schema::rule;
use crate::{Bounds, Duration, Ratio, SecretKeyRef};

const INTERVAL: Bounds = Bounds::new(Duration::from_secs(0), Duration::from_mins(1));
const WINDOW: Bounds = Bounds::new(Duration::from_secs(10), Duration::from_hours(1));
const OPEN_FOR: Bounds = Bounds::new(Duration::from_secs(1), Duration::from_hours(1));
const MAX_REQUESTS: u32 = 6_000;

/// How the upstream site is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = json!([rule(
    "!self.strategies.exists(s, s == 'proxied') || has(self.egressProxies)",
    "the strategy proxied needs egressProxies",
    ".egressProxies",
)])))]
pub struct Access {
    /// The ways that may be used, in order of preference: the first that can be used is, the next when it does not lead to
    /// the site. A challenge or a request to wait is never met by another way.
    #[serde(default = "default_strategies")]
    #[schemars(length(min = 1, max = 4), extend("x-kubernetes-list-type" = "set"))]
    pub strategies: Vec<Strategy>,
    /// Most requests to the site a minute, for all replicas together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_REQUESTS))]
    pub requests_per_minute: Option<u32>,
    /// The least time between two requests of one pod, whatever the way but `direct`. Left out, `paced` keeps 500ms and up
    /// to 250ms more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pacing: Option<Pacing>,
    /// Proxies of one's own through which requests may leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress_proxies: Option<EgressProxies>,
    /// When to stop asking a site that fails. Left out: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circuit_breaker: Option<CircuitBreaker>,
}

/// A way to reach the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Strategy {
    /// At once, from the pod itself.
    Direct,
    /// With a minimum interval and jitter.
    Paced,
    /// Through one of the egress proxies.
    Proxied,
    /// From memory, without asking the site. Memory comes before every other way; alone it means that the site is never
    /// asked, and that what is not remembered is unavailable.
    Cached,
}

/// The least time between two requests of one pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pacing {
    /// Least time between two requests: 0s to 1m.
    #[schemars(extend("x-kubernetes-validations" = INTERVAL.rules()))]
    pub min_interval: Duration,
    /// Up to this much is added at random: 0s to 1m.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-validations" = INTERVAL.rules()))]
    pub jitter: Duration,
}

/// Proxies of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EgressProxies {
    /// The Secret's key that lists at most 20 proxies, one URL a line, credentials included: `http://`, `https://`,
    /// `socks5://` or `socks5h://`, such as `http://user:password@proxy.example:3128`. What follows a `#` at the start of a
    /// line is a comment.
    pub secret_ref: SecretKeyRef,
    /// How the next proxy is chosen.
    #[serde(default)]
    pub rotation: Rotation,
}

/// How the next proxy is chosen among the healthy ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Rotation {
    /// The one that answered fastest of late.
    #[default]
    LeastLatency,
    /// Each in turn.
    RoundRobin,
}

/// When to stop asking a site that fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CircuitBreaker {
    /// Share of failed requests within the window from which on none is sent; of fewer than ten requests it says nothing.
    pub failure_ratio: Ratio,
    /// The time looked back: 10s to 1h.
    #[serde(default = "default_window")]
    #[schemars(extend("x-kubernetes-validations" = WINDOW.rules()))]
    pub window: Duration,
    /// How long no request is sent: 1s to 1h.
    #[serde(default = "default_open_for")]
    #[schemars(extend("x-kubernetes-validations" = OPEN_FOR.rules()))]
    pub open_for: Duration,
}

fn default_strategies() -> Vec<Strategy> {
    vec![Strategy::Direct]
}

fn default_window() -> Duration {
    Duration::from_mins(1)
}

fn default_open_for() -> Duration {
    Duration::from_secs(30)
}

impl Check for Access {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        if self.strategies.is_empty() {
            errors.push(at.field("strategies").error("name at least one strategy"));
        }
        if self.strategies.contains(&Strategy::Proxied) && self.egress_proxies.is_none() {
            errors.push(
                at.field("egressProxies")
                    .error("the strategy proxied needs egressProxies"),
            );
        }
        if let Some(requests) = self.requests_per_minute {
            within(
                &requests,
                &1,
                &MAX_REQUESTS,
                &at.field("requestsPerMinute"),
                errors,
            );
        }
        if let Some(pacing) = &self.pacing {
            let at = at.field("pacing");
            INTERVAL.check(pacing.min_interval, &at.field("minInterval"), errors);
            INTERVAL.check(pacing.jitter, &at.field("jitter"), errors);
        }
        if let Some(breaker) = &self.circuit_breaker {
            let at = at.field("circuitBreaker");
            WINDOW.check(breaker.window, &at.field("window"), errors);
            OPEN_FOR.check(breaker.open_for, &at.field("openFor"), errors);
        }
    }
}

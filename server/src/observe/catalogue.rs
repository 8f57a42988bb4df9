//! Every metric of the server and every attribute that may leave it. Code, dashboards, rules and tests read this one
//! list; what is not on it does not leave.

use icelocator_telemetry::{BLOCKED, DROPPED, Kind, LabelSets, Metric, PROCESS_METRICS};

/// Time of one MCP request, from its last byte in to its first byte out.
pub const OPERATION_DURATION: Metric = histogram(
    "mcp.server.operation.duration",
    &[
        "mcp.method.name",
        "gen_ai.tool.name",
        "error.type",
        "rpc.response.status_code",
        "network.transport",
    ],
    "Duration of MCP requests as the server sees them",
);
/// Size of MCP requests.
pub const REQUEST_SIZE: Metric = distribution(
    "icelocator.request.size",
    "By",
    &["tool"],
    "Size of MCP requests by tool, of those that call one",
);
/// Size of the answers to them.
pub const RESPONSE_SIZE: Metric = distribution(
    "icelocator.response.size",
    "By",
    &["tool"],
    "Size of the answers to MCP requests by tool, of those that call one",
);
/// Which programs call.
pub const CLIENT_CALLS: Metric = counter(
    "icelocator.client.calls",
    "{call}",
    &["client", "protocol"],
    "MCP requests by client program (one of a few names, other, unknown) and protocol version",
);
/// Which parameters are used.
pub const PARAMETERS: Metric = counter(
    "icelocator.parameters",
    "{parameter}",
    &["tool", "parameter"],
    "Parameters that tools were given, by tool and parameter",
);
/// Searches that were answered.
pub const SEARCHES: Metric = counter(
    "icelocator.searches",
    "{search}",
    &["tool", "outcome", "language"],
    "Searches by tool, outcome and the language of the answer",
);
/// Time of one search.
pub const SEARCH_DURATION: Metric = histogram(
    "icelocator.search.duration",
    &["tool", "outcome"],
    "Duration of searches, upstream requests included",
);
/// Time of one part of a search.
pub const SEARCH_STAGE_DURATION: Metric = histogram(
    "icelocator.search.stage.duration",
    &["stage"],
    "Time of a call's searches by stage (understanding, cache, waiting, upstream, reading, ranking), of those that took any",
);
/// How often the site or the cache was asked for one search.
pub const SEARCH_LOOKUPS: Metric = distribution(
    "icelocator.search.lookups",
    "{lookup}",
    &[],
    "Lookups that a call's searches took, answered from the cache or not",
);
/// What found somebody.
pub const SEARCH_MATCHES: Metric = counter(
    "icelocator.search.matches",
    "{search}",
    &["matcher", "rank"],
    "Searches that found somebody, by what found the best match and the how-manieth lookup that was (1, 2, 3, 4+)",
);
/// Calls that would have looked through the locator.
pub const ENUMERATIONS_REFUSED: Metric = counter(
    "icelocator.enumerations.refused",
    "{call}",
    &["tool", "reason"],
    "Calls for many searches that were refused because they look through the locator, by tool and reason (range, list)",
);
/// Requests to the site.
pub const UPSTREAM_REQUESTS: Metric = counter(
    "icelocator.upstream.requests",
    "{request}",
    &["step", "result", "strategy"],
    "Requests to the locator site by step (form, search, page), result and strategy (direct, paced, proxied)",
);
/// Time of one request to the site.
pub const UPSTREAM_REQUEST_DURATION: Metric = histogram(
    "icelocator.upstream.request.duration",
    &["step", "result"],
    "Duration of requests to the locator site",
);
/// Requests to the site that were made again.
pub const UPSTREAM_RETRIES: Metric = counter(
    "icelocator.upstream.retries",
    "{retry}",
    &["reason"],
    "Requests to the locator site that were made again, by why (unreached, broken, down, told_to_wait)",
);
/// How long requests wait before they are sent.
pub const UPSTREAM_WAIT: Metric = histogram(
    "icelocator.upstream.wait",
    &["reason"],
    "Time that requests to the locator site waited before they were sent, by for what (place, pacing, budget, site)",
);
/// Requests that were not sent as it would have taken too long.
pub const UPSTREAM_REFUSED: Metric = counter(
    "icelocator.upstream.refused",
    "{request}",
    &["reason"],
    "Requests that were not sent to the locator site because they would have waited too long, by for what (place, pacing, budget, site)",
);
/// The circuit breaker.
pub const BREAKER_STATE: Metric = gauge(
    "icelocator.breaker.state",
    "{state}",
    &[],
    "Circuit breaker of the locator site: 0 closed, 1 half open, 2 open",
);
/// How often it changed.
pub const BREAKER_TRANSITIONS: Metric = counter(
    "icelocator.breaker.transitions",
    "{transition}",
    &["to"],
    "Changes of the circuit breaker by its new state (open, half_open, closed)",
);
/// Requests through each egress proxy.
pub const PROXY_REQUESTS: Metric = counter(
    "icelocator.proxy.requests",
    "{request}",
    &["proxy", "result"],
    "Requests through an egress proxy by proxy (host:port, at most 20) and whether it led to the site (ok, failed)",
);
/// Time of one of them.
pub const PROXY_REQUEST_DURATION: Metric = histogram(
    "icelocator.proxy.request.duration",
    &["proxy"],
    "Duration of requests through an egress proxy",
);
/// Which proxies are used.
pub const PROXY_HEALTHY: Metric = gauge(
    "icelocator.proxy.healthy",
    "{proxy}",
    &["proxy"],
    "1 for an egress proxy that is used, 0 for one that is left alone after failures",
);
/// How often a proxy was left alone.
pub const PROXY_EJECTIONS: Metric = counter(
    "icelocator.proxy.ejections",
    "{ejection}",
    &["proxy"],
    "Times that an egress proxy was left alone for a while after failures",
);
/// Questions to the cache.
pub const CACHE_LOOKUPS: Metric = counter(
    "icelocator.cache.lookups",
    "{lookup}",
    &["result"],
    "Lookups in the answer cache by result (hit, miss)",
);
/// Answers in the cache.
pub const CACHE_ENTRIES: Metric = gauge(
    "icelocator.cache.entries",
    "{entry}",
    &[],
    "Answers kept in the cache",
);
/// Calls being worked on.
pub const CALLS_IN_FLIGHT: Metric = Metric {
    name: "icelocator.calls.in_flight",
    kind: Kind::UpDownCounter,
    unit: "{call}",
    labels: &[],
    help: "Calls that are being worked on",
};
/// Most calls at once.
pub const CALLS_LIMIT: Metric = gauge(
    "icelocator.calls.limit",
    "{call}",
    &[],
    "Most calls that are worked on at once; more are told to come back",
);
/// Calls that were told to come back.
pub const CALLS_SHED: Metric = counter(
    "icelocator.calls.shed",
    "{call}",
    &[],
    "Calls that were told to come back because too many were being worked on",
);
/// Callers who showed, or did not show, who they are.
pub const AUTH_ATTEMPTS: Metric = counter(
    "icelocator.auth.attempts",
    "{attempt}",
    &["kind"],
    "Requests whose caller had to be known, by the kind of token",
);
/// Those of them who are not known.
pub const AUTH_FAILURES: Metric = counter(
    "icelocator.auth.failures",
    "{attempt}",
    &["kind", "reason"],
    "Requests whose caller is not known, by the kind of token and what is wrong with it",
);
/// Calls that came too soon.
pub const LIMITS_REFUSED: Metric = counter(
    "icelocator.limits.refused",
    "{call}",
    &["limit", "tool"],
    "Calls that were told to come back because of a rate limit (caller, tool, searches)",
);
/// What was hidden before it left.
pub const PRIVACY_HIDDEN: Metric = counter(
    "icelocator.privacy.hidden",
    "{item}",
    &["kind"],
    "Things that identify somebody and were hidden from what is sent elsewhere, by kind",
);
/// Events that could not be redacted.
pub const PRIVACY_REDACTION_FAILURES: Metric = counter(
    "icelocator.privacy.redaction.failures",
    "{event}",
    &[],
    "Events whose texts could not be redacted and were sent nowhere",
);
/// Settings files that were not as before.
pub const SETTINGS_RELOADS: Metric = counter(
    "icelocator.settings.reloads",
    "{reload}",
    &["result"],
    "Changes of the settings file by what became of them (applied, restart_needed, broken)",
);
/// The version of this build.
pub const BUILD_INFO: Metric = gauge(
    "icelocator.build.info",
    "{build}",
    &["version"],
    "Always 1; its label says which version runs",
);

/// The server's own metrics.
const OWN: [Metric; 34] = [
    OPERATION_DURATION,
    REQUEST_SIZE,
    RESPONSE_SIZE,
    CLIENT_CALLS,
    PARAMETERS,
    SEARCHES,
    SEARCH_DURATION,
    SEARCH_STAGE_DURATION,
    SEARCH_LOOKUPS,
    SEARCH_MATCHES,
    ENUMERATIONS_REFUSED,
    UPSTREAM_REQUESTS,
    UPSTREAM_REQUEST_DURATION,
    UPSTREAM_RETRIES,
    UPSTREAM_WAIT,
    UPSTREAM_REFUSED,
    BREAKER_STATE,
    BREAKER_TRANSITIONS,
    PROXY_REQUESTS,
    PROXY_REQUEST_DURATION,
    PROXY_HEALTHY,
    PROXY_EJECTIONS,
    CACHE_LOOKUPS,
    CACHE_ENTRIES,
    CALLS_IN_FLIGHT,
    CALLS_LIMIT,
    CALLS_SHED,
    AUTH_ATTEMPTS,
    AUTH_FAILURES,
    LIMITS_REFUSED,
    PRIVACY_HIDDEN,
    PRIVACY_REDACTION_FAILURES,
    SETTINGS_RELOADS,
    BUILD_INFO,
];

/// Every metric that the server exposes, those of its process included.
pub fn metrics() -> impl Iterator<Item = &'static Metric> {
    OWN.iter()
        .chain([&DROPPED, &BLOCKED])
        .chain(&icelocator_delivery::METRICS)
        .chain(PROCESS_METRICS)
}

/// Most series of one pod, however many callers there are.
pub const MOST_SERIES: usize = 3000;

/// How many sets of labels each metric may have, so that together there are no more than [`MOST_SERIES`]. Each set of a
/// histogram's is as many series as it has buckets, and two more.
pub const LABEL_SETS: LabelSets = LabelSets {
    most: 8,
    but: &[
        ("icelocator.auth.failures", 16),
        ("icelocator.client.calls", 24),
        ("icelocator.enumerations.refused", 16),
        ("icelocator.limits.refused", 24),
        ("icelocator.parameters", 48),
        ("icelocator.privacy.blocked", 120),
        ("icelocator.privacy.hidden", 10),
        ("icelocator.proxy.ejections", 20),
        ("icelocator.proxy.healthy", 20),
        ("icelocator.proxy.requests", 40),
        ("icelocator.request.size", 8),
        ("icelocator.response.size", 8),
        ("icelocator.search.duration", 20),
        ("icelocator.search.matches", 24),
        ("icelocator.search.stage.duration", 6),
        ("icelocator.searches", 64),
        ("icelocator.sink.items", 40),
        ("icelocator.sink.request.duration", 10),
        ("icelocator.telemetry.dropped", 24),
        ("icelocator.upstream.request.duration", 16),
        ("icelocator.upstream.requests", 24),
        ("icelocator.upstream.wait", 4),
        ("mcp.server.operation.duration", 44),
    ],
};

/// Names of span attributes and log fields that may leave. Their values are counted things, times, or words from lists
/// in this code; none is a caller's text. `icelocator.secret.key` is the name of a header that a Secret
/// was to set.
pub const ATTRIBUTES: &[&str] = &[
    "code.file.path",
    "code.line.number",
    "error.type",
    "gen_ai.operation.name",
    "gen_ai.prompt.name",
    "gen_ai.tool.name",
    "http.request.method",
    "http.request.resend_count",
    "http.response.status_code",
    "icelocator.cache.result",
    "icelocator.callers",
    "icelocator.calls",
    "icelocator.client",
    "icelocator.duration",
    "icelocator.fuzzy",
    "icelocator.kind",
    "icelocator.language",
    "icelocator.listen",
    "icelocator.lookups",
    "icelocator.matcher",
    "icelocator.matches",
    "icelocator.outcome",
    "icelocator.proxy",
    "icelocator.reason",
    "icelocator.replicas",
    "icelocator.result",
    "icelocator.secret.key",
    "icelocator.secret.position",
    "icelocator.signal",
    "icelocator.sink",
    "icelocator.step",
    "icelocator.strategy",
    "icelocator.version",
    "jsonrpc.request.id",
    "mcp.method.name",
    "mcp.protocol.version",
    "mcp.resource.uri",
    "mcp.session.id",
    "network.protocol.name",
    "network.transport",
    "otel.kind",
    "otel.name",
    "otel.status_code",
    "rpc.response.status_code",
    "rpc.system.name",
    "server.address",
    "server.port",
];

const fn counter(
    name: &'static str,
    unit: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind: Kind::Counter,
        unit,
        labels,
        help,
    }
}

const fn gauge(
    name: &'static str,
    unit: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind: Kind::Gauge,
        unit,
        labels,
        help,
    }
}

const fn histogram(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    distribution(name, "s", labels, help)
}

const fn distribution(
    name: &'static str,
    unit: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind: Kind::Histogram,
        unit,
        labels,
        help,
    }
}

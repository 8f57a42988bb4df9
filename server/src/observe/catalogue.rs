//! Every metric of the server and every attribute that may leave it. Code, dashboards, rules and tests read this one
//! list; what is not on it does not leave.

use icelocator_telemetry::{DROPPED, Kind, Metric, PROCESS_METRICS};

/// Time of one MCP request, from its last byte in to its first byte out.
pub const OPERATION_DURATION: Metric = histogram(
    "mcp.server.operation.duration",
    &[
        "mcp.method.name",
        "gen_ai.tool.name",
        "error.type",
        "rpc.response.status_code",
        "network.transport",
        "mcp.protocol.version",
    ],
    "Duration of MCP requests as the server sees them",
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
/// Requests to the site.
pub const UPSTREAM_REQUESTS: Metric = counter(
    "icelocator.upstream.requests",
    "{request}",
    &["step", "result"],
    "Requests to the locator site by step (form, search) and result",
);
/// Time of one request to the site.
pub const UPSTREAM_REQUEST_DURATION: Metric = histogram(
    "icelocator.upstream.request.duration",
    &["step", "result"],
    "Duration of requests to the locator site",
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
/// The version of this build.
pub const BUILD_INFO: Metric = gauge(
    "icelocator.build.info",
    "{build}",
    &["version"],
    "Always 1; its label says which version runs",
);

/// The server's own metrics.
const OWN: [Metric; 11] = [
    OPERATION_DURATION,
    SEARCHES,
    SEARCH_DURATION,
    UPSTREAM_REQUESTS,
    UPSTREAM_REQUEST_DURATION,
    CACHE_LOOKUPS,
    CACHE_ENTRIES,
    CALLS_IN_FLIGHT,
    CALLS_LIMIT,
    CALLS_SHED,
    BUILD_INFO,
];

/// Every metric that the server exposes, those of its process included.
pub fn metrics() -> impl Iterator<Item = &'static Metric> {
    OWN.iter().chain([&DROPPED]).chain(PROCESS_METRICS)
}

/// Names of span attributes and log fields that may leave. Their values are counted things, times, or words from lists
/// in this code; none is a caller's text.
pub const ATTRIBUTES: &[&str] = &[
    "code.file.path",
    "code.line.number",
    "error.type",
    "gen_ai.operation.name",
    "gen_ai.prompt.name",
    "gen_ai.tool.name",
    "http.request.method",
    "http.response.status_code",
    "icelocator.cache.result",
    "icelocator.calls",
    "icelocator.client",
    "icelocator.duration",
    "icelocator.fuzzy",
    "icelocator.language",
    "icelocator.listen",
    "icelocator.lookups",
    "icelocator.matcher",
    "icelocator.matches",
    "icelocator.outcome",
    "icelocator.reason",
    "icelocator.result",
    "icelocator.signal",
    "icelocator.step",
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
    Metric {
        name,
        kind: Kind::Histogram,
        unit: "s",
        labels,
        help,
    }
}

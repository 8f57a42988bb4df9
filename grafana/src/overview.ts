// The overview of one IceLocator: is it answering, how fast, what does the
// upstream site do, are the objectives kept, and how are the pods.
//
// The operator embeds the JSON this makes and sets uid, title, tags and the
// defaults of the variables for each resource.

import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { Colour, dashboard, labelVariable, stat, table, timeseries } from './house';

/** This instance, and the chosen pods of it. */
const pods = 'namespace="$namespace",icelocator="$instance",pod=~"$pod"';
/** This instance as a whole: recorded series have no pod. */
const instance = 'namespace="$namespace",icelocator="$instance"';

/** Outcomes in which the person got no answer though the request was sound. */
const failed = 'outcome=~"challenged|rate_limited|unavailable|page_changed"';
/** What availability is counted over: a request that was wrong itself is not counted. */
const counted = 'outcome!="invalid"';

const outcomeColours: Record<string, Colour> = {
  found: 'green',
  several: 'green',
  not_found: 'blue',
  partial: 'yellow',
  invalid: 'text',
  challenged: 'orange',
  rate_limited: 'orange',
  unavailable: 'red',
  page_changed: 'red',
};

const resultColours: Record<string, Colour> = {
  ok: 'green',
  challenged: 'orange',
  rate_limited: 'orange',
  unavailable: 'red',
  timeout: 'red',
  page_changed: 'red',
};

/** `expr`, or nought where nothing was counted yet: an empty panel would look like a fault. */
const orNought = (expr: string): string => `${expr} or vector(0)`;

const quantile = (q: number, metric: string, selector: string, by: string[] = []): string =>
  `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (rate(${metric}_bucket{${selector}}[$__rate_interval])))`;

const share = (part: string, whole: string): string => `(${orNought(part)}) / ${whole}`;

const glance = [
  stat({
    title: 'Searches',
    description: 'Searches a second over all chosen pods, whatever their outcome.',
    unit: 'reqps',
    width: 4,
    queries: [{ expr: orNought(`sum(rate(icelocator_searches_total{${pods}}[$__rate_interval]))`), legend: 'searches' }],
  }),
  stat({
    title: 'Answered',
    description:
      'Share of sound searches that got an answer in the chosen time, "not found" included. Challenged, rate limited, unavailable and page changed count as failed.',
    unit: 'percentunit',
    width: 4,
    decimals: 2,
    steps: [
      { from: null, colour: 'red' },
      { from: 0.95, colour: 'yellow' },
      { from: 0.995, colour: 'green' },
    ],
    queries: [
      {
        expr: `1 - ${share(`sum(rate(icelocator_searches_total{${pods},${failed}}[$__range]))`, `sum(rate(icelocator_searches_total{${pods},${counted}}[$__range]))`)}`,
        legend: 'answered',
      },
    ],
  }),
  stat({
    title: 'Search time, 95th percentile',
    description: 'Nineteen of twenty searches were answered within this time.',
    unit: 's',
    width: 4,
    queries: [{ expr: quantile(0.95, 'icelocator_search_duration_seconds', pods), legend: 'p95' }],
  }),
  stat({
    title: 'Pods answering',
    description: 'Pods of this instance that answer the scrape of their metrics.',
    unit: 'short',
    width: 4,
    decimals: 0,
    steps: [
      { from: null, colour: 'red' },
      { from: 1, colour: 'green' },
    ],
    queries: [{ expr: `sum(up{${pods}})`, legend: 'pods' }],
  }),
  stat({
    title: 'Calls in flight, share of the limit',
    description: 'At 100 % further calls are turned away with an answer that says when to try again.',
    unit: 'percentunit',
    width: 4,
    steps: [
      { from: null, colour: 'green' },
      { from: 0.7, colour: 'yellow' },
      { from: 0.9, colour: 'orange' },
    ],
    queries: [
      { expr: `sum(icelocator_calls_in_flight{${pods}}) / sum(icelocator_calls_limit{${pods}})`, legend: 'in flight' },
    ],
  }),
  stat({
    title: 'Alerts firing',
    description: 'Alerts of this instance that fire now, without the heartbeat that always fires.',
    unit: 'short',
    width: 4,
    decimals: 0,
    steps: [
      { from: null, colour: 'green' },
      { from: 1, colour: 'red' },
    ],
    queries: [
      { expr: orNought(`count(ALERTS{${instance},alertstate="firing",severity!="none"})`), legend: 'firing' },
    ],
  }),
];

const searches = [
  timeseries({
    title: 'Searches by outcome',
    description:
      'Searches a second by what became of them. Green and blue are answers; orange and red are not, and each has an alert of its own.',
    unit: 'reqps',
    width: 12,
    stacked: true,
    colours: outcomeColours,
    queries: [
      { expr: `sum by (outcome) (rate(icelocator_searches_total{${pods}}[$__rate_interval]))`, legend: '{{outcome}}' },
    ],
  }),
  timeseries({
    title: 'Search time',
    description: 'How long searches take, upstream requests included. The median, and the slow tail.',
    unit: 's',
    width: 12,
    queries: [
      { expr: quantile(0.5, 'icelocator_search_duration_seconds', pods), legend: 'p50' },
      { expr: quantile(0.95, 'icelocator_search_duration_seconds', pods), legend: 'p95' },
      { expr: quantile(0.99, 'icelocator_search_duration_seconds', pods), legend: 'p99' },
    ],
  }),
  timeseries({
    title: 'Searches by tool',
    description: 'Which of the search tools the clients call.',
    unit: 'reqps',
    width: 12,
    stacked: true,
    queries: [{ expr: `sum by (tool) (rate(icelocator_searches_total{${pods}}[$__rate_interval]))`, legend: '{{tool}}' }],
  }),
  timeseries({
    title: 'Searches by language',
    description: 'The language the answer was asked for in.',
    unit: 'reqps',
    width: 12,
    stacked: true,
    queries: [
      { expr: `sum by (language) (rate(icelocator_searches_total{${pods}}[$__rate_interval]))`, legend: '{{language}}' },
    ],
  }),
  timeseries({
    title: 'Search time by stage, 95th percentile',
    description:
      'Where the time of searches goes: understanding what is asked for, the cache, waiting for the pace and the budget of the site, the site itself, reading its pages, ranking whom they show.',
    unit: 's',
    width: 8,
    queries: [{ expr: quantile(0.95, 'icelocator_search_stage_duration_seconds', pods, ['stage']), legend: '{{stage}}' }],
  }),
  timeseries({
    title: 'Lookups per search',
    description: 'How many spellings and countries a search asks for until it is answered, from the cache or not.',
    unit: 'short',
    width: 8,
    queries: [
      { expr: quantile(0.5, 'icelocator_search_lookups', pods), legend: 'p50' },
      { expr: quantile(0.95, 'icelocator_search_lookups', pods), legend: 'p95' },
    ],
  }),
  timeseries({
    title: 'Found by another spelling only',
    description:
      'Share of the searches that found somebody whom the name or number as it was written would not have found; and of those that needed more than three lookups.',
    unit: 'percentunit',
    width: 8,
    queries: [
      {
        expr: orNought(
          share(
            `sum(rate(icelocator_search_matches_total{${pods},matcher!~"exact|alien_number"}[$__rate_interval]))`,
            `sum(rate(icelocator_search_matches_total{${pods}}[$__rate_interval]))`,
          ),
        ),
        legend: 'another spelling',
      },
      {
        expr: orNought(
          share(
            `sum(rate(icelocator_search_matches_total{${pods},rank="4+"}[$__rate_interval]))`,
            `sum(rate(icelocator_search_matches_total{${pods}}[$__rate_interval]))`,
          ),
        ),
        legend: 'four lookups or more',
      },
    ],
  }),
  timeseries({
    title: 'What finds people',
    description: 'Searches a second that found somebody, by the kind of spelling that found the best match.',
    unit: 'reqps',
    width: 12,
    stacked: true,
    queries: [
      {
        expr: `sum by (matcher) (rate(icelocator_search_matches_total{${pods}}[$__rate_interval]))`,
        legend: '{{matcher}}',
      },
    ],
  }),
  timeseries({
    title: 'Parameters used',
    description: 'Which parameters the tools are given. Only their names are counted, never what they hold.',
    unit: 'reqps',
    width: 12,
    queries: [
      {
        expr: `sum by (parameter) (rate(icelocator_parameters_total{${pods}}[$__rate_interval]))`,
        legend: '{{parameter}}',
      },
    ],
  }),
];

const protocol = [
  timeseries({
    title: 'MCP requests by method',
    description: 'Requests a second by MCP method. Discovery and listing are the clients getting ready; tools/call is the work.',
    unit: 'reqps',
    width: 8,
    stacked: true,
    queries: [
      {
        expr: `sum by (mcp_method_name) (rate(mcp_server_operation_duration_seconds_count{${pods}}[$__rate_interval]))`,
        legend: '{{mcp_method_name}}',
      },
    ],
  }),
  timeseries({
    title: 'MCP request time, 95th percentile',
    description: 'How long requests take by MCP method, from the request read to the answer written.',
    unit: 's',
    width: 8,
    queries: [
      {
        expr: quantile(0.95, 'mcp_server_operation_duration_seconds', pods, ['mcp_method_name']),
        legend: '{{mcp_method_name}}',
      },
    ],
  }),
  timeseries({
    title: 'MCP requests that failed',
    description:
      'Requests a second that ended in an error, by kind. tool_error: the tool answered that it could not help; every other kind is an error of the server.',
    unit: 'reqps',
    width: 8,
    stacked: true,
    colours: { 'all kinds': 'red', tool_error: 'orange' },
    queries: [
      {
        expr: `sum by (error_type) (rate(mcp_server_operation_duration_seconds_count{${pods},error_type!=""}[$__rate_interval])) or label_replace(vector(0), "error_type", "all kinds", "", "")`,
        legend: '{{error_type}}',
      },
    ],
  }),
  timeseries({
    title: 'Size of requests and answers, 95th percentile',
    description: 'How long the messages of tool calls and the answers to them are.',
    unit: 'bytes',
    width: 12,
    queries: [
      { expr: quantile(0.95, 'icelocator_request_size_bytes', pods), legend: 'requests' },
      { expr: quantile(0.95, 'icelocator_response_size_bytes', pods), legend: 'answers' },
    ],
  }),
  timeseries({
    title: 'MCP requests by client',
    description: 'Which programs call, and in which version of the protocol. Other: one that is not known by name.',
    unit: 'reqps',
    width: 12,
    stacked: true,
    queries: [
      {
        expr: `sum by (client, protocol) (rate(icelocator_client_calls_total{${pods}}[$__rate_interval]))`,
        legend: '{{client}} {{protocol}}',
      },
    ],
  }),
];

const upstream = [
  timeseries({
    title: 'Upstream requests by result',
    description: 'Requests a second to the locator site by what came back.',
    unit: 'reqps',
    width: 12,
    stacked: true,
    colours: resultColours,
    queries: [
      {
        expr: `sum by (result) (rate(icelocator_upstream_requests_total{${pods}}[$__rate_interval]))`,
        legend: '{{result}}',
      },
    ],
  }),
  timeseries({
    title: 'Upstream request time, 95th percentile',
    description: 'How long the locator site takes, by the step of a search: its form, the search, a result page.',
    unit: 's',
    width: 12,
    queries: [
      { expr: quantile(0.95, 'icelocator_upstream_request_duration_seconds', pods, ['step']), legend: '{{step}}' },
    ],
  }),
  timeseries({
    title: 'Upstream requests that brought no answer',
    description:
      'Share of requests to the locator site that were challenged, refused for their rate, failed, or came back as a page we cannot read.',
    unit: 'percentunit',
    width: 8,
    colours: { challenged: 'orange', 'rate limited': 'yellow', 'failed or timed out': 'red', 'page changed': 'purple' },
    queries: [
      ['result="challenged"', 'challenged'],
      ['result="rate_limited"', 'rate limited'],
      ['result=~"unavailable|timeout"', 'failed or timed out'],
      ['result="page_changed"', 'page changed'],
    ].map(([result, legend]) => ({
      expr: share(
        `sum(rate(icelocator_upstream_requests_total{${pods},${result}}[$__rate_interval]))`,
        `sum(rate(icelocator_upstream_requests_total{${pods}}[$__rate_interval]))`,
      ),
      legend,
    })),
  }),
  timeseries({
    title: 'Answers from the cache',
    description: 'Share of lookups answered from the cache, without a request to the locator site.',
    unit: 'percentunit',
    width: 8,
    max: 1,
    queries: [
      {
        expr: share(
          `sum(rate(icelocator_cache_lookups_total{${pods},result="hit"}[$__rate_interval]))`,
          `sum(rate(icelocator_cache_lookups_total{${pods}}[$__rate_interval]))`,
        ),
        legend: 'from the cache',
      },
    ],
  }),
  timeseries({
    title: 'Entries in the cache',
    description: 'Answers each pod keeps in memory. The oldest go when the limit of the resource is reached.',
    unit: 'short',
    width: 8,
    decimals: 0,
    queries: [{ expr: `sum by (pod) (icelocator_cache_entries{${pods}})`, legend: '{{pod}}' }],
  }),
];

const access = [
  timeseries({
    title: 'Upstream requests by strategy',
    description: 'Requests a second to the locator site by the way that they took: direct, paced, through a proxy.',
    unit: 'reqps',
    width: 8,
    stacked: true,
    queries: [
      {
        expr: `sum by (strategy) (rate(icelocator_upstream_requests_total{${pods}}[$__rate_interval]))`,
        legend: '{{strategy}}',
      },
    ],
  }),
  timeseries({
    title: 'Wait before an upstream request, 95th percentile',
    description: 'How long requests wait before they are sent, by for what: a place, their pace, the budget, or the site, which asked to wait.',
    unit: 's',
    width: 8,
    queries: [{ expr: quantile(0.95, 'icelocator_upstream_wait_seconds', pods, ['reason']), legend: '{{reason}}' }],
  }),
  timeseries({
    title: 'Upstream requests made again or not sent',
    description: 'Requests a second that were made again, by why, and that were not sent because they would have waited too long, by for what.',
    unit: 'reqps',
    width: 8,
    queries: [
      { expr: `sum by (reason) (rate(icelocator_upstream_retries_total{${pods}}[$__rate_interval]))`, legend: 'again: {{reason}}' },
      { expr: `sum by (reason) (rate(icelocator_upstream_refused_total{${pods}}[$__rate_interval]))`, legend: 'not sent: {{reason}}' },
    ],
  }),
  timeseries({
    title: 'Circuit breaker',
    description: 'State of each pod: 0 closed, 1 half open, 2 open; and how often a minute it changed. Empty where the resource asks for none.',
    unit: 'short',
    width: 8,
    decimals: 0,
    queries: [
      { expr: `max by (pod) (icelocator_breaker_state{${pods}})`, legend: '{{pod}}' },
      { expr: `sum by (to) (increase(icelocator_breaker_transitions_total{${pods}}[1m]))`, legend: 'to {{to}}' },
    ],
  }),
  timeseries({
    title: 'Egress proxies: requests and health',
    description: 'Requests a second through each proxy by whether it led to the site, the pods that use it, and how often an hour it was left alone. Empty without proxies.',
    unit: 'short',
    width: 8,
    queries: [
      { expr: `sum by (proxy, result) (rate(icelocator_proxy_requests_total{${pods}}[$__rate_interval]))`, legend: '{{proxy}}: {{result}}' },
      { expr: `sum by (proxy) (icelocator_proxy_healthy{${pods}})`, legend: '{{proxy}}: pods that use it' },
      { expr: `sum by (proxy) (increase(icelocator_proxy_ejections_total{${pods}}[1h]))`, legend: '{{proxy}}: left alone' },
    ],
  }),
  timeseries({
    title: 'Egress proxies: request time, 95th percentile',
    description: 'How long requests through each proxy take. Empty without proxies.',
    unit: 's',
    width: 8,
    queries: [{ expr: quantile(0.95, 'icelocator_proxy_request_duration_seconds', pods, ['proxy']), legend: '{{proxy}}' }],
  }),
];

const privacy = [
  timeseries({
    title: 'Hidden before it left',
    description:
      'Names, numbers, days and other things that identify somebody and were replaced by a pseudonym in what is sent elsewhere, by kind.',
    unit: 'short',
    width: 12,
    stacked: true,
    queries: [{ expr: `sum by (kind) (rate(icelocator_privacy_hidden_total{${pods}}[$__rate_interval]))`, legend: '{{kind}}' }],
  }),
  timeseries({
    title: 'Events that could not be redacted',
    description: 'Each is a bug. Their texts were sent nowhere; the calls were answered all the same.',
    unit: 'short',
    width: 12,
    queries: [
      {
        expr: orNought(`sum(increase(icelocator_privacy_redaction_failures_total{${pods}}[$__rate_interval]))`),
        legend: 'not redacted',
      },
    ],
  }),
];

const destinations = [
  timeseries({
    title: 'Items by what became of them',
    description:
      'Events, logs and metrics a second for each destination: delivered, or why they were dropped. Blocked: the last look found something that identifies a person. Empty without destinations.',
    unit: 'short',
    width: 12,
    queries: [
      { expr: `sum by (sink, result) (rate(icelocator_sink_items_total{${pods}}[$__rate_interval]))`, legend: '{{sink}}: {{result}}' },
      { expr: `sum by (sink) (rate(icelocator_sink_retries_total{${pods}}[$__rate_interval]))`, legend: '{{sink}}: sent again' },
    ],
  }),
  timeseries({
    title: 'Items that wait',
    description: 'How many items wait for each destination, those on their way included. At 10,000 what comes new is dropped.',
    unit: 'short',
    width: 6,
    queries: [{ expr: `sum by (sink) (icelocator_sink_queue_items{${pods}})`, legend: '{{sink}}' }],
  }),
  timeseries({
    title: 'Memory of what waits',
    description: 'What the items that wait for each destination hold.',
    unit: 'bytes',
    width: 6,
    queries: [{ expr: `sum by (sink) (icelocator_sink_queue_bytes{${pods}})`, legend: '{{sink}}' }],
  }),
  timeseries({
    title: 'Request time, 95th percentile',
    description: 'How long requests to each destination take, by whether it took the items.',
    unit: 's',
    width: 12,
    queries: [
      {
        expr: quantile(0.95, 'icelocator_sink_request_duration_seconds', pods, ['sink', 'result']),
        legend: '{{sink}}: {{result}}',
      },
    ],
  }),
  timeseries({
    title: 'Held back by the last look',
    description: 'Items that did not leave because something in them identifies a person, by destination and kind. Each is a bug.',
    unit: 'short',
    width: 12,
    queries: [
      {
        expr: `sum by (sink, kind) (increase(icelocator_privacy_blocked_total{${pods}}[$__rate_interval]))`,
        legend: '{{sink}}: {{kind}}',
      },
    ],
  }),
];

const callers = [
  timeseries({
    title: 'Callers not known',
    description:
      'Requests a second whose token was not taken, by its kind and what is wrong with it, beside all whose caller had to be known. Nought where anyone may call.',
    unit: 'reqps',
    width: 8,
    queries: [
      { expr: `sum by (kind, reason) (rate(icelocator_auth_failures_total{${pods}}[$__rate_interval]))`, legend: '{{kind}}: {{reason}}' },
      { expr: `sum(rate(icelocator_auth_attempts_total{${pods}}[$__rate_interval]))`, legend: 'had to be known' },
    ],
  }),
  timeseries({
    title: 'Calls that came too soon',
    description: 'Calls a second that were told to come back, by the limit that they met. Callers are told when.',
    unit: 'reqps',
    width: 8,
    queries: [{ expr: `sum by (limit) (rate(icelocator_limits_refused_total{${pods}}[$__rate_interval]))`, legend: '{{limit}}' }],
  }),
  timeseries({
    title: 'Settings read again',
    description:
      'How often an hour a pod found its settings changed, by what became of it. Restart needed: the operator rolls the pods by itself. Broken: the settings before stay in effect.',
    unit: 'short',
    width: 8,
    decimals: 0,
    queries: [{ expr: `sum by (result) (increase(icelocator_settings_reloads_total{${pods}}[1h]))`, legend: '{{result}}' }],
  }),
];

/** Errors over the objective's budget, over `window`, from the recorded short series. */
const burn = (bad: string, all: string, objective: string, window: string): string =>
  `(sum_over_time(${bad}{${instance}}[${window}]) / sum_over_time(${all}{${instance}}[${window}])) / (1 - ${objective}{${instance}})`;

const burnQueries = (bad: string, all: string, objective: string) =>
  ['5m', '1h', '6h'].map((window) => ({ expr: burn(bad, all, objective, window), legend: `over ${window}` }));

const objectives = [
  timeseries({
    title: 'Availability: how fast the error budget burns',
    description:
      'At 1 the budget lasts exactly the objective\'s window; at 14.4 a thirty-day budget is gone in two days. Read from the recording rules of this instance: empty while alerting is off.',
    unit: 'short',
    width: 12,
    decimals: 1,
    queries: burnQueries(
      'icelocator:searches_failed:rate',
      'icelocator:searches:rate',
      'icelocator:availability_objective:ratio',
    ),
  }),
  timeseries({
    title: 'Latency: how fast the error budget burns',
    description:
      'The same for answers slower than the objective\'s threshold. Read from the recording rules of this instance: empty while alerting is off.',
    unit: 'short',
    width: 12,
    decimals: 1,
    queries: burnQueries(
      'icelocator:searches_slow:rate',
      'icelocator:searches_answered:rate',
      'icelocator:latency_objective:ratio',
    ),
  }),
];

const podRows = [
  timeseries({
    title: 'Calls in flight',
    description: 'Calls each pod works on now, and the most it takes at a time.',
    unit: 'short',
    width: 8,
    decimals: 0,
    dashed: ['limit of a pod'],
    colours: { 'limit of a pod': 'text' },
    queries: [
      { expr: `sum by (pod) (icelocator_calls_in_flight{${pods}})`, legend: '{{pod}}' },
      { expr: `max(icelocator_calls_limit{${pods}})`, legend: 'limit of a pod' },
    ],
  }),
  timeseries({
    title: 'Calls turned away',
    description: 'Calls a second refused because a pod was at its limit. Callers are told when to try again.',
    unit: 'reqps',
    width: 8,
    colours: { 'turned away': 'red' },
    queries: [{ expr: orNought(`sum(rate(icelocator_calls_shed_total{${pods}}[$__rate_interval]))`), legend: 'turned away' }],
  }),
  timeseries({
    title: 'CPU',
    description: 'Processor time each pod uses, in cores.',
    unit: 'cores',
    width: 8,
    decimals: 2,
    queries: [{ expr: `sum by (pod) (rate(process_cpu_seconds_total{${pods}}[$__rate_interval]))`, legend: '{{pod}}' }],
  }),
  timeseries({
    title: 'Memory',
    description: 'Resident memory of each pod, and the limit of its container; nought where it has none.',
    unit: 'bytes',
    width: 8,
    dashed: ['limit of a pod'],
    colours: { 'limit of a pod': 'text' },
    queries: [
      { expr: `max by (pod) (process_resident_memory_bytes{${pods}})`, legend: '{{pod}}' },
      { expr: `max(process_memory_limit_bytes{${pods}})`, legend: 'limit of a pod' },
    ],
  }),
  timeseries({
    title: 'Open files and connections',
    description: 'File descriptors each pod holds open; connections are among them.',
    unit: 'short',
    width: 8,
    decimals: 0,
    queries: [{ expr: `max by (pod) (process_open_fds{${pods}})`, legend: '{{pod}}' }],
  }),
  timeseries({
    title: 'Telemetry dropped',
    description:
      'Spans, attributes, log fields and metric pushes that did not leave, by reason. Not allowed: held back because nothing but what is on the list may leave. Any other reason: the collector does not keep up.',
    unit: 'cps',
    width: 8,
    stacked: true,
    queries: [
      {
        expr: `sum by (signal, reason) (rate(icelocator_telemetry_dropped_total{${pods}}[$__rate_interval]))`,
        legend: '{{signal}}: {{reason}}',
      },
    ],
  }),
  table({
    title: 'Pods',
    description: 'Each pod with its version, and for how long it has run.',
    unit: 'short',
    width: 24,
    rows: 6,
    queries: [
      { expr: `max by (pod, version) (icelocator_build_info{${pods}})`, legend: 'version' },
      { expr: `time() - max by (pod) (process_start_time_seconds{${pods}})`, legend: 'uptime' },
    ],
    columns: [
      { from: 'pod', heading: 'Pod' },
      { from: 'version', heading: 'Version' },
      { from: 'Value #B', heading: 'Up for', unit: 'dtdurations' },
    ],
  }),
];

/** The overview, with the defaults that the operator replaces. */
export function overview(): Dashboard {
  const built = dashboard({
    title: 'IceLocator / Overview',
    uid: 'icelocator-overview',
    description: 'One IceLocator: its answers, its upstream site, its objectives and its pods.',
    tags: ['overview'],
    traces: {
      service: 'icelocator-server',
      where: ' && resource.k8s.namespace.name="${namespace}"',
    },
  })
    .withVariable(labelVariable('namespace', 'Namespace', 'icelocator_build_info', 'namespace'))
    .withVariable(
      labelVariable('instance', 'Instance', 'icelocator_build_info{namespace="$namespace"}', 'icelocator'),
    )
    .withVariable(
      labelVariable('pod', 'Pod', `icelocator_build_info{${instance}}`, 'pod')
        .multi(true)
        .includeAll(true)
        .allValue('.*')
        .current({ text: 'All', value: '$__all' }),
    );
  for (const [title, panels] of [
    ['At a glance', glance],
    ['Searches', searches],
    ['MCP', protocol],
    ['The upstream site', upstream],
    ['The way to it', access],
    ['Callers', callers],
    ['Privacy', privacy],
    ['Where it is sent', destinations],
    ['Objectives', objectives],
    ['Pods', podRows],
  ] as const) {
    built.withRow(new RowBuilder(title));
    panels.forEach((panel) => built.withPanel(panel));
  }
  return built.build();
}

// The operator and everything it looks after: every IceLocator with its state,
// and the operator's own work. Delivered by the chart, once an installation.

import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { Colour, dashboard, labelVariable, stat, table, timeseries } from './house';

/** The operator in its own namespace, and the chosen pods of it. */
const operator = 'namespace="$namespace",pod=~"$pod"';
/** The chosen instances, as the operator reports them. */
const resources = `namespace="$namespace",icelocator=~"$instance"`;
/** The chosen instances' own series, in whatever namespace they live. */
const servers = 'icelocator=~"$instance"';

const phaseColours: Record<string, Colour> = {
  Ready: 'green',
  Progressing: 'blue',
  Suspended: 'text',
  Degraded: 'orange',
  Invalid: 'red',
};

const orNought = (expr: string): string => `${expr} or vector(0)`;

const glance = [
  stat({
    title: 'Resources',
    description: 'IceLocator resources the operator looks after.',
    unit: 'short',
    width: 4,
    decimals: 0,
    queries: [{ expr: orNought(`sum(max by (phase) (icelocator_operator_resources{${operator}}))`), legend: 'resources' }],
  }),
  stat({
    title: 'Not ready',
    description: 'IceLocator resources that are not Ready now.',
    unit: 'short',
    width: 4,
    decimals: 0,
    steps: [
      { from: null, colour: 'green' },
      { from: 1, colour: 'red' },
    ],
    queries: [
      {
        expr: orNought(
          `count(max by (resource_namespace, icelocator) (icelocator_operator_resource_ready{${resources}}) == 0)`,
        ),
        legend: 'not ready',
      },
    ],
  }),
  stat({
    title: 'Operator pods',
    description: 'Pods of the operator that answer the scrape of their metrics.',
    unit: 'short',
    width: 4,
    decimals: 0,
    steps: [
      { from: null, colour: 'red' },
      { from: 1, colour: 'green' },
    ],
    queries: [{ expr: `count(icelocator_operator_build_info{${operator}})`, legend: 'pods' }],
  }),
  stat({
    title: 'Leaders',
    description: 'Pods that hold the lease. One writes, the others stand by; more than one is a fault.',
    unit: 'short',
    width: 4,
    decimals: 0,
    steps: [
      { from: null, colour: 'red' },
      { from: 1, colour: 'green' },
      { from: 2, colour: 'red' },
    ],
    queries: [{ expr: `sum(icelocator_operator_leader{${operator}})`, legend: 'leaders' }],
  }),
  stat({
    title: 'Reconciles that failed',
    description: 'Share of reconciles in the chosen time that ended in an error and are tried again.',
    unit: 'percentunit',
    width: 4,
    decimals: 1,
    steps: [
      { from: null, colour: 'green' },
      { from: 0.05, colour: 'yellow' },
      { from: 0.5, colour: 'red' },
    ],
    queries: [
      {
        expr: `(${orNought(`sum(rate(icelocator_operator_reconciles_total{${operator},result="error"}[$__range]))`)}) / sum(rate(icelocator_operator_reconciles_total{${operator}}[$__range]))`,
        legend: 'failed',
      },
    ],
  }),
  stat({
    title: 'Alerts firing',
    description: 'Alerts of all instances and of the operator that fire now, without the heartbeats that always fire.',
    unit: 'short',
    width: 4,
    decimals: 0,
    steps: [
      { from: null, colour: 'green' },
      { from: 1, colour: 'red' },
    ],
    queries: [
      {
        expr: orNought('count(ALERTS{alertname=~"IceLocator.*",alertstate="firing",severity!="none"})'),
        legend: 'firing',
      },
    ],
  }),
];

const instances = [
  table({
    title: 'Instances',
    description:
      'Every IceLocator: whether it is Ready, what it answers and how fast. An instance\'s name leads to its dashboards.',
    unit: 'short',
    width: 24,
    rows: 9,
    queries: [
      {
        expr: `max by (namespace, icelocator) (label_replace(icelocator_operator_resource_ready{${resources}}, "namespace", "$1", "resource_namespace", "(.+)"))`,
        legend: 'ready',
      },
      { expr: `sum by (namespace, icelocator) (up{${servers}})`, legend: 'pods' },
      {
        expr: `sum by (namespace, icelocator) (rate(icelocator_searches_total{${servers}}[$__rate_interval]))`,
        legend: 'searches',
      },
      {
        expr: `1 - (sum by (namespace, icelocator) (rate(icelocator_searches_total{${servers},outcome=~"challenged|rate_limited|unavailable|page_changed"}[$__range])) or 0 * sum by (namespace, icelocator) (up{${servers}})) / sum by (namespace, icelocator) (rate(icelocator_searches_total{${servers},outcome!="invalid"}[$__range]))`,
        legend: 'answered',
      },
      {
        expr: `histogram_quantile(0.95, sum by (namespace, icelocator, le) (rate(icelocator_search_duration_seconds_bucket{${servers}}[$__range])))`,
        legend: 'p95',
      },
    ],
    columns: [
      { from: 'namespace', heading: 'Namespace' },
      {
        from: 'icelocator',
        heading: 'Instance',
        link: { title: 'Dashboards of ${__value.text}', url: '/dashboards?tag=icelocator&tag=instance:${__value.text}' },
      },
      {
        from: 'Value #A',
        heading: 'Ready',
        unit: 'bool_yes_no',
        steps: [
          { from: null, colour: 'red' },
          { from: 1, colour: 'green' },
        ],
      },
      { from: 'Value #B', heading: 'Pods' },
      { from: 'Value #C', heading: 'Searches', unit: 'reqps' },
      {
        from: 'Value #D',
        heading: 'Answered',
        unit: 'percentunit',
        steps: [
          { from: null, colour: 'red' },
          { from: 0.95, colour: 'yellow' },
          { from: 0.995, colour: 'green' },
        ],
      },
      { from: 'Value #E', heading: '95th percentile', unit: 's' },
    ],
  }),
  timeseries({
    title: 'Resources by phase',
    description: 'How many IceLocator resources are in which phase.',
    unit: 'short',
    width: 12,
    decimals: 0,
    stacked: true,
    colours: phaseColours,
    queries: [{ expr: `max by (phase) (icelocator_operator_resources{${operator}})`, legend: '{{phase}}' }],
  }),
  timeseries({
    title: 'Searches by instance',
    description: 'Searches a second of each instance, whatever their outcome.',
    unit: 'reqps',
    width: 12,
    stacked: true,
    queries: [
      {
        expr: `sum by (namespace, icelocator) (rate(icelocator_searches_total{${servers}}[$__rate_interval]))`,
        legend: '{{namespace}}/{{icelocator}}',
      },
    ],
  }),
];

const work = [
  timeseries({
    title: 'Reconciles by result',
    description: 'ok: done; invalid: the resource is wrong and waits for its author; error: tried again with back-off.',
    unit: 'ops',
    width: 8,
    stacked: true,
    colours: { ok: 'green', invalid: 'yellow', error: 'red' },
    queries: [
      {
        expr: `sum by (result) (rate(icelocator_operator_reconciles_total{${operator}}[$__rate_interval]))`,
        legend: '{{result}}',
      },
    ],
  }),
  timeseries({
    title: 'Reconcile time',
    description: 'How long one reconcile takes, from its start to the status written.',
    unit: 's',
    width: 8,
    queries: ([0.5, 0.95, 0.99] as const).map((q) => ({
      expr: `histogram_quantile(${q}, sum by (le) (rate(icelocator_operator_reconcile_duration_seconds_bucket{${operator}}[$__rate_interval])))`,
      legend: `p${q * 100}`,
    })),
  }),
  timeseries({
    title: 'Writes to the Kubernetes API',
    description:
      'Writes a second by verb. While nothing changes only the lease is written; anything else then is a fight with someone.',
    unit: 'wps',
    width: 8,
    stacked: true,
    queries: [
      {
        expr: `sum by (verb) (rate(icelocator_operator_api_writes_total{${operator}}[$__rate_interval]))`,
        legend: '{{verb}}',
      },
    ],
  }),
  timeseries({
    title: 'Children put back',
    description: 'Objects a second that someone else changed or deleted and that were put back, by kind.',
    unit: 'ops',
    width: 8,
    stacked: true,
    queries: [
      {
        expr: `sum by (kind) (rate(icelocator_operator_repairs_total{${operator}}[$__rate_interval])) or label_replace(vector(0), "kind", "any", "", "")`,
        legend: '{{kind}}',
      },
    ],
  }),
  timeseries({
    title: 'Children left as they are',
    description:
      'Objects a second that the API server gives back otherwise than they were applied, by kind: an admission webhook changes them, and writing them again would be a fight.',
    unit: 'ops',
    width: 8,
    stacked: true,
    queries: [
      {
        expr: `sum by (kind) (rate(icelocator_operator_drift_tolerated_total{${operator}}[$__rate_interval])) or label_replace(vector(0), "kind", "any", "", "")`,
        legend: '{{kind}}',
      },
    ],
  }),
  timeseries({
    title: 'Resources waiting',
    description: 'Resources whose turn has come and that wait for a free worker. More than a few for long: the operator does not keep up.',
    unit: 'short',
    width: 8,
    decimals: 0,
    queries: [{ expr: `sum(icelocator_operator_queue_depth{${operator}})`, legend: 'waiting' }],
  }),
  timeseries({
    title: 'Leader',
    description: 'Which pod of the operator holds the lease.',
    unit: 'short',
    width: 8,
    decimals: 0,
    max: 1,
    queries: [{ expr: `max by (pod) (icelocator_operator_leader{${operator}})`, legend: '{{pod}}' }],
  }),
  timeseries({
    title: 'CPU',
    description: 'Processor time each pod of the operator uses, in cores.',
    unit: 'cores',
    width: 8,
    decimals: 2,
    queries: [
      {
        expr: `sum by (pod) (rate(process_cpu_seconds_total{${operator}}[$__rate_interval]) and on (namespace, pod) icelocator_operator_build_info{${operator}})`,
        legend: '{{pod}}',
      },
    ],
  }),
  timeseries({
    title: 'Memory',
    description: 'Resident memory of each pod of the operator, and the limit of its container; nought where it has none.',
    unit: 'bytes',
    width: 8,
    dashed: ['limit of a pod'],
    colours: { 'limit of a pod': 'text' },
    queries: [
      {
        expr: `max by (pod) (process_resident_memory_bytes{${operator}} and on (namespace, pod) icelocator_operator_build_info{${operator}})`,
        legend: '{{pod}}',
      },
      {
        expr: `max(process_memory_limit_bytes{${operator}} and on (namespace, pod) icelocator_operator_build_info{${operator}})`,
        legend: 'limit of a pod',
      },
    ],
  }),
];

/** The fleet dashboard, as the chart ships it. */
export function fleet(): Dashboard {
  const built = dashboard({
    title: 'IceLocator / Fleet',
    uid: 'icelocator-fleet',
    description: 'Every IceLocator that the operator looks after, and the operator itself.',
    tags: ['fleet'],
    traces: { service: 'icelocator-operator', where: '' },
  })
    .withVariable(labelVariable('namespace', 'Operator namespace', 'icelocator_operator_build_info', 'namespace'))
    .withVariable(
      labelVariable(
        'instance',
        'Instance',
        'icelocator_operator_resource_ready{namespace="$namespace"}',
        'icelocator',
      )
        .multi(true)
        .includeAll(true)
        .allValue('.+')
        .current({ text: 'All', value: '$__all' }),
    )
    .withVariable(
      labelVariable('pod', 'Operator pod', 'icelocator_operator_build_info{namespace="$namespace"}', 'pod')
        .multi(true)
        .includeAll(true)
        .allValue('.*')
        .current({ text: 'All', value: '$__all' }),
    );
  for (const [title, panels] of [
    ['At a glance', glance],
    ['Instances', instances],
    ['The operator', work],
  ] as const) {
    built.withRow(new RowBuilder(title));
    panels.forEach((panel) => built.withPanel(panel));
  }
  return built.build();
}

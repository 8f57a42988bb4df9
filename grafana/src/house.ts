// The house rules every dashboard follows, in one place: a panel made here has a
// title, a description, a unit, a legend and the data source variable, and no
// panel can choose red for anything but failure.

import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  FieldColorBuilder,
  FieldColorModeId,
  QueryVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source every query goes to; the operator fills in its default. */
export const datasource = { type: 'prometheus', uid: '${datasource}' };

/** `blue` is neutral, `green` well, `yellow` and `orange` worth a look, `red` failed. */
export type Colour = 'blue' | 'green' | 'yellow' | 'orange' | 'red' | 'purple' | 'text';

/** Values from which a stat changes colour. The first step has no `from`. */
export type Step = { from: number | null; colour: Colour };

export type Query = { expr: string; legend: string };

export type Panel = {
  title: string;
  description: string;
  unit: string;
  queries: Query[];
  /** Width in the grid's 24 columns. */
  width: number;
  min?: number;
  max?: number;
  decimals?: number;
};

const height = { stat: 4, timeseries: 8 };

function target(query: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .datasource(datasource)
    .expr(query.expr)
    .legendFormat(query.legend);
}

function thresholds(steps: Step[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(({ from, colour }) => ({ value: from, color: colour })));
}

/** One number, with its history behind it. Without steps it is blue: a number is not a verdict. */
export function stat(panel: Panel & { steps?: Step[] }): StatBuilder {
  const built = new StatBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(datasource)
    .unit(panel.unit)
    .height(height.stat)
    .span(panel.width)
    .graphMode(BigValueGraphMode.Area)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(thresholds(panel.steps ?? [{ from: null, colour: 'blue' }]));
  panel.queries.forEach((query, index) => built.withTarget(target(query, index).range()));
  if (panel.decimals !== undefined) built.decimals(panel.decimals);
  return built;
}

/** Lines over time. Series without a colour of their own are shades of blue. */
export function timeseries(
  panel: Panel & { stacked?: boolean; colours?: Record<string, Colour>; dashed?: string[] },
): TimeseriesBuilder {
  const built = new TimeseriesBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(datasource)
    .unit(panel.unit)
    .height(height.timeseries)
    .span(panel.width)
    .min(panel.min ?? 0)
    .lineWidth(1)
    .fillOpacity(panel.stacked ? 40 : 8)
    .showPoints(VisibilityMode.Never)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Shades).fixedColor('blue'))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (panel.max !== undefined) built.max(panel.max);
  if (panel.decimals !== undefined) built.decimals(panel.decimals);
  if (panel.stacked) built.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  for (const [name, colour] of Object.entries(panel.colours ?? {})) {
    built.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }]);
  }
  for (const name of panel.dashed ?? []) {
    built.overrideByName(name, [
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
      { id: 'custom.fillOpacity', value: 0 },
    ]);
  }
  panel.queries.forEach((query, index) => built.withTarget(target(query, index).range()));
  return built;
}

/** What a table's column shows: the label or query it comes from, its heading, and how it reads. */
export type Column = { from: string; heading: string; unit?: string; steps?: Step[]; link?: { title: string; url: string } };

/** Instant values side by side, one row for each set of labels that the queries agree on; `rows` is its height. */
export function table(panel: Panel & { columns: Column[]; rows: number }): TableBuilder {
  const built = new TableBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(datasource)
    .unit(panel.unit)
    .height(panel.rows)
    .span(panel.width)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(thresholds([{ from: null, colour: 'text' }]));
  panel.queries.forEach((query, index) =>
    built.withTarget(target(query, index).instant().format(PromQueryFormat.Table)),
  );
  const shown = panel.columns.map((column) => column.from);
  built
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'filterFieldsByName', options: { include: { names: shown } } })
    .withTransformation({
      id: 'organize',
      options: {
        indexByName: Object.fromEntries(shown.map((name, index) => [name, index])),
        renameByName: Object.fromEntries(panel.columns.map(({ from, heading }) => [from, heading])),
      },
    });
  for (const { heading, unit, steps, link } of panel.columns) {
    const properties: { id: string; value: unknown }[] = [];
    if (unit !== undefined) properties.push({ id: 'unit', value: unit });
    if (steps !== undefined) {
      properties.push({ id: 'thresholds', value: thresholds(steps).build() });
      properties.push({ id: 'custom.cellOptions', value: { type: 'color-text' } });
    }
    if (link !== undefined) properties.push({ id: 'links', value: [link] });
    if (properties.length > 0) built.overrideByName(heading, properties);
  }
  return built;
}

/** A variable read from the labels of a series. */
export function labelVariable(name: string, label: string, series: string, from: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ qryType: 1, query: `label_values(${series},${from})`, refId: `${name}-values` })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);
}

/** The link to the traces of `service`: the newest of the chosen time, in Explore. */
function tracesLink(service: string, where: string): DashboardLinkBuilder {
  const panes = {
    traces: {
      datasource: '${traces}',
      queries: [
        {
          refId: 'A',
          datasource: { type: 'tempo', uid: '${traces}' },
          queryType: 'traceql',
          query: `{resource.service.name="${service}"${where}}`,
        },
      ],
      range: { from: '${__from}', to: '${__to}' },
    },
  };
  return new DashboardLinkBuilder('Traces')
    .type(DashboardLinkType.Link)
    .icon('external link')
    .tooltip('The traces behind these numbers, in the trace data source chosen above')
    .url(`/explore?schemaVersion=1&orgId=\${__org.id}&panes=${encodePanes(panes)}`)
    .targetBlank(true);
}

/** URL-encodes all but the `${variables}`, which Grafana fills in. */
function encodePanes(panes: unknown): string {
  return encodeURIComponent(JSON.stringify(panes)).replace(/%24%7B(\w+)%7D/g, '${$1}');
}

/** A dashboard with the common variables and links, read-only, refreshed twice a minute. */
export function dashboard(about: {
  title: string;
  uid: string;
  description: string;
  tags: string[];
  traces: { service: string; where: string };
}): DashboardBuilder {
  return new DashboardBuilder(about.title)
    .uid(about.uid)
    .description(about.description)
    .tags(['icelocator', ...about.tags])
    .readonly()
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(
      new DatasourceVariableBuilder('traces').label('Traces').type('tempo').hide(VariableHide.InControlsMenu),
    )
    .link(
      new DashboardLinkBuilder('IceLocator dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags(['icelocator'])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    )
    .link(tracesLink(about.traces.service, about.traces.where));
}

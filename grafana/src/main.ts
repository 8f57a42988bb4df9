// Writes the dashboards' JSON where it is used, or checks that what is there is
// what this source makes:
//
//   node build/main.js write
//   node build/main.js check     exits 1 and names the files that are stale
//
// Either way the JSON is left as TypeScript in build/typed/, for the compiler to
// hold against Grafana's own schema (see typed.json).

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleet } from './fleet';
import { overview } from './overview';

const repository = join(__dirname, '..', '..');

/** Each dashboard with every file it is kept in: the chart can only read files inside itself. */
const dashboards: { name: string; make: () => Dashboard; files: string[] }[] = [
  { name: 'overview', make: overview, files: ['grafana/dashboards/overview.json'] },
  {
    name: 'fleet',
    make: fleet,
    files: ['grafana/dashboards/fleet.json', 'charts/icelocator-operator/files/fleet.json'],
  },
];

/** Settings of interval variables, which the SDK writes on every variable and Grafana's schema refuses. */
const strays = new Set(['auto', 'auto_min', 'auto_count']);

/** The dashboard's JSON; panels are numbered in their order, so that links to a panel stay. */
function json(make: () => Dashboard): string {
  const dashboard = make();
  dashboard.panels?.forEach((panel, index) => {
    panel.id = index + 1;
  });
  return JSON.stringify(dashboard, (key, value: unknown) => (strays.has(key) ? undefined : value), 2);
}

function write(file: string, text: string): void {
  const path = join(repository, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function isStale(file: string, text: string): boolean {
  const path = join(repository, file);
  return !existsSync(path) || readFileSync(path, 'utf8') !== text;
}

/** The JSON as a TypeScript value of Grafana's type; `Plain` lets its enums be written as their values. */
function typed(text: string): string {
  return [
    "import type { Dashboard } from '@grafana/schema';",
    'type Plain<T> = T extends string ? `${T}` : T extends number ? number',
    '  : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;',
    `export const dashboard: Plain<Dashboard> = ${text};`,
    '',
  ].join('\n');
}

function main(command: string | undefined): number {
  if (command !== 'write' && command !== 'check') {
    console.error('usage: main.js write|check');
    return 2;
  }
  const stale: string[] = [];
  for (const { name, make, files } of dashboards) {
    const text = json(make);
    write(`grafana/build/typed/${name}.ts`, typed(text));
    for (const file of files) {
      if (command === 'check') {
        if (isStale(file, `${text}\n`)) stale.push(file);
      } else {
        write(file, `${text}\n`);
        console.log(`wrote ${file}`);
      }
    }
  }
  if (stale.length > 0) {
    console.error(`stale: ${stale.join(', ')}; run \`npm run build\` in grafana/ and commit the result`);
    return 1;
  }
  return 0;
}

process.exit(main(process.argv[2]));

// Figures as text that Prometheus reads (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4). Pure.

export type Metric = {
  readonly name: string;
  /** A counter only grows, and its name ends in `_total`. */
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
};

export type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

export const writeExposition = (metrics: readonly Metric[]): string => metrics.map(writeMetric).join('');

const writeMetric = ({ name, type, help, samples }: Metric): string =>
  [
    `# HELP ${name} ${help.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`)}\n`,
    `# TYPE ${name} ${type}\n`,
    ...samples.map(({ labels = {}, value }) => `${name}${writeLabels(labels)} ${writeValue(value)}\n`),
  ].join('');

const writeLabels = (labels: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const escapeValue = (text: string): string =>
  text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);

const writeValue = (value: number): string =>
  Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';

/** A metric of one figure. */
export const gauge = (name: string, help: string, value: number): Metric => ({
  name,
  type: 'gauge',
  help,
  samples: [{ value }],
});

/** A figure for each of some names. */
export const byLabel = (label: string, values: Iterable<readonly [string, number]>): Sample[] =>
  [...values].map(([name, value]) => ({ labels: { [label]: name }, value }));

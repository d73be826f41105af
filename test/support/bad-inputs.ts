// The table of bad inputs to the API, and how an entry is expanded into what goes over the wire.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

type Generated = {
  readonly prefix?: string;
  readonly unit: string;
  readonly count: number;
  readonly join?: string;
  readonly mid?: string;
  readonly unit2?: string;
  readonly suffix?: string;
};

export type BadInput = {
  readonly name: string;
  readonly kind: 'batch-body' | 'query' | 'header' | 'upload';
  // oxlint-disable-next-line typescript/no-explicit-any -- its shape depends on the kind
  readonly input: any;
  readonly expect: {
    readonly status: number | null;
    readonly pointer?: string;
    readonly parameter?: string;
    readonly errorsLength?: number;
    readonly results?: number;
    /** Which line is at fault; how many requests are accepted, in all where it is sent again. */
    readonly line?: number;
    readonly accepted?: number;
    readonly repeat?: number;
    readonly header?: string;
    readonly why?: string;
  };
  readonly setup?: { readonly headers?: Record<string, string | null>; readonly drip?: string };
};

export const badInputs = (kind: BadInput['kind']): readonly BadInput[] =>
  (JSON.parse(readFileSync(new URL('bad-inputs-api.json', import.meta.url), 'utf8')) as BadInput[]).filter(
    (each) => each.kind === kind,
  );

/** Text, `{json}`, `{b64}`, `{gen}` or `{gzipOf}` → bytes. */
export const expand = (input: BadInput['input']): Buffer => {
  if (typeof input === 'string') return Buffer.from(input);
  if ('json' in input) return Buffer.from(JSON.stringify(input.json));
  if ('b64' in input) return Buffer.from(input.b64, 'base64');
  if ('gen' in input) return Buffer.from(generate(input.gen));
  return gzipSync(generate(input.gzipOf));
};

const generate = ({
  prefix = '',
  unit,
  count,
  join = '',
  mid = '',
  unit2,
  suffix = '',
}: Generated): string => {
  const units = unit.includes('{i}')
    ? Array.from({ length: count }, (_, i) => unit.replace('{i}', String(i))).join(join)
    : (unit + join).repeat(count - 1) + unit;
  return prefix + units + mid + (unit2 ?? '').repeat(count) + suffix;
};

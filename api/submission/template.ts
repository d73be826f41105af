// A request template and the values of its variables → how many requests that is, and each of them, made when it is asked for.
import { z } from 'zod';
import { maxUrlLength } from '../../shared/url-rule.ts';
import type { FieldErrors } from './field-errors.ts';
import { parseField } from './field-rules.ts';
import { createTemplateText, type TemplateText } from './template-text.ts';
import { readRange, type Values } from './template-values.ts';

const maxVariables = 20;
const maxListed = 100_000;

const valueSchema = z.union([z.string().max(maxUrlLength), z.number()]);
const howToWrite = `write a range as 1..5000, 001..100 or 0..100..10, or a list of 1 to ${maxListed} values`;
const namePattern = /^[A-Za-z_]\w{0,63}$/;

/** `{name}` in these texts stands for a value, percent-encoded in the URL, `{+name}` for it as it is; `{{` for a brace. */
export const templateSchema = z.strictObject({
  url: z.string().max(maxUrlLength).describe('Such as `https://api.example.org/items?page={page}`.'),
  id: z.string().max(1000).optional(),
  method: z.string().max(10).optional(),
  headers: z.record(z.string().max(256), z.string().max(8192)).optional(),
  body: z.string().max(65_536).optional(),
  vars: z
    .record(
      z.string().regex(namePattern),
      z.union([z.string(), z.array(valueSchema).min(1).max(maxListed)], { error: howToWrite }),
    )
    .describe('A range such as `1..5000`, `001..100` or `0..100..10`, or a list of values, by name.'),
  combine: z
    .enum(['product', 'zip'])
    .describe(
      'Every combination of values, the last variable changing first; or all first values, all second ones.',
    )
    .default('product'),
});

/** A request as a user would have written it. */
export type Expanded = { readonly url: string } & Readonly<Record<string, unknown>>;

export type Template = {
  /** More than can be counted to is Infinity. */
  readonly count: number;
  /** In the order of the variables: the last one changes first, or all at once where they are zipped. */
  readonly at: (index: number) => Expanded;
};

/** Undefined where errors were added, under `/template`. */
export const readTemplate = (value: unknown, errors: FieldErrors): Template | undefined => {
  const before = errors.count();
  const parsed = parseField(templateSchema, value, { path: ['template'], errors });
  if (parsed === undefined) return undefined;
  const { vars, combine, ...texts } = parsed;
  const variables = readVariables(vars, errors);
  const used = new Set<string>();
  const read = (text: string, path: readonly string[], isUrl: boolean): TemplateText =>
    createTemplateText(text, {
      isUrl,
      has: (name) => (used.add(name), variables.has(name)),
      refuse: (message) => errors.add(['template', ...path], message),
    });
  const url = read(texts.url, ['url'], true);
  const others = Object.entries(texts).flatMap(([name, text]) =>
    name === 'url' || typeof text !== 'string' ? [] : [[name, read(text, [name], false)] as const],
  );
  const headers = Object.entries(texts.headers ?? {}).map(
    ([name, text]) => [name, read(text, ['headers', name], false)] as const,
  );
  for (const name of variables.keys())
    if (!used.has(name)) errors.add(['template', 'vars', name], 'is not used in the template');
  const counts = [...variables.values()].map(({ count }) => count);
  if (combine === 'zip' && new Set(counts).size > 1)
    errors.add(
      ['template', 'vars'],
      `to be zipped all must have as many values; they have ${counts.join(', ')}`,
    );
  if (errors.count() > before) return undefined;
  return {
    count: combine === 'zip' ? (counts[0] ?? 1) : counts.reduce((product, count) => product * count, 1),
    at(index) {
      const valueOf = pick(variables, index, combine);
      return {
        url: url(valueOf),
        ...Object.fromEntries(others.map(([name, text]) => [name, text(valueOf)])),
        ...(texts.headers !== undefined && {
          headers: Object.fromEntries(headers.map(([name, text]) => [name, text(valueOf)])),
        }),
      };
    },
  };
};

const readVariables = (
  vars: z.output<typeof templateSchema>['vars'],
  errors: FieldErrors,
): ReadonlyMap<string, Values> => {
  const names = Object.keys(vars);
  if (names.length > maxVariables) errors.add(['template', 'vars'], `at most ${maxVariables} are allowed`);
  return new Map(
    Object.entries(vars).map(([name, written]): [string, Values] => {
      if (typeof written !== 'string')
        return [name, { count: written.length, at: (i) => String(written[i]).toWellFormed() }];
      const range = readRange(written);
      if (range !== undefined) return [name, range];
      errors.add(['template', 'vars', name], howToWrite);
      return [name, { count: 1, at: () => '' }];
    }),
  );
};

/** The value of each variable in the request of this index. */
const pick = (
  variables: ReadonlyMap<string, Values>,
  index: number,
  combine: 'product' | 'zip',
): ((name: string) => string) => {
  const values = new Map<string, string>();
  let rest = index;
  for (const [name, { count, at }] of [...variables].toReversed()) {
    values.set(name, at(combine === 'zip' ? index : rest % count));
    rest = Math.floor(rest / count);
  }
  return (name) => values.get(name) ?? '';
};

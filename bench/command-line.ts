// What may be asked of `npm run bench`. Pure.
import { parseArgs } from 'node:util';

export type Asked = {
  readonly scenarios: readonly string[];
  readonly rounds: number | undefined;
  readonly count: number | undefined;
  readonly contenders: readonly string[] | undefined;
};

/** The scenarios that are asked for together, by the name of their group. */
export type Groups = Readonly<Record<string, readonly string[]>>;

/** Names are of scenarios or groups; none mean the first group. Throws an Error that says what to write instead. */
export const parseCommandLine = (args: readonly string[], groups: Groups): Asked => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { rounds: { type: 'string' }, count: { type: 'string' }, contenders: { type: 'string' } },
  });
  return {
    scenarios: chooseScenarios(positionals, groups),
    rounds: wholeNumber('--rounds', values.rounds, 50),
    count: wholeNumber('--count', values.count, 1_000_000),
    contenders: values.contenders?.split(','),
  };
};

/** The scenarios of these names, of scenarios or groups; none mean the first group. Throws an Error that lists what there is. */
export const chooseScenarios = (names: readonly string[], groups: Groups): readonly string[] => {
  const known = new Set(Object.values(groups).flat());
  const [first = ''] = Object.keys(groups);
  const scenarios = (names.length === 0 ? [first] : names).flatMap((name) => groups[name] ?? name);
  const unknown = scenarios.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Error(`no scenario named ${unknown.join(', ')}; there are ${listGroups(groups)}`);
  }
  return scenarios;
};

const listGroups = (groups: Groups): string =>
  Object.entries(groups)
    .map(([group, names]) => `${names.join(', ')} (${group})`)
    .join(', ');

/** Throws an Error that names the option where it is none from 1 to `max`. */
export const wholeNumber = (name: string, text: string | undefined, max: number): number | undefined => {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > max) throw new Error(`${name} must be a whole number from 1 to ${max}`);
  return number;
};

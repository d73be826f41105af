// What may be asked of `npm run bench`. Pure.
import { parseArgs } from 'node:util';

export type Asked = {
  readonly scenarios: readonly string[];
  readonly rounds: number | undefined;
  readonly count: number | undefined;
};

/** No names mean all of `known`. Throws an Error that says what to write instead. */
export const parseCommandLine = (args: readonly string[], known: readonly string[]): Asked => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { rounds: { type: 'string' }, count: { type: 'string' } },
  });
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`no scenario named ${unknown.join(', ')}; there are ${known.join(', ')}`);
  }
  return {
    scenarios: positionals.length === 0 ? known : positionals,
    rounds: wholeNumber('--rounds', values.rounds, 50),
    count: wholeNumber('--count', values.count, 1_000_000),
  };
};

const wholeNumber = (name: string, text: string | undefined, max: number): number | undefined => {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > max) throw new Error(`${name} must be a whole number from 1 to ${max}`);
  return number;
};

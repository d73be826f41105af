// What may be asked of `npm run chaos`. Pure.
import { parseArgs } from 'node:util';
import { chooseScenarios, wholeNumber, type Groups } from '../bench/command-line.ts';

export type Asked = {
  readonly scenarios: readonly string[];
  /** Undefined: one that was not seen before. */
  readonly seed: number | undefined;
  readonly count: number | undefined;
  readonly times: number | undefined;
  readonly seconds: number | undefined;
};

/** Names are of scenarios or groups; none mean the first group. Throws an Error that says what to write instead. */
export const parseCommandLine = (args: readonly string[], groups: Groups): Asked => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      count: { type: 'string' },
      times: { type: 'string' },
      seconds: { type: 'string' },
    },
  });
  return {
    scenarios: chooseScenarios(positionals, groups),
    seed: wholeNumber('--seed', values.seed, 2 ** 32 - 1),
    count: wholeNumber('--count', values.count, 1_000_000),
    times: wholeNumber('--times', values.times, 1000),
    seconds: wholeNumber('--seconds', values.seconds, 600),
  };
};

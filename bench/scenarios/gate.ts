// A small fixed race that a change must not lose: it fails where a ratio of before has fallen to less than half.
import { rowNamed, timesAsFastAtBest, withoutFailure } from '../compare.ts';
import { engine } from '../contenders/engine.ts';
import { fetchfleet } from '../contenders/fetchfleet.ts';
import { undiciRequest } from '../contenders/undici-request.ts';
import { runRace, type Race } from '../race.ts';
import type { Report, Scenario } from '../scenario.ts';
import type { Bound } from '../trial.ts';

/** How many times as fast as the bare loop each was, a URL, when this was last looked at. */
const before = { fetchfleet: 1, engine: 1.5 };

const race: Race = {
  scenario: 'gate',
  about:
    'small JSON bodies, concurrency 100, beside a bare undici.request loop: half of what it was is a collapse',
  target: { delayMs: 0, deadKeepAlive: false },
  load: { count: 5000, concurrency: 100, timeoutMs: 20_000, until: 'stored' },
  rounds: 3,
  contenders: [fetchfleet, engine, undiciRequest],
  bounds: (report) => gateBounds(report),
};

export const gate: Scenario = {
  name: race.scenario,
  about: race.about,
  run: (bench) => runRace(race, bench),
};

/** By the best of the rounds: a machine that others use slows some of them, a collapse all. */
export const gateBounds = (report: Report): readonly Bound[] => {
  const bare = rowNamed(report, 'undici-request');
  const ratios = Object.entries(before).map(([name, was]) => {
    const row = rowNamed(report, name);
    const value = row === undefined || bare === undefined ? Number.NaN : timesAsFastAtBest(row, bare);
    return {
      name: `best round of ${name} by that of the loop, ${was} before`,
      value,
      unit: '×',
      least: was / 2,
    };
  });
  return [...ratios, withoutFailure(report)];
};

// What the permits per host cost: the same load with them and without, in turns.
import { fetchfleet, fetchfleetWith } from '../contenders/fetchfleet.ts';
import { runRace, type Race } from '../race.ts';
import type { Scenario } from '../scenario.ts';
import { median, speedRatio } from '../statistics.ts';
import type { Trial } from '../trial.ts';

const unlimited = fetchfleetWith({
  name: 'without permits',
  about: 'limits per host switched off',
  environment: { FETCHFLEET_HOST_LIMITS: 'off' },
});

const race: Race = {
  scenario: 'permits-cost',
  about:
    'throughput with permits per host, beside that without: small JSON bodies, concurrency 100, one worker process',
  target: { delayMs: 0, deadKeepAlive: false },
  load: { count: 20_000, concurrency: 100, timeoutMs: 60_000, until: 'stored' },
  rounds: 9,
  contenders: [fetchfleet, unlimited],
};

export const permitsCost: Scenario = {
  name: race.scenario,
  about: race.about,
  run: async (bench) => {
    const { rows, skipped, count } = await runRace(race, bench);
    const missing = skipped.map(({ name, reason }) => `${name}: ${reason}`);
    if (missing.length > 0) throw new Error(missing.join(', '));
    const [limited = [], free = []] = rows.map(({ durationsMs }) => durationsMs);
    return { scenario: race.scenario, about: race.about, ...judge(limited, free, count) };
  },
};

/** Of the durations of `count` URLs, round by round. */
const judge = (limitedMs: readonly number[], freeMs: readonly number[], count: number): Trial => {
  const perSecond = (durationsMs: readonly number[]): number => count / (median(durationsMs) / 1000);
  return {
    bounds: [
      { name: 'throughput with permits, by that without', value: speedRatio(limitedMs, freeMs), least: 0.9 },
    ],
    figures: [
      { name: 'with permits', value: perSecond(limitedMs), unit: 'URL/s' },
      { name: 'without', value: perSecond(freeMs), unit: 'URL/s' },
    ],
  };
};

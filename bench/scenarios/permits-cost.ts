// What the permits per host cost: the same load with them and without, in turns.
import { fetchfleet, fetchfleetWith } from '../contenders/fetchfleet.ts';
import { runRace, type Race } from '../race.ts';
import type { Row, Scenario } from '../scenario.ts';
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
    const [limited, free] = rows;
    if (limited === undefined || free === undefined)
      throw new Error(skipped.map(({ name, reason }) => `${name}: ${reason}`).join(', '));
    return { scenario: race.scenario, about: race.about, ...judge(limited, free, count) };
  },
};

/** Of `count` URLs a run, round by round. */
const judge = (limited: Row, free: Row, count: number): Trial => {
  const perSecond = ({ durationsMs }: Row): number => count / (median(durationsMs) / 1000);
  const cpuOf = ({ cpuSeconds }: Row): number => (median(cpuSeconds) / count) * 1e6;
  return {
    bounds: [
      {
        name: 'throughput with permits, by that without',
        value: speedRatio(limited.durationsMs, free.durationsMs),
        least: 0.9,
      },
    ],
    figures: [
      { name: 'with permits', value: perSecond(limited), unit: 'URL/s' },
      { name: 'without', value: perSecond(free), unit: 'URL/s' },
      { name: 'CPU of API and worker with permits', value: cpuOf(limited), unit: 'µs/URL' },
      { name: 'CPU of API and worker without', value: cpuOf(free), unit: 'µs/URL' },
    ],
  };
};

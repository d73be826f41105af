// What the permits per host cost: the same load with them and without, in turns.
import { fetchfleet, fetchfleetWith } from '../contenders/fetchfleet.ts';
import { runRace, type Race } from '../race.ts';
import type { Scenario } from '../scenario.ts';
import { judgeVariants } from '../variants.ts';

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
    const report = await runRace(race, bench);
    const variants = { what: 'permits', on: fetchfleet.name, off: unlimited.name, least: 0.9 };
    return { scenario: race.scenario, about: race.about, ...judgeVariants(report, variants) };
  },
};

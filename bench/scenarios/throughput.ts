// How many URLs a second one worker does when every body is small.
import { fetchfleet } from '../contenders/fetchfleet.ts';
import { jobPerUrl } from '../contenders/job-per-url.ts';
import { undiciDispatch } from '../contenders/undici-dispatch.ts';
import { undiciRequest } from '../contenders/undici-request.ts';
import { runRace, type Race } from '../race.ts';
import type { Scenario } from '../scenario.ts';

const race: Race = {
  scenario: 'throughput',
  about: 'small JSON bodies from a fast target, concurrency 100, one worker process',
  target: { delayMs: 0, deadKeepAlive: false },
  load: { count: 20_000, concurrency: 100, timeoutMs: 60_000, until: 'stored' },
  rounds: 5,
  contenders: [fetchfleet, jobPerUrl, undiciRequest, undiciDispatch],
};

export const throughput: Scenario = {
  name: race.scenario,
  about: race.about,
  run: (bench) => runRace(race, bench),
};

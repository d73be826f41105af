// Bodies that are not small: a megabyte each, which goes to the body store, and JSON in gzip.
import { withinMemory, withoutFailure } from '../compare.ts';
import { fetchfleet } from '../contenders/fetchfleet.ts';
import { aiohttp } from '../contenders/python.ts';
import { undiciDispatch } from '../contenders/undici-dispatch.ts';
import { undiciRequest } from '../contenders/undici-request.ts';
import { runRace, type Race } from '../race.ts';
import type { Scenario } from '../scenario.ts';

const large: Race = {
  scenario: 'large-bodies',
  about: 'bodies of 1 MB that cannot be packed, concurrency 100, one worker process',
  target: { delayMs: 0, deadKeepAlive: false, document: 'large' },
  load: { count: 2000, concurrency: 100, timeoutMs: 120_000, until: 'stored' },
  rounds: 3,
  contenders: [fetchfleet, undiciRequest, undiciDispatch, aiohttp],
  bounds: (report) => [withoutFailure(report), ...withinMemory(report, 200)],
};

const gzip: Race = {
  scenario: 'gzip-bodies',
  about: 'JSON in gzip, 58 kB in 5 kB, concurrency 100, one worker process',
  target: { delayMs: 0, deadKeepAlive: false, document: 'gzip' },
  load: { count: 20_000, concurrency: 100, timeoutMs: 120_000, until: 'stored' },
  fewer: { aiohttp: 5000 },
  rounds: 3,
  contenders: [fetchfleet, undiciRequest, undiciDispatch, aiohttp],
  bounds: (report) => [withoutFailure(report), ...withinMemory(report, 200)],
};

const toScenario = (race: Race, briefCount: number): Scenario => ({
  name: race.scenario,
  about: race.about,
  briefCount,
  run: (bench) => runRace(race, bench),
});

export const largeBodies = toScenario(large, 1000);
export const gzipBodies = toScenario(gzip, 10_000);

// How many URLs a second one worker does when every body is small, beside all the others.
import { atLeastTimes, withinMemory, withoutFailure } from '../compare.ts';
import { crawlee } from '../contenders/crawlee.ts';
import { fetchfleet } from '../contenders/fetchfleet.ts';
import { jobPerUrl } from '../contenders/job-per-url.ts';
import { aiohttp, scrapy, threads } from '../contenders/python.ts';
import { sequential } from '../contenders/sequential.ts';
import { undiciDispatch } from '../contenders/undici-dispatch.ts';
import { undiciRequest } from '../contenders/undici-request.ts';
import { runRace, type Race } from '../race.ts';
import type { Report, Scenario } from '../scenario.ts';
import type { Bound } from '../trial.ts';

/** What the subject is to come to, a URL, by how many times as fast as each of these. */
const goals = { 'undici-request': 1.2, 'undici-dispatch': 0.65, 'job-per-url': 5, aiohttp: 4, scrapy: 30 };

const race: Race = {
  scenario: 'throughput',
  about: 'small JSON bodies from a fast target, concurrency 100, one worker process',
  target: { delayMs: 0, deadKeepAlive: false },
  load: { count: 100_000, concurrency: 100, timeoutMs: 120_000, until: 'stored' },
  fewer: {
    'job-per-url': 20_000,
    aiohttp: 20_000,
    sequential: 5000,
    threads: 2000,
    scrapy: 1500,
    crawlee: 500,
  },
  rounds: 3,
  // A process gets quicker for some 100,000 URLs.
  warmUp: 1,
  contenders: [
    fetchfleet,
    undiciRequest,
    undiciDispatch,
    jobPerUrl,
    aiohttp,
    threads,
    sequential,
    scrapy,
    crawlee,
  ],
  bounds: (report) => throughputBounds(report),
};

export const throughputBounds = (report: Report): readonly Bound[] => [
  ...atLeastTimes(report, goals),
  withoutFailure(report),
  ...withinMemory(report, 200),
];

export const throughput: Scenario = {
  name: race.scenario,
  about: race.about,
  run: (bench) => runRace(race, bench),
};

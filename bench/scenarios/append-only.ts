// What the append-only file costs: the same load on a Redis that keeps one, and on one that keeps nothing, in turns.
import { readHost } from '../../shared/config.ts';
import { startPrivateRedis, startThrowawayRedis } from '../../shared/private-redis.ts';
import type { Contender } from '../contender.ts';
import { fetchfleetWith } from '../contenders/fetchfleet.ts';
import { runRace, type Race } from '../race.ts';
import type { Bench, Report, Scenario } from '../scenario.ts';
import { judgeVariants } from '../variants.ts';

const scenario = 'append-only';
const about =
  'throughput with the append-only file, beside that without: small JSON bodies, concurrency 100, one worker process';

export const appendOnly: Scenario = {
  name: scenario,
  about,
  run: async (bench) => {
    const variants = { what: 'the file', on: 'file', off: 'no file' };
    return { scenario, about, ...judgeVariants(await raceBoth(bench), variants) };
  },
};

const raceBoth = async (bench: Bench): Promise<Report> => {
  const search = readHost();
  const kept = await startPrivateRedis({ dataDir: await bench.newDirectory(), search });
  try {
    const unkept = await startThrowawayRedis(search);
    try {
      return await runRace(raceOf([on('file', kept.url), on('no file', unkept.url)]), bench);
    } finally {
      await unkept.stop();
    }
  } finally {
    await kept.stop();
  }
};

const raceOf = (contenders: readonly Contender[]): Race => ({
  scenario,
  about,
  target: { delayMs: 0, deadKeepAlive: false },
  load: { count: 20_000, concurrency: 100, timeoutMs: 60_000, until: 'stored' },
  rounds: 9,
  contenders,
});

const on = (name: string, redisUrl: string): Contender => {
  const contender = fetchfleetWith({ name, about: `on a Redis with ${name}`, environment: {} });
  return { ...contender, start: (ground) => contender.start({ ...ground, redisUrl }) };
};

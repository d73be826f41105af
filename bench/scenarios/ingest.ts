// How fast a large submission is taken in, and what each of its URLs costs before anything is fetched.
import { fleetScenario } from '../fleet-scenario.ts';
import { ndjsonOf, neverAsked } from '../ndjson.ts';
import { cpuSecondsOf, peakBytesOf } from '../process-usage.ts';
import { redisUsage } from '../redis-usage.ts';
import { median, spreadOf } from '../statistics.ts';
import type { Trial } from '../trial.ts';

export const ingest = fleetScenario(
  {
    name: 'ingest',
    about: '1,000,000 URLs (or --count) as NDJSON, from the POST sent to the 202; one API process, no worker',
    workers: 0,
  },
  async ({ bench, fleet }) => {
    const { api } = fleet;
    const apiPid = (): number => fleet.apiPid();
    const count = bench.count ?? 1_000_000;
    const lines = ndjsonOf(neverAsked, count);
    const taken: Taken[] = [];
    for (let round = 1; round <= (bench.rounds ?? 3); round += 1) {
      bench.progress(`round ${round}`);
      const before = { redis: await redisUsage(bench.redisUrl), apiSeconds: cpuSecondsOf(apiPid()) };
      const startedAt = performance.now();
      const { id } = await api.submitLines(lines);
      const seconds = (performance.now() - startedAt) / 1000;
      const redis = await redisUsage(bench.redisUrl);
      taken.push({
        perSecond: count / seconds,
        redisBytes: (redis.bytes - before.redis.bytes) / count,
        apiMicroseconds: ((cpuSecondsOf(apiPid()) - before.apiSeconds) / count) * 1e6,
        redisMicroseconds: ((redis.cpuSeconds - before.redis.cpuSeconds) / count) * 1e6,
      });
      await api.act(id, 'cancel');
      await api.remove(id);
    }
    return judge(taken, peakBytesOf(apiPid()));
  },
);

/** All but the first by the URL. */
type Taken = Readonly<Record<'perSecond' | 'redisBytes' | 'apiMicroseconds' | 'redisMicroseconds', number>>;

export const judge = (taken: readonly Taken[], apiPeakBytes: number): Trial => {
  const of = (name: keyof Taken): number => median(taken.map((each) => each[name]));
  const { min, max } = spreadOf(taken.map(({ perSecond }) => perSecond));
  return {
    bounds: [
      { name: 'taken in', value: of('perSecond'), unit: 'URL/s', least: 150_000 },
      { name: 'Redis bytes of a queued URL', value: of('redisBytes'), unit: 'B', most: 80 },
    ],
    figures: [
      { name: 'slowest round', value: min, unit: 'URL/s' },
      { name: 'fastest round', value: max, unit: 'URL/s' },
      { name: 'CPU of the API', value: of('apiMicroseconds'), unit: 'µs/URL' },
      { name: 'CPU of Redis', value: of('redisMicroseconds'), unit: 'µs/URL' },
      { name: 'API, at most', value: apiPeakBytes / 2 ** 20, unit: 'MiB' },
    ],
  };
};

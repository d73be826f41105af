// What a URL costs in CPU time of each process, in Redis and on disk: the figures behind the cost model of docs/operations.md.
import { fleetScenario, type FleetStage } from '../fleet-scenario.ts';
import { ndjsonOf } from '../ndjson.ts';
import { cpuSecondsOf, peakBytesOf } from '../process-usage.ts';
import { redisUsage, type RedisUsage } from '../redis-usage.ts';
import type { Figure, Trial } from '../trial.ts';

const warmUp = 50_000;

export const cost = fleetScenario(
  {
    name: 'cost',
    about:
      '100,000 small JSON bodies (or --count) from submission to export: CPU time, Redis, file and memory; one worker',
    workers: 0,
  },
  async (stage) => {
    const { bench } = stage;
    const count = bench.count ?? 100_000;
    const target = await bench.startTarget({ delayMs: 0, deadKeepAlive: false });
    try {
      return judge(await spend(stage, target.origin, count), count);
    } finally {
      await target.stop();
    }
  },
);

/** CPU seconds so far of each process, and what Redis holds. */
type Moment = { readonly api: number; readonly worker: number; readonly redis: RedisUsage };
export type Spent = {
  readonly before: Moment;
  readonly queued: Moment;
  /** When the worker was there, but had fetched nothing. */
  readonly ready: Moment;
  readonly done: Moment;
  readonly read: Moment;
  readonly peakBytes: Readonly<Record<'api' | 'worker', number>>;
};

const spend = async ({ bench, fleet }: FleetStage, origin: string, count: number): Promise<Spent> => {
  const { api } = fleet;
  const apiPid = (): number => fleet.apiPid();
  const moment = async (pid?: number): Promise<Moment> => ({
    api: cpuSecondsOf(apiPid()),
    worker: pid === undefined ? 0 : cpuSecondsOf(pid),
    redis: await redisUsage(bench.redisUrl),
  });
  bench.progress('warming up');
  const first = await fleet.startWorker();
  const { id: warm } = await api.submitLines(ndjsonOf(origin, Math.min(count, warmUp)));
  await api.untilEnded(warm);
  await api.countResults(warm);
  await api.remove(warm);
  await fleet.stopWorker(first.pid);
  bench.progress(`fetching ${count.toLocaleString('en')} URLs`);
  const before = await moment();
  const { id } = await api.submitLines(ndjsonOf(origin, count));
  const queued = await moment();
  const { pid } = await fleet.startWorker();
  const ready = { ...queued, worker: cpuSecondsOf(pid) };
  const { counts } = await api.untilEnded(id);
  if (counts['succeeded'] !== count) throw new Error(`of ${count}: ${JSON.stringify(counts)}`);
  const done = await moment(pid);
  const { results } = await api.countResults(id);
  if (results !== count) throw new Error(`${results} results of ${count}`);
  const read = await moment(pid);
  return {
    before,
    queued,
    ready,
    done,
    read,
    peakBytes: { api: peakBytesOf(apiPid()), worker: peakBytesOf(pid) },
  };
};

export const judge = ({ before, queued, ready, done, read, peakBytes }: Spent, count: number): Trial => {
  const bytes = (name: 'bytes' | 'fileBytes', from: Moment, until: Moment): number =>
    (until.redis[name] - from.redis[name]) / count;
  return {
    bounds: [
      { name: 'Redis bytes of a queued URL', value: bytes('bytes', before, queued), unit: 'B', most: 80 },
      { name: 'Redis bytes of a stored result', value: bytes('bytes', before, done), unit: 'B', most: 130 },
      { name: 'worker, at most', value: peakBytes.worker / 2 ** 20, unit: 'MiB', most: 200 },
    ],
    figures: [
      { name: 'API, at most', value: peakBytes.api / 2 ** 20, unit: 'MiB' },
      { name: 'append-only file, at the end', value: bytes('fileBytes', before, done), unit: 'B/URL' },
      ...secondsAMillion('taking in', [before, queued], count),
      ...secondsAMillion('fetching', [ready, done], count),
      ...secondsAMillion('reading', [done, read], count),
    ],
  };
};

/** CPU seconds of each process in a million URLs of this phase. */
const secondsAMillion = (
  phase: string,
  [from, until]: readonly [Moment, Moment],
  count: number,
): readonly Figure[] => {
  const figure = (who: string, seconds: number): Figure => ({
    name: `${phase} a million: ${who}`,
    value: (seconds / count) * 1e6,
    unit: 'CPU s',
  });
  const all = [
    figure('API', until.api - from.api),
    figure('worker', until.worker - from.worker),
    figure('Redis', until.redis.cpuSeconds - from.redis.cpuSeconds),
  ];
  return all.filter(({ value }) => value > 0);
};

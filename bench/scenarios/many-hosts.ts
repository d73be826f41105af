// Many hosts with a few requests each, beside one host with them all: what scheduling costs a URL, and what it keeps.
import { cpuSecondsOf, residentBytesOf } from '../process-usage.ts';
import { redisBytes } from '../redis-usage.ts';
import { staged, urlsAt, type Stage } from '../stage.ts';
import { median } from '../statistics.ts';
import type { Figure, Trial } from '../trial.ts';

const perHost = 10;

export const manyHosts = staged(
  {
    name: 'many-hosts',
    about: `200,000 URLs (or --count) over hosts with ${perHost} each, beside as many of one host, three workers`,
    workers: 3,
    environment: { FETCHFLEET_HOST_CONCURRENCY: '768' },
  },
  async (stage) => {
    const { bench, target } = stage;
    const count = bench.count ?? 200_000;
    await target.behave({ is: 'steady', delayMs: 0 });
    await fetch(stage, ['warm'], Math.min(count, 5000));
    const one: Usage[] = [];
    const many: Usage[] = [];
    for (let pair = 1; pair <= (bench.rounds ?? 1); pair += 1) {
      bench.progress(`pair ${pair}`);
      one.push(await fetch(stage, ['one'], count));
      many.push(await fetch(stage, labels(pair, count / perHost), count));
    }
    return judge(one, many, count);
  },
);

/** Of rounds with `count` URLs each. */
export const judge = (one: readonly Usage[], many: readonly Usage[], count: number): Trial => {
  const of = (usages: readonly Usage[], name: keyof Usage): number =>
    median(usages.map((usage) => usage[name]));
  const figuresOf = (what: string, usages: readonly Usage[]): readonly Figure[] => [
    { name: `${what}: CPU of the workers`, value: of(usages, 'cpuMicroseconds'), unit: 'µs/URL' },
    { name: `${what}: throughput`, value: of(usages, 'perSecond'), unit: 'URL/s' },
    { name: `${what}: largest worker`, value: of(usages, 'workerBytes') / 2 ** 20, unit: 'MiB' },
    { name: `${what}: Redis, results included`, value: of(usages, 'redisBytes') / count, unit: 'B/URL' },
  ];
  const ratio = of(many, 'cpuMicroseconds') / of(one, 'cpuMicroseconds');
  return {
    bounds: [{ name: 'CPU a URL of the workers with many hosts, by that with one', value: ratio, most: 2 }],
    figures: [...figuresOf('one host', one), ...figuresOf('many hosts', many)],
  };
};

/** Other hosts in every round: none that is known already. */
const labels = (round: number, count: number): readonly string[] =>
  Array.from({ length: Math.max(1, Math.floor(count)) }, (_, number) => `h${round}-${number}`);

type Usage = Readonly<Record<'cpuMicroseconds' | 'perSecond' | 'workerBytes' | 'redisBytes', number>>;

/** Each request on a connection of its own, with one host as with many: what a connection costs is not the question. */
const fetch = async (
  { bench, fleet, target }: Stage,
  hosts: readonly string[],
  count: number,
): Promise<Usage> => {
  const pids = fleet.workers().map(({ pid }) => pid);
  const cpuSeconds = (): number => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
  const before = { cpu: cpuSeconds(), redis: await redisBytes(bench.redisUrl) };
  const startedAt = performance.now();
  const defaults = { connection: 'fresh' };
  const { id } = await fleet.api.submit({ defaults, urls: urlsAt(target, hosts, count) });
  const { counts } = await fleet.api.untilEnded(id);
  if (counts['succeeded'] !== count) throw new Error(`of ${count}: ${JSON.stringify(counts)}`);
  const seconds = (performance.now() - startedAt) / 1000;
  const usage = {
    cpuMicroseconds: ((cpuSeconds() - before.cpu) / count) * 1e6,
    perSecond: count / seconds,
    workerBytes: Math.max(...pids.map(residentBytesOf)),
    redisBytes: (await redisBytes(bench.redisUrl)) - before.redis,
  };
  await fleet.api.remove(id);
  return usage;
};

// What more workers bring where the target, not the machine, sets the pace: and where this machine ends.
import { fleetScenario, type FleetStage } from '../fleet-scenario.ts';
import { cpuSecondsOf, watchMachine } from '../process-usage.ts';
import { redisUsage } from '../redis-usage.ts';
import { median } from '../statistics.ts';
import type { Target } from '../target.ts';
import type { Figure, Trial } from '../trial.ts';

const delayMs = 50;
const steps = [1, 2, 4, 8];
/** For each worker in a step. */
const defaultCount = 20_000;

export const scaling = fleetScenario(
  {
    name: 'scaling',
    about: `1, 2, 4 and 8 workers, 256 requests in flight each, to a host that takes ${delayMs} ms; 20,000 URLs a worker (or --count), and as many before them that are not counted`,
    workers: 1,
    briefCount: 10_000,
    environment: { FETCHFLEET_CONCURRENCY: '256', FETCHFLEET_HOST_CONCURRENCY: '2048' },
  },
  async (stage) => {
    const { bench } = stage;
    const target = await bench.startTarget({ delayMs, deadKeepAlive: false });
    try {
      await fetch(stage, target, bench.count ?? defaultCount); // the first worker is here for all rounds
      const rounds: Step[][] = [];
      for (let round = 0; round < (bench.rounds ?? 2); round += 1) rounds.push(await climb(stage, target));
      return judge(rounds);
    } finally {
      await target.stop();
    }
  },
);

/** The last four as shares: of a core, of the busiest worker among them, and of all cores. */
type Step = Readonly<Record<'workers' | 'perSecond' | 'target' | 'worker' | 'redis' | 'machine', number>>;

/** All steps once, and back to one worker. */
const climb = async (stage: FleetStage, target: Target): Promise<Step[]> => {
  const { bench, fleet } = stage;
  const seen: Step[] = [];
  for (const workers of steps) {
    while (fleet.workers().length < workers) await fleet.startWorker();
    bench.progress(`${workers} workers`);
    const count = (bench.count ?? defaultCount) * workers;
    await fetch(stage, target, count); // those that have come compile what is hot
    seen.push(await measure(stage, target, count));
  }
  for (const { pid } of fleet.workers().slice(1)) await fleet.stopWorker(pid);
  return seen;
};

const measure = async (stage: FleetStage, target: Target, count: number): Promise<Step> => {
  const { bench, fleet } = stage;
  const pids = fleet.workers().map(({ pid }) => pid);
  const times = async (): Promise<Record<'target' | 'redis', number> & { workers: readonly number[] }> => ({
    target: await target.cpuSeconds(),
    redis: (await redisUsage(bench.redisUrl)).cpuSeconds,
    workers: pids.map(cpuSecondsOf),
  });
  const before = await times();
  const busyShare = watchMachine();
  const startedAt = performance.now();
  await fetch(stage, target, count);
  const seconds = (performance.now() - startedAt) / 1000;
  const machine = busyShare();
  const after = await times();
  const ofWorkers = after.workers.map((cpu, at) => cpu - (before.workers[at] ?? Number.NaN));
  return {
    workers: pids.length,
    perSecond: count / seconds,
    target: (after.target - before.target) / seconds,
    worker: Math.max(...ofWorkers) / seconds,
    redis: (after.redis - before.redis) / seconds,
    machine,
  };
};

const fetch = async ({ fleet: { api } }: FleetStage, target: Target, count: number): Promise<void> => {
  const { id } = await api.submit({
    urls: Array.from({ length: count }, (_, index) => `${target.origin}/${index}`),
  });
  const { counts } = await api.untilEnded(id);
  if (counts['succeeded'] !== count) throw new Error(`of ${count}: ${JSON.stringify(counts)}`);
  await api.remove(id);
};

/** Of rounds with the same steps. */
export const judge = (rounds: readonly (readonly Step[])[]): Trial => {
  const of = (workers: number, name: keyof Step): number =>
    median(
      rounds.flatMap((round) => round.filter((step) => step.workers === workers).map((step) => step[name])),
    );
  const gain = (workers: number): number => of(workers, 'perSecond') / of(1, 'perSecond');
  return {
    bounds: [
      { name: '4 workers by one', value: gain(4), unit: '×', least: 3.6 },
      { name: 'target with 4', value: of(4, 'target') * 100, unit: '% of a core', most: 85 },
    ],
    figures: [
      { name: '2 workers by one', value: gain(2), unit: '×' },
      { name: '8 workers by one', value: gain(8), unit: '×' },
      ...steps.flatMap((workers): Figure[] => [
        { name: `${workers} workers`, value: of(workers, 'perSecond'), unit: 'URL/s' },
        { name: `${workers}: busiest worker`, value: of(workers, 'worker') * 100, unit: '% of a core' },
        { name: `${workers}: Redis`, value: of(workers, 'redis') * 100, unit: '% of a core' },
        { name: `${workers}: all cores of the machine`, value: of(workers, 'machine') * 100, unit: '%' },
      ]),
    ],
  };
};

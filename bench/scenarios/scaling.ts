// What more workers bring where the target, not the machine, sets the pace: and where this machine ends.
import { fleetScenario, type FleetStage } from '../fleet-scenario.ts';
import { cpuSecondsOf, watchMachine } from '../process-usage.ts';
import { redisUsage } from '../redis-usage.ts';
import { median } from '../statistics.ts';
import type { Target } from '../target.ts';
import type { Figure, Trial } from '../trial.ts';

const delayMs = 50;
/** The most first: then all that are counted have been at it for long, the last one longest. */
const steps = [8, 4, 2, 1];
const inFlightEach = 256;
/** For each worker in a step. */
const defaultCount = 20_000;
/** For each worker before the first step: a process gets quicker for so long. */
const warmUpCount = 15_000;

export const scaling = fleetScenario(
  {
    name: 'scaling',
    about: `1, 2, 4 and 8 workers, ${inFlightEach} requests in flight each, to a host that takes ${delayMs} ms; 20,000 URLs a worker (or --count), and 15,000 before them that are not counted`,
    workers: 1,
    briefCount: 10_000,
    environment: { FETCHFLEET_CONCURRENCY: String(inFlightEach) },
  },
  async (stage) => {
    const { bench } = stage;
    const target = await bench.startTarget({ delayMs, deadKeepAlive: false });
    try {
      // Else what is measured is how soon it is found out that the host takes so many.
      await stage.fleet.api.limitHost(target.origin, { concurrency: Math.max(...steps) * inFlightEach });
      const rounds: Step[][] = [];
      for (let round = 0; round < (bench.rounds ?? 2); round += 1) rounds.push(await descend(stage, target));
      return judge(rounds);
    } finally {
      await target.stop();
    }
  },
);

/** The last four as shares: of a core, of the busiest worker among them, and of all cores. */
type Step = Readonly<Record<'workers' | 'perSecond' | 'target' | 'worker' | 'redis' | 'machine', number>>;

/** All steps once, and at the end there is one worker. */
const descend = async (stage: FleetStage, target: Target): Promise<Step[]> => {
  const { bench, fleet } = stage;
  const most = Math.max(...steps);
  bench.progress(`warming up ${most} workers`);
  const missing = most - fleet.workers().length;
  await Promise.all(Array.from({ length: missing }, () => fleet.startWorker()));
  await fetch(stage, target, warmUpCount * most);
  const seen: Step[] = [];
  for (const workers of steps) {
    await Promise.all(
      fleet
        .workers()
        .slice(workers)
        .map(({ pid }) => fleet.stopWorker(pid)),
    );
    bench.progress(`${workers} workers`);
    seen.push(await measure(stage, target, (bench.count ?? defaultCount) * workers));
  }
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
      ...steps.toReversed().flatMap((workers): Figure[] => [
        { name: `${workers} workers`, value: of(workers, 'perSecond'), unit: 'URL/s' },
        { name: `${workers}: busiest worker`, value: of(workers, 'worker') * 100, unit: '% of a core' },
        { name: `${workers}: Redis`, value: of(workers, 'redis') * 100, unit: '% of a core' },
        { name: `${workers}: all cores of the machine`, value: of(workers, 'machine') * 100, unit: '%' },
      ]),
    ],
  };
};

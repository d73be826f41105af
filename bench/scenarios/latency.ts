// What the way through the service adds to one URL: from the POST sent to the result in hand, which is followed.
import { request } from 'undici';
import { fleetScenario, type FleetStage } from '../fleet-scenario.ts';
import { percentile } from '../statistics.ts';
import type { Trial } from '../trial.ts';

const warmUps = 2000;

export const latency = fleetScenario(
  {
    name: 'latency',
    about:
      'batches of one URL, one after the other, POST to result by `follow`, in turns with a plain GET of the target',
    workers: 1,
  },
  async (stage) => {
    const { bench } = stage;
    const target = await bench.startTarget({ delayMs: 0, deadKeepAlive: false });
    const direct: number[] = [];
    const through: number[] = [];
    try {
      const count = bench.count ?? 2000;
      const uncounted = Math.min(warmUps, count);
      for (let turn = 0; turn < count + uncounted; turn += 1) {
        const plainMs = await timed(() => getPlain(target.origin));
        const throughMs = await timed(() => getThrough(stage, target.origin));
        if (turn < uncounted) continue;
        direct.push(plainMs);
        through.push(throughMs);
      }
    } finally {
      await target.stop();
    }
    return judge(through, direct);
  },
);

/** Milliseconds through the service, and of the target asked directly. */
export const judge = (through: readonly number[], direct: readonly number[]): Trial => {
  const added = (share: number): number => percentile(through, share) - percentile(direct, share);
  return {
    bounds: [
      { name: 'p50 over that of the target', value: added(0.5), unit: 'ms', most: 4 },
      { name: 'p99 over that of the target', value: added(0.99), unit: 'ms', most: 15 },
    ],
    figures: [
      { name: 'p50', value: percentile(through, 0.5), unit: 'ms' },
      { name: 'p99', value: percentile(through, 0.99), unit: 'ms' },
      { name: 'p50 of the target', value: percentile(direct, 0.5), unit: 'ms' },
      { name: 'p99 of the target', value: percentile(direct, 0.99), unit: 'ms' },
    ],
  };
};

const timed = async (act: () => Promise<void>): Promise<number> => {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
};

const getPlain = async (url: string): Promise<void> => {
  const { body } = await request(url);
  await body.text();
};

const getThrough = async ({ fleet: { api } }: FleetStage, url: string): Promise<void> => {
  const { id } = await api.submit({ urls: [url] });
  const { length } = await api.followResults(id);
  if (length !== 1) throw new Error(`${length} results of one URL`);
};

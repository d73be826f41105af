// What a poll of a batch takes by how large the batch is.
import { fleetScenario } from '../fleet-scenario.ts';
import { ndjsonOf, neverAsked } from '../ndjson.ts';
import { percentile } from '../statistics.ts';
import type { Trial } from '../trial.ts';

const pollsARound = 100;

export const poll = fleetScenario(
  {
    name: 'poll',
    about:
      'GET /v1/batches/:id of batches of 100, 10,000 and 1,000,000 URLs (or --count), in turns; no worker',
    workers: 0,
  },
  async ({ bench, fleet: { api } }) => {
    const sizes = [100, 10_000, bench.count ?? 1_000_000].toSorted((a, b) => a - b);
    const batches: Polled[] = [];
    for (const size of sizes) {
      bench.progress(`submitting ${size.toLocaleString('en')} URLs`);
      const { id } = await api.submitLines(ndjsonOf(neverAsked, size));
      batches.push({ size, id, ms: [] });
    }
    const rounds = bench.rounds ?? 10;
    // The first is not counted: it warms up.
    for (let round = 0; round <= rounds; round += 1) {
      for (let turn = 0; turn < pollsARound; turn += 1) {
        for (const { id, ms } of batches) {
          const startedAt = performance.now();
          await api.read(id);
          if (round > 0) ms.push(performance.now() - startedAt);
        }
      }
    }
    return judge(batches);
  },
);

type Polled = { readonly size: number; readonly id: string; readonly ms: number[] };

/** The smallest first. */
export const judge = (batches: readonly Pick<Polled, 'size' | 'ms'>[]): Trial => {
  const p50Of = (at: number): number => percentile(batches.at(at)?.ms ?? [], 0.5);
  return {
    bounds: [
      {
        name: 'p50 of the largest by that of the smallest',
        value: p50Of(-1) / p50Of(0),
        unit: '×',
        most: 1.2,
      },
    ],
    figures: batches.flatMap(({ size, ms }) =>
      [0.5, 0.99].map((share) => ({
        name: `p${share * 100} of ${size.toLocaleString('en')}`,
        value: percentile(ms, share),
        unit: 'ms',
      })),
    ),
  };
};

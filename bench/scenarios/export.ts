// How fast the results of a large batch are read, all of them and all fields, as one stream.
import { fleetScenario } from '../fleet-scenario.ts';
import { ndjsonOf } from '../ndjson.ts';
import { cpuSecondsOf, peakBytesOf } from '../process-usage.ts';
import { median, spreadOf } from '../statistics.ts';
import type { Trial } from '../trial.ts';

export const exportResults = fleetScenario(
  {
    name: 'export',
    about:
      'the results of 1,000,000 small JSON bodies (or --count) read as one NDJSON stream; one API process',
    workers: 1,
    briefCount: 100_000,
  },
  async ({ bench, fleet }) => {
    const { api } = fleet;
    const apiPid = (): number => fleet.apiPid();
    const count = bench.count ?? 1_000_000;
    const target = await bench.startTarget({ delayMs: 0, deadKeepAlive: false });
    try {
      bench.progress(`fetching ${count.toLocaleString('en')} URLs`);
      const { id } = await api.submitLines(ndjsonOf(target.origin, count));
      await api.untilEnded(id);
      const read: Read[] = [];
      for (let round = 1; round <= (bench.rounds ?? 3); round += 1) {
        bench.progress(`round ${round}`);
        const before = cpuSecondsOf(apiPid());
        const startedAt = performance.now();
        const { results, bytes } = await api.countResults(id);
        const seconds = (performance.now() - startedAt) / 1000;
        read.push({
          results,
          perSecond: results / seconds,
          bytes: bytes / results,
          apiMicroseconds: ((cpuSecondsOf(apiPid()) - before) / results) * 1e6,
        });
      }
      return judge(read, { count, apiPeakBytes: peakBytesOf(apiPid()) });
    } finally {
      await target.stop();
    }
  },
);

/** The last two by the result. */
type Read = Readonly<Record<'results' | 'perSecond' | 'bytes' | 'apiMicroseconds', number>>;

export const judge = (
  read: readonly Read[],
  { count, apiPeakBytes }: { readonly count: number; readonly apiPeakBytes: number },
): Trial => {
  const of = (name: keyof Read): number => median(read.map((each) => each[name]));
  const { min, max } = spreadOf(read.map(({ perSecond }) => perSecond));
  return {
    bounds: [
      { name: 'read', value: of('perSecond'), unit: 'results/s', least: 50_000 },
      {
        name: 'results in every round',
        value: Math.min(...read.map(({ results }) => results)),
        least: count,
      },
    ],
    figures: [
      { name: 'slowest round', value: min, unit: 'results/s' },
      { name: 'fastest round', value: max, unit: 'results/s' },
      { name: 'bytes of a result', value: of('bytes'), unit: 'B' },
      { name: 'CPU of the API', value: of('apiMicroseconds'), unit: 'µs/result' },
      { name: 'API, at most', value: apiPeakBytes / 2 ** 20, unit: 'MiB' },
    ],
  };
};

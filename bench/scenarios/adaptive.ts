// A host that slows down beyond 40 requests at once: what fixed limits reach there, and what is found without being told.
import { pause, pauseUntil } from '../pause.ts';
import { answeredIn, arrivedIn, spanOf, type Sighting } from '../sighting.ts';
import { staged, urlsAt, type Stage } from '../stage.ts';
import { median } from '../statistics.ts';

const behaviour = { is: 'strained', baseMs: 50, knee: 40, cap: 150 } as const;
const limits = [10, 20, 30, 40, 60, 80, 120];

export const adaptive = staged(
  {
    name: 'adaptive',
    about: `a host that takes ${behaviour.baseMs} ms, and longer beyond ${behaviour.knee} at once: fixed limits, then none given`,
    workers: 3,
  },
  async (stage) => {
    await stage.target.behave(behaviour);
    const fixed: number[] = [];
    for (const limit of limits) fixed.push(await throughputUnder(stage, limit));
    const best = Math.max(...fixed);
    const found = await fetchUntold(stage);
    const half = secondHalf(found);
    const wrong = found.filter(({ ending }) => ending !== 'answered').length / found.length;
    return {
      bounds: [
        { name: 'throughput found, by the best of a fixed limit', value: half.perSecond / best, least: 0.75 },
        { name: 'requests that went wrong', value: wrong * 100, unit: '%', most: 1 },
      ],
      figures: [
        { name: 'throughput found, second half', value: half.perSecond, unit: 'URL/s' },
        { name: 'in flight then', value: half.inFlight },
        ...limits.map((limit, at) => ({
          name: `with a limit of ${limit}`,
          value: fixed[at] ?? Number.NaN,
          unit: 'URL/s',
        })),
      ],
    };
  },
);

/** Answers a second that a fixed limit reaches, over four seconds after two to get going. */
const throughputUnder = async ({ bench, fleet, target }: Stage, limit: number): Promise<number> => {
  bench.progress(`a limit of ${limit}`);
  const host = `fixed-${limit}`;
  await fleet.api.limitHost(target.origin(host), { concurrency: limit });
  const { id } = await fleet.api.submit({ urls: urlsAt(target, [host], bench.count ?? 10_000) });
  await pause(7000, bench.signal);
  await fleet.api.act(id, 'cancel');
  const seen = (await target.sightings()).filter((sighting) => sighting.host === host);
  const fromMs = spanOf(seen).fromMs + 2000;
  const isEmpty = async (): Promise<boolean> => (await target.progress()).inFlight === 0;
  await pauseUntil('the host to be empty', isEmpty, { timeoutMs: 10_000, signal: bench.signal });
  return answeredIn(seen, { fromMs, untilMs: fromMs + 4000 }).length / 4;
};

/** A host of which nobody said anything, until all is fetched. */
const fetchUntold = async ({ bench, fleet, target }: Stage): Promise<readonly Sighting[]> => {
  bench.progress('no limit given');
  const { id } = await fleet.api.submit({ urls: urlsAt(target, ['untold'], bench.count ?? 25_000) });
  await fleet.api.untilEnded(id);
  return (await target.sightings()).filter(({ host }) => host === 'untold');
};

/** Answers a second in the second half of the time, and the median of how many were there. */
export const secondHalf = (sightings: readonly Sighting[]): { perSecond: number; inFlight: number } => {
  const { fromMs, untilMs } = spanOf(sightings);
  const half = { fromMs: (fromMs + untilMs) / 2, untilMs };
  const inFlight = arrivedIn(sightings, half).map((sighting) => sighting.inFlight);
  return {
    perSecond: answeredIn(sightings, half).length / ((untilMs - half.fromMs) / 1000),
    inFlight: median(inFlight),
  };
};

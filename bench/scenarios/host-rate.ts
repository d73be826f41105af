// A host that may be asked 50 times a second, by three workers that could ask it thousands of times.
import { pause, pauseUntil } from '../pause.ts';
import { arrivalsByWindow, arrivedIn, busiestWindow, spanOf, type Sighting } from '../sighting.ts';
import { staged, urlsAt } from '../stage.ts';
import type { Trial } from '../trial.ts';

const rate = { requests: 50, periodMs: 1000 };
const seconds = 20;
const expected = rate.requests * seconds;

export const hostRate = staged(
  {
    name: 'host-rate',
    about: `${rate.requests} requests a second to one host, over ${seconds} s from the first one on, three workers`,
    workers: 3,
  },
  async ({ bench, fleet, target }) => {
    await target.behave({ is: 'steady', delayMs: 20 });
    // More than are wanted: the last second must not be short of requests.
    const urls = urlsAt(target, ['a'], bench.count ?? expected * 1.5);
    const { id } = await fleet.api.submit({ perHost: { rate }, urls });
    const hasBegun = async (): Promise<boolean> => (await target.progress()).arrived > 0;
    await pauseUntil('the first request', hasBegun, { timeoutMs: 10_000, signal: bench.signal });
    await pause((seconds + 1) * 1000, bench.signal);
    await fleet.api.act(id, 'cancel');
    return judge(await target.sightings());
  },
);

/** What arrived from the first arrival on. */
export const judge = (all: readonly Sighting[]): Trial => {
  const { fromMs } = spanOf(all);
  const sightings = arrivedIn(all, { fromMs, untilMs: fromMs + seconds * 1000 });
  return {
    bounds: [
      {
        name: `arrivals in ${seconds} s`,
        value: sightings.length,
        least: expected * 0.98,
        most: expected * 1.02,
      },
      { name: 'most in any second', value: busiestWindow(sightings, 1000), most: 55 },
    ],
    figures: [
      { name: 'least in a second', value: Math.min(...arrivalsByWindow(sightings, 1000)) },
      { name: 'most in 100 ms', value: busiestWindow(sightings, 100) },
    ],
  };
};

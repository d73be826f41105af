// Of 26 hosts one says that it wants to be left alone for three seconds.
import { pause, pauseUntil } from '../pause.ts';
import { answeredIn, type Sighting } from '../sighting.ts';
import { staged, urlsAt } from '../stage.ts';
import type { Trial } from '../trial.ts';

const hosts = Array.from('abcdefghijklmnopqrstuvwxyz');
const throttled = 'a';
const retryAfterSeconds = 3;
const windowMs = retryAfterSeconds * 1000;
const delayMs = 200;
const warmUpMs = 8000;

export const retryAfter = staged(
  {
    name: 'retry-after',
    about: `host A of ${hosts.length} answers 503 with Retry-After: ${retryAfterSeconds}, three workers`,
    workers: 3,
  },
  async ({ bench, fleet, target }) => {
    const { signal } = bench;
    await target.behave({ is: 'steady', delayMs });
    // About a thousand requests a second: more work than there is time, and far from what the machine could do.
    const urls = urlsAt(target, hosts, bench.count ?? 20_000);
    const { id } = await fleet.api.submit({ perHost: { concurrency: 8 }, urls });
    const hasBegun = async (): Promise<boolean> => (await target.progress()).arrived > 0;
    await pauseUntil('the first request', hasBegun, { timeoutMs: 10_000, signal });
    await pause(warmUpMs + windowMs, signal);
    await target.behave({ is: 'throttling', retryAfterSeconds, delayMs }, throttled);
    await pause(windowMs + 1500, signal);
    await fleet.api.act(id, 'cancel');
    return judge(await target.sightings());
  },
);

/** What the hosts saw from the first refusal on, and in as long a time before. */
export const judge = (sightings: readonly Sighting[]): Trial => {
  const there = sightings.filter(({ host }) => host === throttled);
  const others = sightings.filter(({ host }) => host !== throttled);
  const refusedMs = there.filter(({ ending }) => ending === 'refused').map(({ leftMs }) => leftMs);
  const [first, last] = [Math.min(...refusedMs), Math.max(...refusedMs)];
  const arrivedAfter = (ms: number): readonly number[] =>
    there.map(({ arrivedMs }) => arrivedMs - first).filter((arrivedMs) => arrivedMs > ms);
  const early = arrivedAfter(100).filter((ms) => ms < windowMs - 100);
  const before = answeredIn(others, { fromMs: first - windowMs, untilMs: first }).length;
  const meanwhile = answeredIn(others, { fromMs: first, untilMs: first + windowMs }).length;
  const backMs = Math.min(...arrivedAfter(windowMs - 100));
  return {
    bounds: [
      { name: 'refused by A', value: refusedMs.length, least: 1 },
      { name: 'arrivals at A from 0.1 s to 2.9 s after its first refusal', value: early.length, most: 0 },
      // Each refusal says three seconds: those that were on their way at the first one hold A back a little longer.
      {
        name: 'next arrival at A after its last refusal',
        value: backMs - (last - first),
        unit: 'ms',
        most: windowMs + 100,
      },
      { name: 'throughput of B to Z meanwhile, by that before', value: meanwhile / before, least: 0.95 },
    ],
    figures: [
      { name: 'last refusal after the first', value: last - first, unit: 'ms' },
      { name: 'next arrival at A after its first refusal', value: backMs, unit: 'ms' },
      { name: 'throughput of B to Z before', value: before / retryAfterSeconds, unit: 'URL/s' },
    ],
  };
};

// Cancel and pause reach what is in flight, on every worker, within a second.
import { sharedNowMs } from '../clock.ts';
import { pause, pauseUntil } from '../pause.ts';
import { staged, urlsAt, type Stage } from '../stage.ts';
import type { Sighting } from '../sighting.ts';
import type { Bound } from '../trial.ts';

const hosts = Array.from({ length: 20 }, (_, number) => `slow-${number}`);
const delayMs = 10_000;

export const cancel = staged(
  {
    name: 'cancel',
    about: `cancel, and pause and resume, a batch of a target that takes ${delayMs / 1000} s, three workers`,
    workers: 3,
  },
  async (stage) => {
    const { bench, fleet, target } = stage;
    const total = bench.count ?? 2000;
    await target.behave({ is: 'steady', delayMs });
    const cancelled = await interrupt(stage, 'cancel', total);
    const paused = await interrupt(stage, 'pause', total);
    await target.behave({ is: 'steady', delayMs: 0 });
    await fleet.api.act(paused.id, 'resume');
    const { counts } = await fleet.api.untilEnded(paused.id);
    const resumed = { name: 'resume: succeeded', value: counts['succeeded'] ?? 0, least: total };
    return { bounds: [...cancelled.bounds, ...paused.bounds, resumed], figures: [] };
  },
);

type Interrupted = { readonly id: string; readonly bounds: readonly Bound[] };

/** Submits a batch, stops it in full flight, and looks for three seconds at what becomes of it. */
const interrupt = async (stage: Stage, action: 'cancel' | 'pause', total: number): Promise<Interrupted> => {
  const { bench, fleet, target } = stage;
  const { signal } = bench;
  const { id } = await fleet.api.submit({ urls: urlsAt(target, hosts, total) });
  const isFlying = async (): Promise<boolean> => (await target.progress()).inFlight > 0;
  await pauseUntil('requests in flight', isFlying, { timeoutMs: 10_000, signal });
  await pause(2000, signal);
  const atMs = sharedNowMs();
  await fleet.api.act(id, action);
  await pause(3000, signal);
  const { inFlight, lastLeftMs, late } = lookAfter(await target.sightings(), atMs);
  return {
    id,
    bounds: [
      { name: `${action}: in flight at that moment`, value: inFlight, least: 1 },
      { name: `${action}: last of them gone after`, value: lastLeftMs, unit: 'ms', most: 1000 },
      { name: `${action}: arrivals later than a second after`, value: late, most: 0 },
    ],
  };
};

/** What was there at a moment, when the last of it left (ms later), and how many still came a second after it. */
export const lookAfter = (
  sightings: readonly Sighting[],
  atMs: number,
): { readonly inFlight: number; readonly lastLeftMs: number; readonly late: number } => {
  const there = sightings.filter(({ arrivedMs, leftMs }) => arrivedMs <= atMs && leftMs > atMs);
  const stayed = sightings.filter(({ leftMs }) => leftMs > atMs);
  return {
    inFlight: there.length,
    lastLeftMs: Math.max(...stayed.map(({ leftMs }) => leftMs)) - atMs,
    late: sightings.filter(({ arrivedMs }) => arrivedMs > atMs + 1000).length,
  };
};

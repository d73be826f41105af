// How soon others take over what a killed worker had in flight, told by what the target saw.
import { sharedNowMs } from '../bench/clock.ts';
import type { CountingTarget } from '../bench/counting-target.ts';
import { pause, pauseUntil } from '../bench/pause.ts';
import type { Sighting } from '../bench/sighting.ts';
import type { Trial } from '../bench/trial.ts';
import { audit, refetchedFigure, zeros } from './audit.ts';
import { readAccounts, submit, watch } from './follow.ts';
import { createPatientClient } from './patient-client.ts';
import type { Chaos } from './scenario.ts';

export type Takeover = {
  /** Requests that the worker had in flight. */
  readonly lost: number;
  /** From the kill until the first of them was fetched again, and the last; not a number where none was. */
  readonly firstMs: number;
  readonly lastMs: number;
};

/** One for each kill, on the shared clock. What lost its connection after a kill, and before the next, was lost by it. Pure. */
export const takeoversOf = (
  killedAtMs: readonly number[],
  sightings: readonly Sighting[],
): readonly Takeover[] =>
  killedAtMs.map((atMs, kill) => {
    const nextMs = killedAtMs[kill + 1] ?? Number.POSITIVE_INFINITY;
    const lost = sightings.filter(
      ({ ending, leftMs }) => ending === 'closed' && leftMs >= atMs && leftMs < nextMs,
    );
    const againMs = lost.map(({ host, path, leftMs }) => {
      const again = sightings.find(
        (each) => each.path === path && each.host === host && each.arrivedMs > leftMs,
      );
      return (again?.arrivedMs ?? Number.NaN) - atMs;
    });
    const isNone = lost.length === 0;
    return {
      lost: lost.length,
      firstMs: isNone ? Number.NaN : Math.min(...againMs),
      lastMs: isNone ? Number.NaN : Math.max(...againMs),
    };
  });

export type Victims = {
  /** Where the API answers. */
  readonly origin: string;
  readonly workers: number;
  /** Kills one of them. */
  kill(): Promise<void>;
  /** Resolves when all are there again. */
  replace(): Promise<void>;
};

/** Requests that a worker has in flight at most. */
const concurrency = 16;

/** Variables for the workers: small slices, so that what was taken over need not wait long for its turn. */
export const victimEnvironment = {
  FETCHFLEET_CONCURRENCY: String(concurrency),
  FETCHFLEET_SLICE_SIZE: '8',
};

const calmMs = 5000;

/** Kills workers under a batch, each time when all of them are busy, and bounds how long the others may take. */
export const tryTakeovers = async (
  { chaos, target }: { readonly chaos: Chaos; readonly target: CountingTarget },
  victims: Victims,
  { times, mostMs }: { readonly times: number; readonly mostMs: number },
): Promise<Trial> => {
  const { signal } = chaos;
  const client = createPatientClient({ origin: victims.origin, patienceMs: 30_000, signal });
  // Slow as long as there are kills to come, so that the batch outlasts them on any machine.
  await target.behave({ is: 'steady', delayMs: 500 });
  // No rival for a connection that is used again and late: what closes was killed.
  const more = { defaults: { connection: 'reuse' } };
  const accepted = [await submit(client, { target }, { name: 'a', total: chaos.count ?? 40_000, more })];
  const watching = watch(client, accepted, { withinMs: 900_000 });
  const killedAtMs: number[] = [];
  const isAllBusy = async (): Promise<boolean> =>
    (await target.progress()).inFlight > (victims.workers - 1) * concurrency;
  for (let kill = 0; kill < times; kill += 1) {
    await pause(chaos.random.between(0, 2000), signal);
    await pauseUntil('all workers to be busy', isAllBusy, { timeoutMs: 60_000, signal });
    killedAtMs.push(sharedNowMs());
    await victims.kill();
    chaos.progress('a worker was killed');
    await pause(calmMs, signal);
    await victims.replace();
  }
  await target.behave({ is: 'steady', delayMs: 10 });
  const seen = await watching.ended;
  const sightings = await target.sightings();
  const found = audit(await readAccounts(client, accepted), sightings);
  const takeovers = takeoversOf(killedAtMs, sightings);
  const longest = (of: (takeover: Takeover) => number): number => Math.max(...takeovers.map(of)) / 1000;
  return {
    bounds: [
      ...zeros(found, seen),
      { name: 'longest takeover', value: longest(({ firstMs }) => firstMs), most: mostMs / 1000, unit: 's' },
    ],
    figures: [
      { name: 'until the last of it', value: longest(({ lastMs }) => lastMs), unit: 's' },
      { name: 'workers killed', value: killedAtMs.length },
      { name: 'requests they had in flight', value: takeovers.reduce((sum, { lost }) => sum + lost, 0) },
      refetchedFigure(found),
    ],
  };
};

// A Redis that loses the end of its append-only file, again and again. It goes back to a moment that was; API, workers and
// clients do not, and know of things that have not happened any more.
import { pause } from '../../bench/pause.ts';
import { cutAppendOnlyFile, untilGrown } from '../append-only-file.ts';
import { findDisagreements, type Disagreements } from '../disagreements.ts';
import { keepFeeding } from '../feeder.ts';
import { createPatientClient, type PatientClient } from '../patient-client.ts';
import type { Random } from '../random.ts';
import { endedIn, lookStraight, settle } from '../settle.ts';
import { staged, type Stage } from '../stage.ts';
import { createStubbornClient, readSteered, type StubbornClient, type Wish } from '../stubborn-client.ts';
import { tornVerdict, type TornSeen } from '../torn-verdict.ts';

const times = 200;
const mostCutBytes = 262_144;
/** More than what is saved at once. */
const largeTotal = 5100;
const mostSmallTotal = 200;
/** Slices whose job was lost are put back when nothing of their batch has moved for a minute, give or take half of one. */
const settleWithinMs = 600_000;
const quietMs = 5000;
const growWithinMs = 10_000;

export const tornFile = staged(
  {
    name: 'torn-file',
    about:
      'the last 0 to 256 KiB cut off the append-only file, 200 times, while batches come, run, are paused and cancelled',
    workers: 2,
  },
  async (stage) => {
    const { chaos, fleet, target, complaints } = stage;
    const client = createPatientClient({ origin: fleet.origin, patienceMs: 60_000, signal: chaos.signal });
    await target.behave({ is: 'steady', delayMs: 20 });
    const stubborn = createStubbornClient(client, stage);
    try {
      const torn = await tearOften(stage, client, stubborn);
      const settled = await settle(stage, stubborn, settleWithinMs);
      const before = complaints.length;
      await pause(quietMs, chaos.signal);
      await stubborn.stop();
      const seen = { client: stubborn.seen, complaints: complaints.slice(before) };
      for (const line of [...seen.client.refusals, ...seen.complaints].slice(0, 20)) chaos.progress(line);
      const accounts = await readSteered(client, stubborn.accepted());
      return tornVerdict({ ...torn, ...settled, ...seen, accounts, sightings: await target.sightings() });
    } finally {
      await stubborn.stop();
    }
  },
);

type Torn = Pick<TornSeen, 'cuts' | 'wentBack' | 'found'>;

const tearOften = async (stage: Stage, client: PatientClient, stubborn: StubbornClient): Promise<Torn> => {
  const { random, count, times: wanted = times } = stage.chaos;
  const cuts = { wanted, made: 0, bytes: 0 };
  const looks: Disagreements[] = [];
  const wishes = random.fork('wishes');
  const state = { fed: 0, wentBack: 0, isOver: false };
  const feeding = keepFeeding(stubborn, {
    next: () => wishOf(wishes, (state.fed += 1), count),
    mostOpen,
    isOver: () => state.isOver,
  });
  const tearing = async (): Promise<void> => {
    while (cuts.made < wanted) {
      await untilWritten(stage, client);
      cuts.bytes += await tear(stage);
      cuts.made += 1;
      const snapshot = await lookStraight(stage);
      looks.push(findDisagreements(snapshot));
      state.wentBack += stubborn.lookAgain(endedIn(snapshot));
      stage.redis.line.mend();
      stage.chaos.progress(`${cuts.made} of ${wanted}: ${stubborn.open().length} batches have not ended`);
    }
  };
  const torn = tearing().finally(() => {
    state.isOver = true;
  });
  await Promise.all([feeding, torn]);
  return { cuts, wentBack: state.wentBack, found: merge(looks) };
};

const mostOpen = 20;

/** Batches of every kind; one in 32 is saved part by part. */
export const wishOf = (random: Random, nth: number, count = largeTotal): Wish => {
  const [total, looks] = [random.whole(1, Math.min(mostSmallTotal, count)), random.whole(1, 20)];
  const wish: Wish = { name: String(nth), total, steer: 'leave', looks };
  if (nth % 32 === 1)
    return { ...wish, total: count, steer: random.pick(['leave', 'pause', 'cancel', 'cancel']) };
  const steer = random.pick(['leave', 'pause', 'cancel', 'later'] as const);
  if (steer !== 'later') return { ...wish, steer };
  const notBefore = new Date(Date.now() + random.whole(1000, 10_000)).toISOString();
  return { ...wish, more: { notBefore } };
};

/** Resolves when the API is back, and Redis has written as much as is to be this time. */
const untilWritten = async ({ chaos, redis }: Stage, client: PatientClient): Promise<void> => {
  await client.call('GET', '/readyz');
  const { random, signal } = chaos;
  await untilGrown(redis.directory, { bytes: growthOf(random), withinMs: growWithinMs, signal });
};

/** As much as batches write that are being taken in, or more than will be lost, so that work gets on. */
const growthOf = (random: Random): number =>
  random.whole(0, random.pick([mostCutBytes / 8, 3 * mostCutBytes]));

/** Leaves Redis running, and nobody else connected to it; returns how many bytes it has lost. */
const tear = async ({ chaos: { random }, redis }: Stage): Promise<number> => {
  // Cut off, they fail or wait; held, they send again what was not answered, to a Redis that knows nothing of it.
  if (random.whole(0, 1) === 0) redis.line.cut();
  else redis.line.hold();
  await redis.kill();
  const bytes = await cutAppendOnlyFile(redis.directory, random.whole(0, mostCutBytes));
  await redis.start();
  return bytes;
};

const merge = (looks: readonly Disagreements[]): Disagreements => ({
  jobsOfNothing: looks.flatMap(({ jobsOfNothing }) => jobsOfNothing),
  jobsLost: looks.flatMap(({ jobsLost }) => jobsLost),
  outboxOfNothing: looks.flatMap(({ outboxOfNothing }) => outboxOfNothing),
  keyedToNothing: looks.flatMap(({ keyedToNothing }) => keyedToNothing),
  listedWrong: looks.flatMap(({ listedWrong }) => listedWrong),
  countedWrong: looks.flatMap(({ countedWrong }) => countedWrong),
  keptForEver: looks.flatMap(({ keptForEver }) => keptForEver),
});

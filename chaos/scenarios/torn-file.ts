// A Redis that loses the end of its append-only file, again and again. It goes back to a moment that was; API, workers and
// clients do not, and know of things that have not happened any more.
import { pause } from '../../bench/pause.ts';
import { cutAppendOnlyFile, untilGrown } from '../append-only-file.ts';
import { findDisagreements, type Disagreements } from '../disagreements.ts';
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
  const { chaos, redis } = stage;
  const { random, count, times: wanted = times, signal } = chaos;
  const cuts = { wanted, made: 0, bytes: 0 };
  const looks: Disagreements[] = [];
  let wentBack = 0;
  while (cuts.made < wanted) {
    await client.call('GET', '/readyz');
    const answered = wishesOf(random, cuts.made, count).map((wish) => stubborn.want(wish));
    await untilGrown(redis.directory, { bytes: growthOf(random), withinMs: growWithinMs, signal });
    cuts.bytes += await tear(stage);
    cuts.made += 1;
    const snapshot = await lookStraight(stage);
    looks.push(findDisagreements(snapshot));
    wentBack += stubborn.lookAgain(endedIn(snapshot));
    redis.line.mend();
    chaos.progress(`${cuts.made} of ${wanted}: ${stubborn.open().length} batches have not ended`);
    await Promise.all(answered);
  }
  return { cuts, wentBack, found: merge(looks) };
};

/** Small ones of every kind, and now and then one that is saved part by part. */
export const wishesOf = (random: Random, round: number, count = largeTotal): readonly Wish[] => {
  const wish = (kind: string, more: Partial<Wish> = {}): Wish => ({
    name: `${round}-${kind}`,
    total: random.whole(1, Math.min(mostSmallTotal, count)),
    steer: 'leave',
    looks: random.whole(1, 20),
    ...more,
  });
  const notBefore = new Date(Date.now() + random.whole(1000, 10_000)).toISOString();
  const large = { total: count, steer: random.pick(['leave', 'pause', 'cancel', 'cancel'] as const) };
  return [
    wish('plain'),
    wish('paused', { steer: 'pause' }),
    wish('cancelled', { steer: 'cancel' }),
    wish('later', { more: { notBefore } }),
    ...(round % 8 === 0 ? [wish('large', large)] : []),
  ];
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

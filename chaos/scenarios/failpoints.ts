// Processes that die between two steps: before a command of theirs reaches Redis, or when it is executed and not answered.
import { pauseUntil } from '../../bench/pause.ts';
import type { Service } from '../../bench/service.ts';
import type { Trial } from '../../bench/trial.ts';
import { createKeys } from '../../shared/keys.ts';
import { hostOf } from '../audit.ts';
import { kindsLeadingTo, stepsOf, type Kind, type Who } from '../courses.ts';
import { createTally, type Tally } from '../failpoint-tally.ts';
import { keepFeeding } from '../feeder.ts';
import { listBatches } from '../follow.ts';
import { createPatientClient } from '../patient-client.ts';
import type { Random } from '../random.ts';
import { reap, type Victim } from '../reaper.ts';
import { settle } from '../settle.ts';
import { staged, type Stage } from '../stage.ts';
import { startAnyhow } from '../start-anyhow.ts';
import { auditSteered } from '../steered-audit.ts';
import { startStepLine } from '../step-line.ts';
import { loadStepNames } from '../step-names.ts';
import { createStubbornClient, readSteered, type StubbornClient, type Wish } from '../stubborn-client.ts';
import { untold } from '../told.ts';

const defaultTimes = 20;
/** More than is saved at once. */
const largeTotal = 5001;
const largeEvery = 12;
const mostOpen = 48;
/** A process that does not come there by then is to die elsewhere. */
const comesWithinMs = 8000;
const dieWithinMs = 3_600_000;
const settleWithinMs = 300_000;
const tellWithinMs = 120_000;

export const failpoints = staged(
  {
    name: 'failpoints',
    about:
      'API and workers killed before and after each step of acceptance, recording and completion, 20 times',
    workers: 0,
    environment: {
      FETCHFLEET_SLICE_SIZE: '10',
      FETCHFLEET_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}`,
    },
  },
  async (stage) => {
    const names = await loadStepNames();
    const socket = decodeURI(new URL(stage.redis.directUrl).pathname);
    const lines = await Promise.all(['api', 'worker', 'worker'].map(() => startStepLine(socket, names)));
    try {
      return await playOn(
        stage,
        lines.map((line, at) => castAs(stage, line, at)),
      );
    } finally {
      // They take their leave through the lines.
      await stage.fleet.stop();
      for (const line of lines) await line.stop();
    }
  },
);

type Role = Victim & { readonly who: Who };

/** An API, a worker that keeps bodies with their results, and one that keeps them apart, in files. */
const castAs = ({ fleet }: Stage, line: Awaited<ReturnType<typeof startStepLine>>, at: number): Role => {
  const environment = { REDIS_URL: line.url, ...(at > 1 && { FETCHFLEET_INLINE_BODY_BYTES: '0' }) };
  if (at === 0)
    return {
      who: 'api',
      line,
      kill: () => fleet.killApi(),
      start: () => startAnyhow(() => fleet.startApi({ environment })),
    };
  const state: { worker?: Service } = {};
  return {
    who: 'worker',
    line,
    kill: () => fleet.killWorker(state.worker?.pid ?? 0),
    start: () =>
      startAnyhow(async () => {
        state.worker = await fleet.startWorker({ environment });
      }),
  };
};

const playOn = async (stage: Stage, cast: readonly Role[]): Promise<Trial> => {
  const { chaos, fleet, target } = stage;
  const client = createPatientClient({ origin: fleet.origin, patienceMs: 600_000, signal: chaos.signal });
  const stubborn = createStubbornClient(client, stage);
  try {
    await fleet.killApi();
    for (const role of cast) await role.start();
    const judged = (await dieEverywhere(stage, cast, stubborn)).judge();
    await replaceAll(stage);
    const { left, unended, settledMs } = await settle(stage, stubborn, settleWithinMs);
    await untilTold(stage);
    await stubborn.stop();
    const accepted = stubborn.accepted();
    const strays = new Set(await listBatches(client)).size - accepted.length;
    const accounts = await readSteered(client, accepted);
    const sightings = await target.sightings();
    const audited = auditSteered(accounts, sightings, stubborn.seen);
    return {
      bounds: [
        ...judged.bounds,
        ...audited.bounds,
        { name: 'batches that did not end', value: unended.length, most: 0 },
        { name: 'batches made twice', value: strays, most: 0 },
        { name: 'batches that vanished', value: stubborn.seen.vanished, most: 0 },
        { name: 'webhooks that never heard of an end', value: untold(accounts, sightings).length, most: 0 },
        { name: 'answers that nobody should get', value: stubborn.seen.refusals.length, most: 0 },
        { name: 'disagreements in Redis', value: Object.values(left).flat().length, most: 0 },
      ],
      figures: [
        ...audited.figures,
        { name: 'settled after the last death', value: settledMs / 1000, unit: 's' },
        ...judged.figures,
      ],
    };
  } finally {
    await stubborn.stop();
  }
};

/** What a dead worker was about to tell is told when its lock has run out. */
const untilTold = async ({ chaos, redis }: Stage): Promise<void> => {
  const { undelivered } = createKeys('ff');
  const isTold = async (): Promise<boolean> =>
    (await redis.ask((straight) => straight.zcard(undelivered))) === 0;
  await pauseUntil('word of every end', isTold, { timeoutMs: tellWithinMs, signal: chaos.signal });
};

/** By processes that are not held up: some have much to clear away. */
const replaceAll = async ({ fleet }: Stage): Promise<void> => {
  await fleet.killApi();
  for (const { pid } of fleet.workers()) {
    await fleet.killWorker(pid);
    await startAnyhow(() => fleet.startWorker());
  }
  await startAnyhow(() => fleet.startApi());
};

/** All die at once, each somewhere, while batches come that lead there; resolves when all have died often enough. */
const dieEverywhere = async (
  stage: Stage,
  cast: readonly Role[],
  stubborn: StubbornClient,
): Promise<Tally> => {
  const { chaos } = stage;
  const { random, times = defaultTimes, signal } = chaos;
  const tally = createTally({ api: stepsOf('api'), worker: stepsOf('worker') }, times);
  const deadline = performance.now() + dieWithinMs;
  const missing = (who: Who): ReturnType<Tally['missing']> =>
    performance.now() > deadline ? [] : tally.missing(who);
  const state = { fed: 0, isOver: false };
  const wishes = random.fork('wishes');
  const feeding = keepFeeding(stubborn, {
    mostOpen,
    isOver: () => state.isOver,
    next() {
      const steps = [...missing('api'), ...missing('worker')].map(({ step }) => step);
      return wishOf(stage, drawKind(kindsLeadingTo(new Set(steps)), (state.fed += 1), wishes), state.fed);
    },
  });
  const dying = cast.map(async (role) => {
    const { who } = role;
    await reap(role, {
      aims: () => missing(who),
      worth: (places) => tally.worth(who, places),
      withinMs: comesWithinMs,
      signal,
      onDeath(places) {
        tally.die(who, places);
        chaos.progress(`${who} died; ${tally.left()} failpoints are left`);
      },
    });
  });
  const dead = Promise.all(dying).finally(() => {
    state.isOver = true;
  });
  await Promise.all([feeding, dead]);
  return tally;
};

/** Large ones now and then: each is the work of many others. */
const drawKind = (kinds: readonly Kind[], nth: number, random: Random): Kind => {
  if (nth % largeEvery === 1 && kinds.includes('large')) return 'large';
  const others = kinds.filter((kind) => kind !== 'large');
  return others.length === 0 ? 'told' : random.pick(others);
};

const wishOf = async ({ chaos, target }: Stage, kind: Kind, nth: number): Promise<Wish> => {
  const name = `${kind}-${nth}`;
  const wish = { name, total: 40, steer: 'leave', looks: 0 } as const;
  if (kind === 'large') return { ...wish, total: chaos.count ?? largeTotal, steer: 'cancel' };
  if (kind === 'open') return { ...wish, steer: 'append' };
  if (kind === 'told') return { ...wish, more: { webhook: { url: `${target.origin(name)}/0` } } };
  const throttling = { is: 'throttling', retryAfterSeconds: 1, delayMs: 0 } as const;
  for (let index = 0; index < 4; index += 1) await target.behave(throttling, hostOf(name, index));
  return { ...wish, total: 4 };
};

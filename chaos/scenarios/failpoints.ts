// Processes that die between two steps: before a command of theirs reaches Redis, or when it is executed and not answered.
import type { Service } from '../../bench/service.ts';
import type { Trial } from '../../bench/trial.ts';
import { hostOf } from '../audit.ts';
import { kindsLeadingTo, learn, type Course, type Who } from '../courses.ts';
import { planFailpoints } from '../failpoint-plan.ts';
import { createTally, type Place, type Tally } from '../failpoint-tally.ts';
import { createFeeder, type Feeder, type Kind } from '../feeder.ts';
import { listBatches } from '../follow.ts';
import { createPatientClient } from '../patient-client.ts';
import { reap, type Victim } from '../reaper.ts';
import { settle } from '../settle.ts';
import { staged, type Stage } from '../stage.ts';
import { auditSteered } from '../steered-audit.ts';
import { startStepLine, type Failpoint, type StepLine } from '../step-line.ts';
import { loadStepNames } from '../step-names.ts';
import { createStubbornClient, readSteered } from '../stubborn-client.ts';

const defaultTimes = 20;
/** More than is saved at once. */
const largeTotal = 5001;
/** What a dead process leaves is taken over after 2 s, and dispatched after 5 s. */
const missedAfterMs = 30_000;
const settleWithinMs = 180_000;

export const failpoints = staged(
  {
    name: 'failpoints',
    about:
      'API and workers killed before and after each step of acceptance, recording and completion, 20 times',
    workers: 0,
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

type Role = Victim & { readonly who: Who; readonly line: StepLine };

/** An API, a worker that keeps bodies with their results, and workers that keep them apart, in files. */
const castAs = ({ fleet }: Stage, line: StepLine, at: number): Role => {
  const environment = { REDIS_URL: line.url, ...(at > 1 && { FETCHFLEET_INLINE_BODY_BYTES: '0' }) };
  if (at === 0)
    return { who: 'api', line, kill: () => fleet.killApi(), start: () => fleet.startApi({ environment }) };
  const state: { worker?: Service } = {};
  return {
    who: 'worker',
    line,
    kill: () => fleet.killWorker(state.worker?.pid ?? 0),
    async start() {
      state.worker = await fleet.startWorker({ environment });
    },
  };
};

const playOn = async (stage: Stage, cast: readonly Role[]): Promise<Trial> => {
  const { chaos, fleet, target } = stage;
  const client = createPatientClient({ origin: fleet.origin, patienceMs: 600_000, signal: chaos.signal });
  const stubborn = createStubbornClient(client, stage);
  try {
    await fleet.killApi();
    for (const role of cast) await role.start();
    const feeder = createFeeder(stubborn, chaos.random.fork('feeder'));
    const courses = await learn(kindsOf(stage), { lines: cast, feeder, client: stubborn });
    const { wanted, tally } = await dieEverywhere(stage, { cast, feeder, courses });
    const { left, unended } = await settle(stage, stubborn, settleWithinMs);
    await stubborn.stop();
    const accepted = stubborn.accepted();
    const strays = new Set(await listBatches(client)).size - accepted.length;
    const audited = auditSteered(
      await readSteered(client, accepted),
      await target.sightings(),
      stubborn.seen,
    );
    const judged = tally.judge(wanted);
    return {
      bounds: [
        ...judged.bounds,
        ...audited.bounds,
        { name: 'batches that did not end', value: unended.length, most: 0 },
        { name: 'batches made twice', value: strays, most: 0 },
        { name: 'batches that vanished', value: stubborn.seen.vanished, most: 0 },
        { name: 'answers that nobody should get', value: stubborn.seen.refusals.length, most: 0 },
        { name: 'disagreements in Redis', value: Object.values(left).flat().length, most: 0 },
      ],
      figures: [...audited.figures, ...judged.figures],
    };
  } finally {
    await stubborn.stop();
  }
};

/** The lighter ones first. */
const kindsOf = ({ chaos: { random, count }, target }: Stage): readonly Kind[] => [
  { name: 'small', wish: { total: random.whole(1, 8), steer: 'leave', looks: 0 } },
  {
    name: 'throttled',
    wish: { total: 4, steer: 'leave', looks: 0 },
    async prepare(name) {
      const throttling = { is: 'throttling', retryAfterSeconds: 1, delayMs: 0 } as const;
      for (let index = 0; index < 4; index += 1) await target.behave(throttling, hostOf(name, index));
    },
  },
  { name: 'large', wish: { total: count ?? largeTotal, steer: 'cancel', looks: 0 } },
];

type Play = { readonly cast: readonly Role[]; readonly feeder: Feeder; readonly courses: readonly Course[] };

/** All die at once, each where it is to, while batches come that lead there; resolves when all have died often enough. */
const dieEverywhere = async (
  { chaos }: Stage,
  { cast, feeder, courses }: Play,
): Promise<{ readonly wanted: readonly Place[]; readonly tally: Tally }> => {
  const { random, times = defaultTimes, signal } = chaos;
  const tally = createTally();
  const armed = new Set<Failpoint>();
  const state = { deaths: 0, isOver: false };
  const plans = {
    api: planFailpoints(stepsOf('api', courses), times, random.fork('api')),
    worker: planFailpoints(stepsOf('worker', courses), times, random.fork('worker')),
  };
  const wanted = (['api', 'worker'] as const).flatMap((who) => plans[who].map((each) => ({ ...each, who })));
  const dying = cast.map(async (role) => {
    const { who } = role;
    const onHit = (failpoint: Failpoint): void => {
      tally.hit({ ...failpoint, who });
      state.deaths += 1;
      if (state.deaths % 20 === 0) chaos.progress(`${state.deaths} of ${wanted.length} deaths`);
    };
    await reap(role, { plan: plans[who], armed, withinMs: missedAfterMs, onHit, signal });
  });
  const isWanted = (): readonly Kind[] =>
    kindsLeadingTo(
      [...armed].map(({ step }) => step),
      courses,
    );
  const feeding = feeder.keepFeeding(isWanted, () => state.isOver);
  await Promise.all(dying).finally(() => {
    state.isOver = true;
  });
  await feeding;
  return { wanted, tally };
};

const stepsOf = (who: Who, courses: readonly Course[]): readonly string[] =>
  [...new Set(courses.flatMap(({ steps }) => [...steps[who]]))].toSorted();

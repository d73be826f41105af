// API and workers whose wall clocks jump by up to three hours, each as it likes: what they do follows the clock of Redis.
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { pauseUntil } from '../../bench/pause.ts';
import { scriptPath } from '../../bench/script.ts';
import type { Sighting } from '../../bench/sighting.ts';
import type { Bound } from '../../bench/trial.ts';
import { audit, hostOf, zeros, type Accepted, type Account } from '../audit.ts';
import { readAccounts, submit, watch, type Watch, type Watching } from '../follow.ts';
import { createPatientClient, type PatientClient } from '../patient-client.ts';
import { staged, type Stage } from '../stage.ts';
import { countWrongDates, countWrongTimes, type DatedBatch, type TimedResult } from '../times.ts';
import { makeTroubles } from '../troubles.ts';
import { killingWorkers } from './worker-kills.ts';

/** How long the hosts of each `b` ask to be left alone, `c` may take, and `d` is kept. */
const [askedSeconds, expirySeconds, retentionSeconds] = [5, 10, 30];
/** What asking and noticing may take on a busy machine: far less than the clocks are off. */
const lateMs = 120_000;
const earlyMs = 1000;
/** For all workers to hear what a host asked of one. */
const hearMs = 2000;
const endWithinMs = 300_000;
const hostsOfBatch = 8;
/** All requests of each are put off at once, and so its slice is. */
const putOff = Array.from({ length: 20 }, (_, number) => `b${number}`);
/** From one of them to the next, so that the clocks jump in between. */
const apartMs = 500;
/** From when a batch is given its id until it is there. */
const submittedWithinMs = 2000;

export const clockJumps = staged(
  {
    name: 'clock-jumps',
    about:
      '10,000 URLs, twenty batches whose hosts want 5 s of rest, an expiry of 10 s, a retention of 30 s; the wall clocks of API and four workers jump by up to three hours, 5 workers killed',
    workers: 4,
    nodeArguments: ({ random }, process) => {
      const url = pathToFileURL(scriptPath('chaos/jumping-clock'));
      url.searchParams.set('seed', String(random.fork(`clock ${process}`).seed));
      return ['--import', url.href];
    },
  },
  async (stage) => {
    const { chaos, fleet, target } = stage;
    const client = createPatientClient({ origin: fleet.origin, patienceMs: 60_000, signal: chaos.signal });
    const scene = { ...stage, client, fromMs: Date.now() };
    await setTheScene(stage);
    const [complete, expired, { kept, goneMs }, ...rested] = await Promise.all([
      runWithKills(scene),
      run(scene, { name: 'c', total: 100, more: { expiresIn: expirySeconds }, endedAs: 'expired' }),
      runUntilGone(scene),
      ...putOff.map(async (name, number) => {
        await sleep(number * apartMs, undefined, { signal: chaos.signal });
        return run(scene, { name, total: hostsOfBatch });
      }),
    ]);
    const told = [complete, expired, kept, ...rested];
    const sightings = await target.sightings();
    const found = audit(
      told.map(({ account }) => account),
      sightings,
    );
    const sum = (of: (one: Told) => number): number => told.reduce((total, one) => total + of(one), 0);
    return {
      bounds: [
        ...zeros(found, { wrongPolls: sum(({ seen }) => seen.wrongPolls) }),
        { name: 'dates of batches that cannot be', value: sum(({ wrongDates }) => wrongDates), most: 0 },
        { name: 'results with times that cannot be', value: sum(({ wrongTimes }) => wrongTimes), most: 0 },
        { name: 'hosts asked before the time they asked for', value: countHurried(sightings), most: 0 },
        { name: 'batches listed out of order', value: await countDisordered(client), most: 0 },
        within('slowest of the put off', Math.max(...rested.map(({ tookMs }) => tookMs)), askedSeconds),
        within('expiry after', expired.tookMs, expirySeconds),
        within('gone after', goneMs, retentionSeconds),
      ],
      figures: [],
    };
  },
);

type Scene = Stage & { readonly client: PatientClient; readonly fromMs: number };
type Told = {
  readonly account: Account;
  readonly seen: Watch;
  /** From before the submission until the end was seen. */
  readonly tookMs: number;
  /** Epoch ms, as the API tells it. */
  readonly endedAt: number;
  readonly wrongDates: number;
  readonly wrongTimes: number;
};

const setTheScene = async ({ target }: Stage): Promise<void> => {
  await target.behave({ is: 'steady', delayMs: 300 });
  for (let index = 0; index < hostsOfBatch; index += 1) {
    const throttling = { is: 'throttling', retryAfterSeconds: askedSeconds, delayMs: 100 } as const;
    for (const name of putOff) await target.behave(throttling, hostOf(name, index));
    await target.behave({ is: 'hanging' }, hostOf('c', index));
  }
};

const runWithKills = (scene: Scene): Promise<Told> => {
  const { chaos } = scene;
  return run(scene, { name: 'a', total: chaos.count ?? 10_000 }, async (work) => {
    const kills = killingWorkers(scene, chaos.random.fork('victims'), chaos.times ?? 5);
    await makeTroubles([kills], { random: chaos.random, work, signal: chaos.signal });
  });
};

type Submission = Omit<Accepted, 'id'> & { readonly more?: object };

/** A batch from its submission to the judgement of all that is told of it. */
const run = async (
  scene: Scene,
  { endedAs, ...submission }: Submission,
  meanwhile: (work: Watching) => Promise<void> = async () => {},
): Promise<Told> => {
  const { client, fromMs } = scene;
  const submittedAt = performance.now();
  const submitted = await submit(client, scene, submission);
  const accepted = { ...submitted, ...(endedAs !== undefined && { endedAs }) };
  const watching = watch(client, [accepted], { withinMs: endWithinMs });
  await meanwhile(watching);
  const seen = await watching.ended;
  const tookMs = performance.now() - submittedAt;
  const [account] = await readAccounts(client, [accepted]);
  if (account === undefined) throw new Error(`nothing is told of batch ${accepted.id}`);
  const path = `/v1/batches/${accepted.id}`;
  const headers = { accept: 'application/x-ndjson' };
  const batch = JSON.parse((await client.call('GET', path)).text) as DatedBatch;
  const { text } = await client.call('GET', `${path}/results?fields=timings,attempts`, { headers });
  const results = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TimedResult);
  const span = { fromMs, untilMs: Date.now() };
  return {
    account,
    seen,
    tookMs,
    endedAt: Date.parse(batch.endedAt ?? ''),
    wrongDates: countWrongDates(batch, span),
    wrongTimes: countWrongTimes(results, span),
  };
};

/** `goneMs` is how long after its end it was. */
const runUntilGone = async (scene: Scene): Promise<{ readonly kept: Told; readonly goneMs: number }> => {
  const { client, chaos } = scene;
  const kept = await run(scene, { name: 'd', total: 400, more: { retention: retentionSeconds } });
  const path = `/v1/batches/${kept.account.accepted.id}`;
  const isGone = async (): Promise<boolean> => (await client.call('GET', path)).status === 404;
  await pauseUntil('a batch to be gone', isGone, { timeoutMs: 180_000, signal: chaos.signal });
  return { kept, goneMs: Date.now() - kept.endedAt };
};

/** How many of all batches are listed before one that is clearly newer. */
const countDisordered = async (client: PatientClient): Promise<number> => {
  const { text } = await client.call('GET', '/v1/batches?limit=100');
  const { batches } = JSON.parse(text) as { readonly batches: readonly { readonly createdAt: string }[] };
  const dates = batches.map(({ createdAt }) => Date.parse(createdAt));
  return dates.filter((date, at) => date < (dates[at + 1] ?? 0) - submittedWithinMs).length;
};

/** Requests that came to a host while it was to be left alone, once all workers had had time to hear of it. */
const countHurried = (sightings: readonly Sighting[]): number => {
  const refusedAt = new Map<string, number>();
  for (const { host, ending, arrivedMs } of sightings)
    if (ending === 'refused' && !refusedAt.has(host)) refusedAt.set(host, arrivedMs);
  return sightings.filter(({ host, arrivedMs }) => {
    const sinceMs = arrivedMs - (refusedAt.get(host) ?? Number.POSITIVE_INFINITY);
    return sinceMs > hearMs && sinceMs < askedSeconds * 1000 - 100;
  }).length;
};

const within = (name: string, ms: number, seconds: number): Bound => ({
  name,
  value: ms / 1000,
  least: seconds - earlyMs / 1000,
  most: seconds + lateMs / 1000,
  unit: 's',
});

// Batches that end in every way there is, while workers die, and are deleted or expire: Redis and the disk keep nothing of them.
import type { Batch } from '../../bench/api-client.ts';
import type { CountingTarget } from '../../bench/counting-target.ts';
import { pause, pauseUntil } from '../../bench/pause.ts';
import { audit, hostOf, refetchedFigure, zeros, type Accepted, type Account } from '../audit.ts';
import { readAccounts, submit, watch, type Watching } from '../follow.ts';
import { findLeftovers } from '../leftovers.ts';
import { createPatientClient, type PatientClient } from '../patient-client.ts';
import { staged, type Stage } from '../stage.ts';
import { withStoredBodies } from '../stored-bodies.ts';
import { makeTroubles } from '../troubles.ts';
import { killingWorkers } from './worker-kills.ts';

/** Bodies are swept every minute, and a slice that waits for its host is looked at after four. */
const goneWithinMs = 300_000;
const endWithinMs = 300_000;

export const nothingLeft = staged(
  {
    name: 'nothing-left',
    about:
      '10,000 URLs with bodies in files, some of them large, 10 workers killed; batches completed, cancelled, paused, expired and retried, then deleted, or left to expire',
    workers: 3,
    // Every body goes to a file.
    environment: { FETCHFLEET_INLINE_BODY_BYTES: '0' },
  },
  async (stage) => {
    const { chaos, redis, fleet, target, directory } = stage;
    const { signal } = chaos;
    const client = createPatientClient({ origin: fleet.origin, patienceMs: 60_000, signal });
    await setTheScene(target);
    const told = await Promise.all(stories.map((story) => story({ ...stage, client })));
    const found = audit(
      told.flatMap(({ accounts }) => accounts),
      await target.sightings(),
    );
    const endedAt = performance.now();
    const look = (): Promise<readonly string[]> =>
      redis.ask((connection) => findLeftovers(connection, directory));
    let left = await look();
    while (left.length > 0 && performance.now() - endedAt < goneWithinMs) {
      await pause(1000, signal);
      left = await look();
    }
    for (const name of left.slice(0, 20)) chaos.progress(`left: ${name}`);
    return {
      bounds: [
        ...zeros(found, { wrongPolls: told.reduce((sum, { wrongPolls }) => sum + wrongPolls, 0) }),
        { name: 'keys and files left of batches', value: left.length, most: 0 },
      ],
      figures: [
        { name: 'until nothing was left', value: (performance.now() - endedAt) / 1000, unit: 's' },
        refetchedFigure(found),
      ],
    };
  },
);

/** One host each of `a`, `b` and `c` sends large bodies; those of `d` never answer; one of `e` refuses everything for now. */
const setTheScene = async (target: CountingTarget): Promise<void> => {
  await target.behave(steady);
  for (const name of ['a', 'b', 'c'])
    await target.behave({ ...steady, bodyBytes: largeBytes }, hostOf(name, 0));
  await target.behave({ is: 'strained', baseMs: 100, knee: 1, cap: 0 }, refusing);
  const hosts = Array.from({ length: expiring }, (_, index) => hostOf('d', index));
  for (const host of new Set(hosts)) await target.behave({ is: 'hanging' }, host);
};

const steady = { is: 'steady', delayMs: 300 } as const;
/** Of a body that is stored part by part as it comes. */
const largeBytes = 400_000;
const refusing = hostOf('e', 0);
/** Requests of the batch that expires. */
const expiring = 200;

type Scene = Stage & { readonly client: PatientClient };
/** `accounts` of batches as they stood when they had ended; by now all are deleted, or will expire. */
type Told = { readonly accounts: readonly Account[]; readonly wrongPolls: number };

/** A batch that runs to its end, while workers die. */
const complete = async (scene: Scene): Promise<Told> => {
  const { chaos } = scene;
  const { batch, watching } = await begin(scene, { name: 'a', total: chaos.count ?? 10_000 });
  const kills = killingWorkers(scene, chaos.random.fork('victims'), chaos.times ?? 10);
  await makeTroubles([kills], { random: chaos.random, work: watching, signal: chaos.signal });
  return end(scene, batch, [watching]);
};

/** A batch that is cancelled and deleted while results of it are on their way. */
const cancel = async (scene: Scene): Promise<Told> => {
  const { batch, watching } = await begin(scene, { name: 'b', total: 2000, endedAs: 'cancelled' });
  await untilDone(scene, watching, 0.2);
  await act(scene, batch, 'cancel');
  const { wrongPolls } = await watching.ended;
  await remove(scene, batch);
  return { accounts: [], wrongPolls };
};

const pauseAndCancel = async (scene: Scene): Promise<Told> => {
  const { batch, watching } = await begin(scene, { name: 'c', total: 2000, endedAs: 'cancelled' });
  await untilDone(scene, watching, 0.2);
  await act(scene, batch, 'pause');
  await pause(1000, scene.chaos.signal);
  await act(scene, batch, 'cancel');
  return end(scene, batch, [watching]);
};

/** A batch that expires, since its hosts never answer. */
const expire = async (scene: Scene): Promise<Told> => {
  const submission = { name: 'd', total: expiring, more: { expiresIn: 5 }, endedAs: 'expired' } as const;
  const { batch, watching } = await begin(scene, submission);
  return end(scene, batch, [watching]);
};

/** A batch with requests that fail, until they are retried. */
const retry = async (scene: Scene): Promise<Told> => {
  const { target, client } = scene;
  const more = { defaults: { retry: { maxAttempts: 1 } } };
  const { batch, watching } = await begin(scene, { name: 'e', total: 400, more });
  await watching.ended;
  await target.behave(steady, refusing);
  const watchings = [watching];
  // The host may be spared for a while after its refusals.
  for (let tries = 0; tries < 20 && (await countFailed(scene, batch)) > 0; tries += 1) {
    await pause(1000, scene.chaos.signal);
    await act(scene, batch, 'retry');
    const again = watch(client, [batch], { withinMs: endWithinMs });
    await again.ended;
    watchings.push(again);
  }
  return end(scene, batch, watchings);
};

const countFailed = async ({ client }: Scene, { id }: Accepted): Promise<number> => {
  const { text } = await client.call('GET', `/v1/batches/${id}`);
  return (JSON.parse(text) as Batch).counts['failed'] ?? 0;
};

/** A batch that nobody deletes. */
const outlive = async (scene: Scene): Promise<Told> => {
  const { batch, watching } = await begin(scene, { name: 'f', total: 500, more: { retention: 60 } });
  const { wrongPolls } = await watching.ended;
  return { accounts: await read(scene, batch), wrongPolls };
};

const stories = [complete, cancel, pauseAndCancel, expire, retry, outlive];

type Begun = { readonly batch: Accepted; readonly watching: Watching };

const begin = async (
  scene: Scene,
  { endedAs, ...submission }: Omit<Accepted, 'id'> & { readonly more?: object },
): Promise<Begun> => {
  const accepted = await submit(scene.client, scene, submission);
  const batch = { ...accepted, ...(endedAs !== undefined && { endedAs }) };
  return { batch, watching: watch(scene.client, [batch], { withinMs: endWithinMs }) };
};

const untilDone = ({ chaos }: Scene, watching: Watching, share: number): Promise<void> =>
  pauseUntil(`${share} of a batch to be done`, async () => watching.done() >= share, {
    timeoutMs: endWithinMs,
    signal: chaos.signal,
  });

const act = async ({ client }: Scene, { id }: Accepted, action: string): Promise<void> => {
  const { status, text } = await client.call('POST', `/v1/batches/${id}/${action}`);
  if (status >= 300) throw new Error(`${action} was answered ${status}: ${text}`);
};

/** Reads what there is of it, then deletes it. */
const end = async (scene: Scene, batch: Accepted, watchings: readonly Watching[]): Promise<Told> => {
  const seen = await Promise.all(watchings.map(({ ended }) => ended));
  const accounts = await read(scene, batch);
  await remove(scene, batch);
  return { accounts, wrongPolls: seen.reduce((sum, { wrongPolls }) => sum + wrongPolls, 0) };
};

const read = async ({ client }: Scene, batch: Accepted): Promise<readonly Account[]> => {
  const accounts = await readAccounts(client, [batch]);
  return Promise.all(accounts.map((account) => withStoredBodies(client, account)));
};

const remove = async ({ client }: Scene, { id }: Accepted): Promise<void> => {
  const { status, text } = await client.call('DELETE', `/v1/batches/${id}`);
  if (status !== 204) throw new Error(`DELETE was answered ${status}: ${text}`);
};

// Webhooks of real processes: told, signed, and told by another worker where one is killed.
import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { request } from 'undici';
import { createProcesses } from '../support/processes.ts';
import { testRedis } from '../support/redis.ts';
import type { Result } from '../support/services.ts';
import { verifyEvent, type ToldEvent } from '../support/standard-webhooks.ts';
import { openTarget, type TargetServer, type Visit } from '../support/target-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const ownSecret = `whsec_${randomBytes(32).toString('base64')}`;
const serviceSecret = `whsec_${randomBytes(32).toString('base64')}`;
const { startApi, startWorker } = createProcesses(testRedis(), {
  FETCHFLEET_DATA_DIR: temporaryFolder(),
  FETCHFLEET_WEBHOOK_SECRET: serviceSecret,
});
const opened: TargetServer[] = [];
afterAll(() => Promise.all(opened.map((server) => server.close())));

type Receiver = { readonly server: TargetServer; readonly visits: Visit[]; readonly told: () => ToldEvent[] };

/** Answers what is fetched from it after a while, and events as `answer` says. */
const openReceiver = async (secret: string, answer: (visit: Visit) => void): Promise<Receiver> => {
  const visits: Visit[] = [];
  const server = await openTarget({
    about: 'a target and a receiver',
    onRequest: (visit, { target }) => {
      if (target !== '/hook') return visit.after(300, () => visit.reply('fetched'));
      visits.push(visit);
      answer(visit);
    },
  });
  opened.push(server);
  const told = (): ToldEvent[] =>
    server.requests
      .filter(({ target }) => target === '/hook')
      .map((received) => verifyEvent(received, secret));
  return { server, visits, told };
};

const submit = async (origin: string, receiver: Receiver, webhook: object, total = 1): Promise<string> => {
  const urls = Array.from({ length: total }, (_, i) => `${receiver.server.origin}/${i}`);
  const answer = await request(`${origin}/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ urls, webhook: { url: `${receiver.server.origin}/hook`, ...webhook } }),
  });
  const batch = (await answer.body.json()) as Result;
  if (answer.statusCode !== 202) throw new Error(JSON.stringify(batch));
  return batch.id;
};

const eventsOf = async (origin: string, id: string): Promise<Result[]> => {
  const answer = await request(`${origin}/v1/batches/${id}/webhooks`);
  return ((await answer.body.json()) as Result).events;
};

test('progress and the end of a batch are told in order, each signed', async () => {
  const [{ origin }, worker] = await Promise.all([startApi(), startWorker()]);
  const receiver = await openReceiver(serviceSecret, ({ reply }) => reply());
  const id = await submit(origin, receiver, { events: ['progress', 'completed'], progressPercent: 1 }, 1000);
  await waitFor(() => receiver.told().some(({ payload }) => payload.type === 'batch.completed'));
  const told = receiver.told();
  expect(told.at(-1)?.payload).toMatchObject({
    type: 'batch.completed',
    data: { id, counts: { total: 1000, succeeded: 1000 } },
  });
  const progress = told.slice(0, -1).map(({ payload }) => payload);
  expect(progress.every(({ type }) => type === 'batch.progress')).toBe(true);
  expect(progress.length).toBeGreaterThan(0);
  const shares = progress.map(({ data }) => data.progress);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  await waitFor(async () => (await eventsOf(origin, id)).every(({ status }) => status !== 'pending'));
  worker.signal('SIGTERM');
  expect(await worker.exit).toBe(0);
}, 120_000);

test('what a killed worker was telling another tells, under the same id', async () => {
  const [{ origin }, killed] = await Promise.all([startApi(), startWorker()]);
  const receiver = await openReceiver(ownSecret, () => {});
  const id = await submit(origin, receiver, { secret: ownSecret });
  await waitFor(() => receiver.visits.length === 1);
  killed.signal('SIGKILL');
  await killed.exit;
  expect(await eventsOf(origin, id)).toMatchObject([{ status: 'pending', attempts: [] }]);
  const worker = await startWorker();
  await waitFor(() => receiver.visits.length === 2, { timeoutMs: 60_000 });
  receiver.visits[1]?.reply();
  await waitFor(async () => (await eventsOf(origin, id))[0].status === 'delivered');
  const [first, second, ...others] = receiver.told();
  expect(others).toEqual([]);
  expect(second?.id).toBe(first?.id);
  expect(second?.payload).toEqual(first?.payload);
  worker.signal('SIGTERM');
  expect(await worker.exit).toBe(0);
}, 120_000);

test('a worker that is to stop ends what it is telling, and exits', async () => {
  const [{ origin }, worker] = await Promise.all([startApi(), startWorker()]);
  const receiver = await openReceiver(ownSecret, () => {});
  const id = await submit(origin, receiver, { secret: ownSecret });
  await waitFor(() => receiver.visits.length === 1);
  worker.signal('SIGTERM');
  await worker.says('shutting down');
  receiver.visits[0]?.reply();
  expect(await worker.exit).toBe(0);
  expect(await eventsOf(origin, id)).toMatchObject([{ status: 'delivered', attempts: [{ status: 200 }] }]);
  expect(receiver.visits).toHaveLength(1);
}, 120_000);

test('what no worker was there to tell is told by the next that comes', async () => {
  const { origin } = await startApi();
  const receiver = await openReceiver(ownSecret, ({ reply }) => reply());
  const id = await submit(origin, receiver, { secret: ownSecret });
  const cancelled = await request(`${origin}/v1/batches/${id}/cancel`, { method: 'POST' });
  expect(cancelled.statusCode).toBe(200);
  const worker = await startWorker();
  await waitFor(() => receiver.told().length === 1);
  expect(receiver.told()[0]?.payload).toMatchObject({
    type: 'batch.cancelled',
    data: { counts: { cancelled: 1 } },
  });
  const said = worker.output();
  worker.signal('SIGTERM');
  expect(await worker.exit).toBe(0);
  expect(said).not.toMatch(/whsec_/);
}, 120_000);

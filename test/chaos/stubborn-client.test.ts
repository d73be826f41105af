import { afterEach, expect, test } from '@jest/globals';
import { createPatientClient, type PatientClient } from '../../chaos/patient-client.ts';
import { createStubbornClient, type StubbornClient, type Wish } from '../../chaos/stubborn-client.ts';
import type { BatchId } from '../../shared/batch.ts';
import { createStores } from '../support/batches.ts';
import { testApi } from '../support/api.ts';
import { waitFor } from '../support/wait-for.ts';

const api = testApi();
const { keys } = createStores(api.redis, api.prefix);
const stage = { target: { origin: (host: string): string => `http://${host}.example` } };
const { signal } = new AbortController();
const started: StubbornClient[] = [];
afterEach(async () => {
  for (const client of started.splice(0)) await client.stop();
});

const stubborn = (wrap: (client: PatientClient) => PatientClient = (client) => client): StubbornClient => {
  const patient = createPatientClient({ origin: api.origin(), patienceMs: 20_000, signal });
  const client = createStubbornClient(wrap(patient), stage);
  started.push(client);
  return client;
};

const wish = (name: string, more: Partial<Wish> = {}): Wish => ({
  name,
  total: 2,
  steer: 'leave',
  looks: 1,
  ...more,
});

const idOf = (client: StubbornClient): BatchId => client.accepted()[0]?.id as BatchId;

/** As a Redis does that has gone back to a time before the batch. */
const forget = async (id: BatchId): Promise<void> => {
  await api.redis.del(...keys.batch(id).all, ...(await api.redis.keys(`${api.prefix}:idempotency:*`)));
};

test('sees a batch to its end, and looks again when it is told that it was not', async () => {
  const client = stubborn();
  await client.want(wish('seen'));
  expect(client.open()).toEqual(['seen']);
  const id = idOf(client);
  await api.batches.close(id, 'cancelled');
  await waitFor(() => client.open().length === 0);
  expect(client.accepted()).toEqual([{ id, name: 'seen', total: 2, steer: 'leave' }]);
  expect(client.lookAgain(new Set([id]))).toBe(0);
  expect(client.lookAgain(new Set())).toBe(1);
  expect(client.open()).toEqual(['seen']);
  await waitFor(() => client.open().length === 0);
  expect(client.seen).toMatchObject({ wrongPolls: 0, vanished: 0, refusals: [] });
});

test('submits again what has vanished', async () => {
  const client = stubborn();
  await client.want(wish('vanishing'));
  const first = idOf(client);
  await forget(first);
  await waitFor(() => client.accepted()[0]?.id !== first && idOf(client).startsWith('bat_'));
  expect(client.seen.vanished).toBe(1);
  expect((await api.batches.get(idOf(client)))?.counts.total).toBe(2);
});

test('a key that leads to what has vanished is told of', async () => {
  const client = stubborn();
  await client.want(wish('astray'));
  await api.redis.del(...keys.batch(idOf(client)).all);
  await waitFor(() => client.seen.refusals.length > 0);
  expect(client.seen.refusals[0]).toContain('batch_gone');
});

test('pauses, and resumes as often as it must', async () => {
  const client = stubborn();
  await client.want(wish('paused', { steer: 'pause', looks: 2 }));
  const isPaused = async (): Promise<boolean> => (await api.batches.get(idOf(client)))?.isPaused === true;
  await waitFor(isPaused);
  await waitFor(async () => !(await isPaused()));
  await api.redis.hset(keys.batch(idOf(client)).meta, 'paused', '1');
  await waitFor(async () => !(await isPaused()));
});

test('appends, and seals then', async () => {
  const client = stubborn();
  await client.want(wish('appended', { steer: 'append', total: 5 }));
  expect((await api.batches.get(idOf(client)))?.counts.total).toBe(3);
  const sealed = async (): Promise<boolean> => (await api.batches.get(idOf(client)))?.isOpen !== true;
  await waitFor(sealed);
  expect((await api.batches.get(idOf(client)))?.counts.total).toBe(5);
  expect(client.seen).toMatchObject({ wrongPolls: 0, refusals: [] });
});

test('cancels', async () => {
  const client = stubborn();
  await client.want(wish('cancelled', { steer: 'cancel' }));
  await waitFor(() => client.open().length === 0);
  expect((await api.batches.get(idOf(client)))?.closedAs).toBe('cancelled');
});

test('notes counts that cannot be, and answers that should not', async () => {
  const client = stubborn((patient) => ({
    ...patient,
    async call(method, path, sent) {
      if (path.endsWith('/cancel')) return { status: 500, text: 'oh' };
      const { status, text } = await patient.call(method, path, sent);
      return { status, text: text.replace('"pending":2', '"pending":1') };
    },
  }));
  await client.want(wish('wrong', { steer: 'cancel' }));
  await waitFor(() => client.seen.wrongPolls > 0);
  await waitFor(() => client.seen.refusals.length > 0);
  expect(client.seen.refusals).toEqual(['cancel: 500 oh']);
});

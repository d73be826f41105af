import { expect, test } from '@jest/globals';
import type { BatchId } from '../../../shared/batch.ts';
import { createKeys } from '../../../shared/keys.ts';
import type { SliceQueue } from '../../../shared/queue.ts';
import { unpackSlice } from '../../../shared/slice.ts';
import { createIdempotencyStore } from '../../../shared/idempotency-store.ts';
import type { Entry } from '../../../api/submission/entry.ts';
import { createSubmissions, type Submission } from '../../../api/submission/submit.ts';
import { testApi } from '../../support/api.ts';
import { waitFor } from '../../support/wait-for.ts';

const state = { isBroken: false, isOnDisk: true, enqueued: [] as [BatchId, number | readonly number[]][] };
const wrapQueue = (queue: SliceQueue): SliceQueue => ({
  ...queue,
  async enqueue(id, count, turn) {
    if (state.isBroken) throw new Error('Command timed out');
    await queue.enqueue(id, count, turn);
    state.enqueued.push([id, count]);
  },
});
const durability = { settle: async (): Promise<boolean> => state.isOnDisk };
const api = testApi({ sliceSize: 100, maxRequests: 30_000, maxBytes: 67_108_864, wrapQueue, durability });
const keys = createKeys(api.prefix);

const savedIndexes = async (id: BatchId): Promise<number[]> => {
  const slices = await api.redis.hvalsBuffer(keys.batch(id).slices);
  return slices.flatMap((packed) => unpackSlice(packed).map(({ index }) => index));
};

test('saves every request once, over several parts, and puts every slice on the queue', async () => {
  const id = await api.submit(Array.from({ length: 12_345 }, (_, i) => `https://h${i % 3}.example/${i}`));
  const indexes = await savedIndexes(id);
  expect(indexes.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12_345 }, (_, i) => i));
  const slices = await api.redis.hlen(keys.batch(id).slices);
  await waitFor(() => state.enqueued.some(([each, count]) => each === id && count === slices));
  await waitFor(async () => (await api.redis.zscore(keys.outbox, id)) === null);
});

test('accepts a batch though the queue fails, and leaves it to the outbox', async () => {
  state.isBroken = true;
  const id = await api.submit(['https://example.com/']);
  expect((await api.call('GET', `/v1/batches/${id}`)).json.status).toBe('queued');
  await waitFor(() => api.log.some((line) => line.includes('not queued yet') && line.includes(id)));
  state.isBroken = false;
  expect(await api.redis.zscore(keys.outbox, id)).not.toBeNull();
});

test('a batch that is not known to be on disk is not answered for, until it is; its key finds it', async () => {
  const post = (): ReturnType<typeof api.call> =>
    api.call('POST', '/v1/batches', {
      json: { urls: ['https://example.com/on-disk'] },
      headers: { 'idempotency-key': 'on-disk' },
    });
  state.isOnDisk = false;
  for (let i = 0; i < 2; i++) {
    const answer = await post();
    expect([answer.status, answer.json.code]).toEqual([503, 'store_unavailable']);
    expect(answer.headers['retry-after']).toBe('2');
  }
  state.isOnDisk = true;
  const answer = await post();
  expect([answer.status, answer.headers['idempotency-replayed']]).toEqual([202, 'true']);
  await waitFor(() => state.enqueued.some(([id]) => id === answer.json.id));
});

test('keeps what the batch asks for', async () => {
  const id = await api.submit(['https://example.com/'], {
    defaults: { method: 'POST', json: { a: 1 } },
    expiresIn: 60,
    retention: 120,
  });
  const batch = await api.batches.get(id);
  expect(batch).toMatchObject({
    owner: 'default',
    retentionSeconds: 120,
    defaults: { method: 'POST', bytesType: 'application/json' },
  });
  expect((batch?.expiresAt ?? 0) - (batch?.createdAt ?? 0)).toBe(60_000);
});

test('answers polls while it takes in a large submission', async () => {
  const known = await api.submit(['https://example.com/']);
  const progress = { isDone: false };
  const submitting = api
    .submit(Array.from({ length: 30_000 }, (_, i) => `https://example.com/${i}`))
    .finally(() => (progress.isDone = true));
  let polls = 0;
  while (!progress.isDone) {
    expect((await api.call('GET', `/v1/batches/${known}`)).status).toBe(200);
    polls += 1;
  }
  await submitting;
  expect(polls).toBeGreaterThan(3);
});

test('splits heavy requests over slices', async () => {
  const body = 'x'.repeat(400_000);
  const answer = await api.call('POST', '/v1/batches', {
    json: {
      requests: Array.from({ length: 6 }, () => ({ url: 'https://example.com/', method: 'POST', body })),
    },
  });
  expect(answer.status).toBe(202);
  expect(await api.redis.hlen(keys.batch(answer.json.id).slices)).toBe(3);
});

test('leaves nothing behind where it could not save all, and its key free', async () => {
  const batches = { ...api.batches, seal: () => Promise.reject(new Error('Command timed out')) };
  const submissions = createSubmissions({
    batches,
    durability,
    capacity: { look: async () => undefined },
    idempotency: createIdempotencyStore(api.redis, keys),
    dispatcher: { dispatch() {}, idle: async () => {} },
    limits: { sliceSize: 100, expiresSeconds: 60, retentionSeconds: 60 },
    now: Date.now,
  });
  const entries = Array.from({ length: 6000 }, (_, i): Entry => ({ url: `https://example.com/${i}` }));
  const claim = { owner: 'carla', key: 'k', fingerprint: 'f' };
  const submission: Submission = { entries: [entries], defaults: {}, priority: 50 };
  const before = await api.redis.keys(`${api.prefix}:{*`);
  await expect(submissions.submit('carla', submission, claim)).rejects.toThrow('timed out');
  expect((await api.redis.keys(`${api.prefix}:{*`)).length).toBe(before.length);
  expect(await submissions.recall(claim)).toBeUndefined();
});

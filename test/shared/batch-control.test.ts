import { afterAll, expect, test } from '@jest/globals';
import { createBatchControl } from '../../shared/batch-control.ts';
import { statusOf, type BatchId, type BatchStatus, type Counts } from '../../shared/batch.ts';
import { createOutbox } from '../../shared/outbox.ts';
import { closeRedis, connectRedis, type Redis } from '../../shared/redis.ts';
import type { StoredResult } from '../../shared/result.ts';
import { createStores, failed, resultsOf, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { redis, url, prefix } = testRedis();
const { keys, batches, results, slices } = createStores(redis, prefix);
const control = createBatchControl(redis, keys);
const subscriber = connectRedis(url, 'queue');
afterAll(() => closeRedis(subscriber));

const statusNow = async (id: BatchId): Promise<BatchStatus | undefined> => {
  const batch = await batches.get(id);
  return batch && statusOf(batch);
};

const enqueued: unknown[] = [];
const outbox = createOutbox(redis, keys, batches, {
  enqueue: async (_id, which, turn) => void enqueued.push([which, turn?.generation]),
  close: () => Promise.resolve(),
});
const dispatched = async (id: BatchId): Promise<unknown[]> => {
  enqueued.length = 0;
  const batch = await batches.get(id);
  if (batch !== undefined) await outbox.dispatch(batch);
  return enqueued;
};

test('nothing of a paused batch is taken, and workers are told', async () => {
  const told: string[] = [];
  subscriber.on('message', (_channel: string, id: string) => told.push(id));
  await subscriber.subscribe(keys.paused);
  const { id } = await sealBatch(batches, 20);
  await dispatched(id);
  await slices.claim(id, 0);
  expect(await control.pause(id)).toBe(true);
  await waitFor(() => told.includes(id));
  expect(await statusNow(id)).toBe('paused');
  expect(await slices.claim(id, 1)).toBeUndefined();
  expect((await batches.get(id))?.counts).toMatchObject({ running: 10, pending: 10 });
  await slices.release(id, 0, new Map());
  expect((await batches.get(id))?.counts).toMatchObject({ running: 0, pending: 20 });
  expect(await control.pause(id)).toBe(true);
});

test('what was under way when a batch was paused is recorded, and may end it', async () => {
  const { id } = await sealBatch(batches, 1);
  await slices.claim(id, 0);
  await control.pause(id);
  await results.record(id, [succeeded(0)]);
  expect(await statusNow(id)).toBe('completed');
  expect(await control.pause(id)).toBe(false);
  expect(await control.resume(id)).toBe(false);
});

test('a resumed batch goes on with the slices that are not done, under jobs of its own', async () => {
  const { id } = await sealBatch(batches, 30);
  expect(await dispatched(id)).toEqual([[3, 0]]);
  await results.record(
    id,
    Array.from({ length: 10 }, (_, i) => succeeded(10 + i)),
  );
  await control.pause(id);
  expect(await dispatched(id)).toEqual([]);
  expect(await control.resume(id)).toBe(true);
  expect(await statusNow(id)).toBe('queued');
  expect(await redis.zscore(keys.outbox, id)).not.toBeNull();
  expect(await dispatched(id)).toEqual([[[0, 2], 1]]);
  expect(await redis.zscore(keys.outbox, id)).toBeNull();
  expect(await slices.claim(id, 0)).toBeUndefined();
  expect(await slices.claim(id, 0, { generation: 1 })).toMatchObject({ batch: { id, generation: 1 } });
});

test('a worker dispatches what was resumed where the API dies before it does', async () => {
  const { id } = await sealBatch(batches, 10);
  await dispatched(id);
  await control.pause(id);
  await control.resume(id);
  await redis.zadd(keys.outbox, 'XX', 1, id);
  enqueued.length = 0;
  expect(await outbox.reconcile()).toBe(1);
  expect(enqueued).toEqual([[[0], 1]]);
});

test('a batch that was lined up anew while it was dispatched stays in the outbox', async () => {
  const batch = await sealBatch(batches, 10);
  const { id } = batch;
  const interrupted = createOutbox(redis, keys, batches, {
    async enqueue() {
      await control.pause(id);
      await control.resume(id);
    },
    close: () => Promise.resolve(),
  });
  await interrupted.dispatch(batch);
  expect(await redis.zscore(keys.outbox, id)).not.toBeNull();
  expect(await dispatched(id)).toEqual([[[0], 1]]);
});

test('only a paused batch can be resumed, once', async () => {
  const { id } = await sealBatch(batches, 1);
  expect(await control.resume(id)).toBe(false);
  await control.pause(id);
  expect(await control.resume(id)).toBe(true);
  expect(await control.resume(id)).toBe(false);
  expect((await batches.get(id))?.generation).toBe(1);
});

test('a paused batch expires and is cancelled like any other', async () => {
  const due = await sealBatch(batches, 2, { expiresInSeconds: 0 });
  const cancelled = await sealBatch(batches, 2);
  for (const { id } of [due, cancelled]) await control.pause(id);
  await batches.closeExpired();
  await batches.close(cancelled.id, 'cancelled');
  expect(await statusNow(due.id)).toBe('expired');
  expect(await statusNow(cancelled.id)).toBe('cancelled');
});

test('a batch that waits for its time can be paused, and waits on when it is resumed', async () => {
  const notBefore = Date.now() + 600_000;
  const { id } = await sealBatch(batches, 1, { notBefore });
  await control.pause(id);
  expect(await redis.zscore(keys.outbox, id)).toBeNull();
  await control.resume(id);
  expect(await redis.zscore(keys.outbox, id)).toBe(String(notBefore));
  expect(await statusNow(id)).toBe('queued');
});

const noBreak = (): Promise<void> => Promise.resolve();

/** This connection, with something happening before each run of a script. */
const withScripts = (before: (run: number) => Promise<unknown>): Redis => {
  let runs = 0;
  return new Proxy(redis, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (name !== 'evalsha') return member.bind(target) as unknown;
      return async (...args: unknown[]): Promise<unknown> => {
        await before(runs++);
        return (await member.apply(target, args)) as unknown;
      };
    },
  });
};

/** A completed batch of which those failed. */
const completed = async (total: number, hasFailed: (index: number) => boolean): Promise<BatchId> => {
  const batch = await sealBatch(batches, total, { sliceSize: 10, expiresInSeconds: 600 });
  await outbox.dispatch(batch);
  for (let first = 0; first < total; first += 50) {
    const indexes = Array.from({ length: Math.min(50, total - first) }, (_, i) => first + i);
    await results.record(
      batch.id,
      indexes.map((index) => (hasFailed(index) ? failed(index, Math.floor(index / 10)) : succeeded(index))),
    );
  }
  return batch.id;
};

const countsOf = async (id: BatchId): Promise<Partial<Counts> | undefined> => (await batches.get(id))?.counts;
const walk = async (id: BatchId): Promise<StoredResult[]> => {
  const found: StoredResult[] = [];
  for (let after = 0; ;) {
    const page = await results.page(id, { after, limit: 7 });
    found.push(...resultsOf(page));
    if (page.next === after) return found;
    after = page.next;
  }
};
const all = (): boolean => true;

test('a retry opens the failed results that match again, and only those', async () => {
  const id = await completed(30, (index) => index % 10 === 3);
  const before = await batches.get(id);
  expect(await control.retry(id, ({ index }) => index > 5)).toBe('retried');
  const batch = await batches.get(id);
  expect(batch?.counts).toMatchObject({ total: 30, pending: 2, running: 0, succeeded: 27, failed: 1 });
  expect(batch?.endedAt).toBeUndefined();
  expect((batch?.expiresAt ?? 0) - (before?.endedAt ?? 0)).toBeGreaterThanOrEqual(600_000);
  expect(Number(await redis.zscore(keys.deadlines, id))).toBe(batch?.expiresAt);
  expect(await redis.zscore(keys.unfinished, `anna:${id}`)).not.toBeNull();
  for (const key of await redis.keys(`${prefix}:{${id}}:*`)) expect(await redis.ttl(key)).toBe(-1);
  expect(await results.get(id, 13)).toBe('pending');
  expect(await results.get(id, 3)).toMatchObject({ outcome: 'failed' });
  expect(await dispatched(id)).toEqual([[[1, 2], 1]]);
  expect(await slices.claim(id, 1, { generation: 1 })).toMatchObject({ requests: [{ index: 13 }] });
});

test('a retried batch ends again, with every result once and no old one', async () => {
  const id = await completed(30, (index) => index < 12);
  await control.retry(id, ({ index }) => index < 11);
  await dispatched(id);
  expect((await walk(id)).map(({ index }) => index)).toEqual(Array.from({ length: 19 }, (_, i) => i + 11));
  const again = Array.from({ length: 11 }, (_, i) => (i === 4 ? failed(i) : succeeded(i)));
  await results.record(id, again.slice(0, 6));
  await results.record(id, again.slice(6));
  expect(await batches.get(id)).toMatchObject({ counts: { succeeded: 28, failed: 2, pending: 0 } });
  expect(await statusNow(id)).toBe('completed');
  const walked = await walk(id);
  expect(walked.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual([...Array(30).keys()]);
  expect(walked.filter(({ outcome }) => outcome === 'failed').map(({ index }) => index)).toEqual([11, 4]);
  expect(await redis.ttl(keys.batch(id).meta)).toBeGreaterThan(0);

  expect(await control.retry(id, all)).toBe('retried');
  expect(await countsOf(id)).toMatchObject({ pending: 2, succeeded: 28, failed: 0 });
  expect(await dispatched(id)).toEqual([[[0, 1], 2]]);
  await results.record(id, [succeeded(4), succeeded(11)]);
  expect(await control.retry(id, all)).toBe('nothing');
  expect(await statusNow(id)).toBe('completed');
});

test('a retry of which nothing matches changes nothing', async () => {
  const id = await completed(10, (index) => index === 1);
  const before = await redis.hgetall(keys.batch(id).meta);
  expect(await control.retry(id, ({ index }) => index === 2)).toBe('nothing');
  expect(await redis.hgetall(keys.batch(id).meta)).toEqual(before);
});

test('a retry forgets which workers died of what', async () => {
  const id = await completed(10, all);
  await redis.hset(keys.batch(id).suspects, '0:3', 3);
  await control.retry(id, all);
  expect(await redis.exists(keys.batch(id).suspects)).toBe(0);
});

test('only a completed batch can be retried, by one at a time', async () => {
  const id = await completed(10, all);
  expect(await control.retry(id, all)).toBe('retried');
  await results.record(id, [failed(0)]);
  expect(await control.retry(id, all)).toBe('running');
  await batches.close(id, 'cancelled');
  expect(await control.retry(id, all)).toBe('closed');
  expect(await countsOf(id)).toMatchObject({ failed: 1, cancelled: 9 });
  await batches.remove(id, 'anna');
  expect(await control.retry(id, all)).toBe('nothing');
});

test('a retry that dies half-way leaves a batch that goes on with what was opened', async () => {
  const id = await completed(1200, all);
  const dying = createBatchControl(
    withScripts((run) => (run < 2 ? noBreak() : Promise.reject(new Error('died')))),
    keys,
  );
  await expect(dying.retry(id, all)).rejects.toThrow('died');
  expect(await countsOf(id)).toMatchObject({ total: 1200, pending: 1000, failed: 200 });
  expect((await walk(id)).length).toBe(200);
  await redis.zadd(keys.outbox, 'XX', 1, id);
  enqueued.length = 0;
  await outbox.reconcile();
  expect(enqueued).toContainEqual([[...Array(100).keys()], 1]);
  await results.record(
    id,
    Array.from({ length: 1000 }, (_, index) => succeeded(index)),
  );
  expect(await batches.get(id)).toMatchObject({
    counts: { succeeded: 1000, failed: 200 },
    endedAt: expect.any(Number),
  });
});

test('a script that is sent twice opens once, though there is a new result in between', async () => {
  const id = await completed(10, all);
  const sent: Parameters<Redis['evalsha']>[] = [];
  const listening = new Proxy(redis, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: Parameters<Redis['evalsha']>): unknown => {
        if (name === 'evalsha') sent.push(args);
        return member.apply(target, args) as unknown;
      };
    },
  });
  await createBatchControl(listening, keys).retry(id, all);
  await results.record(id, [failed(0), succeeded(1)]);
  for (const args of sent) expect(await redis.evalsha(...args)).toBe(1);
  expect(await countsOf(id)).toMatchObject({ pending: 8, failed: 1, succeeded: 1 });
  await results.record(
    id,
    Array.from({ length: 8 }, (_, i) => succeeded(i + 2)),
  );
  for (const args of sent) expect(await redis.evalsha(...args)).toBe(1);
  expect(await batches.get(id)).toMatchObject({
    counts: { failed: 1, succeeded: 9 },
    endedAt: expect.any(Number),
  });
});

test('what is opened after others were dispatched is not left behind', async () => {
  const id = await completed(600, all);
  const slow = createBatchControl(
    withScripts(async (run) => {
      if (run === 1) await dispatched(id);
    }),
    keys,
  );
  expect(await slow.retry(id, all)).toBe('retried');
  expect(enqueued).toEqual([[[...Array(50).keys()], 1]]);
  expect(await dispatched(id)).toEqual([[[...Array(60).keys()], 2]]);
});

test('what a worker that was cut off brings from before a retry is refused, from before a pause taken', async () => {
  const id = await completed(10, all);
  await control.retry(id, all);
  expect(await results.record(id, [failed(0)], 0)).toBe('closed');
  expect(await countsOf(id)).toMatchObject({ pending: 10, failed: 0 });
  await dispatched(id);
  await control.pause(id);
  await control.resume(id);
  expect((await batches.get(id))?.generation).toBe(2);
  expect(await results.record(id, [succeeded(1)], 1)).toBe('recorded');
});

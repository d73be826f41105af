import { expect, test } from '@jest/globals';
import { createAppendStore, type Append } from '../../shared/append-store.ts';
import { newBatchId, type BatchId } from '../../shared/batch.ts';
import { createOutbox } from '../../shared/outbox.ts';
import type { SliceRequest } from '../../shared/request.ts';
import type { Turn } from '../../shared/turn.ts';
import { createStores, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);

/** Every script twice, as where its first answer was lost. */
const twice = new Proxy(redis, {
  get(target, name) {
    const value: unknown = Reflect.get(target, name);
    if (name !== 'evalsha' || typeof value !== 'function')
      return typeof value === 'function' ? value.bind(target) : value;
    return async (...args: unknown[]) => {
      await value.apply(target, args);
      return (await value.apply(target, args)) as unknown;
    };
  },
});
const store = createAppendStore(twice, keys);

const open = async (): Promise<BatchId> => {
  const id = newBatchId();
  const options = { defaults: {}, priority: 50, isOpen: true, expiresInSeconds: 60, retentionSeconds: 60 };
  await batches.accept({ id, owner: 'anna', ...options }, []);
  return id;
};

const begin = async (id: BatchId): Promise<Append> => {
  const append = await store.begin(id);
  if (append.is !== 'begun') throw new Error(append.is);
  return append;
};

const requests = (from: number, to: number): SliceRequest[] =>
  Array.from({ length: to - from }, (_, i) => ({ index: from + i, url: `http://a.test/${from + i}` }));

/** Appends in slices of five. */
const appendTo = async (id: BatchId, count: number): Promise<void> => {
  const append = await begin(id);
  const { total, slices } = append;
  const cut = Array.from({ length: Math.ceil(count / 5) }, (_, i) =>
    requests(total + i * 5, Math.min(total + count, total + i * 5 + 5)),
  );
  for (const [i, slice] of cut.entries()) await append.savePart({ firstSlice: slices + i, slices: [slice] });
  const appended = await append.commit({ count, slices: slices + cut.length });
  expect(appended.is).toBe('appended');
};

/** As if the one that appends had been silent for longer than it may. */
const lapse = (id: BatchId): Promise<unknown> => redis.hincrby(keys.batch(id).meta, 'appendUntil', -10_000);

test('each step may run twice', async () => {
  const id = await open();
  await appendTo(id, 12);
  await appendTo(id, 3);
  expect(await batches.get(id)).toMatchObject({
    slices: 4,
    isOpen: true,
    counts: { total: 15, pending: 15 },
  });
  expect(await redis.strlen(keys.batch(id).index)).toBe(60);
  expect(await redis.hlen(keys.batch(id).slices)).toBe(4);
});

test('one append at a time; one that fell silent is taken for dead, and comes to nothing', async () => {
  const id = await open();
  const dead = await begin(id);
  await dead.savePart({ firstSlice: 0, slices: [requests(0, 5), requests(5, 9)] });
  expect(await store.begin(id)).toEqual({ is: 'busy' });
  expect(await store.seal(id)).toEqual({ is: 'busy' });
  await lapse(id);
  const next = await begin(id);
  expect(await redis.hlen(keys.batch(id).slices)).toBe(0);
  expect(await dead.savePart({ firstSlice: 2, slices: [requests(9, 10)] })).toEqual({ is: 'busy' });
  expect(await dead.commit({ count: 10, slices: 3 })).toEqual({ is: 'busy' });
  await dead.drop();
  await next.savePart({ firstSlice: 0, slices: [requests(0, 2)] });
  expect(await next.commit({ count: 2, slices: 1 })).toMatchObject({ is: 'appended' });
});

test('who says that parts are still coming is not taken for dead', async () => {
  const id = await open();
  const append = await begin(id);
  await lapse(id);
  expect(await append.keep()).toBeUndefined();
  expect(await store.begin(id)).toEqual({ is: 'busy' });
  await append.drop();
  expect((await store.begin(id)).is).toBe('begun');
});

test('what is appended under a known mark is not, nor what is another', async () => {
  const id = await open();
  const commit = async (digest: string): Promise<unknown> => {
    const append = await begin(id);
    const { total, slices } = append;
    await append.savePart({ firstSlice: slices, slices: [requests(total, total + 4)] });
    return await append.commit({ count: 4, slices: slices + 1 }, { mark: 'm', digest });
  };
  expect(await commit('d')).toMatchObject({ is: 'appended' });
  expect(await commit('d')).toEqual({ is: 'known', count: 4 });
  expect(await commit('e')).toEqual({ is: 'reused' });
  expect(await batches.get(id)).toMatchObject({ slices: 1, counts: { total: 4 } });
  expect(await redis.hlen(keys.batch(id).slices)).toBe(1);
});

test('a batch ends with the last result only when it is sealed', async () => {
  const [before, after] = [await open(), await open()];
  for (const id of [before, after]) await appendTo(id, 5);
  const all = requests(0, 5).map(({ index }) => succeeded(index, 0));
  await results.record(before, all);
  expect((await batches.get(before))?.endedAt).toBeUndefined();
  for (const id of [before, after]) expect((await store.seal(id)).is).toBe('done');
  await results.record(after, all);
  for (const id of [before, after]) {
    expect((await batches.get(id))?.endedAt).toBeDefined();
    expect(await redis.exists(keys.batch(id).appends, keys.batch(id).appended)).toBe(0);
    expect(await redis.zscore(keys.deadlines, id)).toBeNull();
    expect(await store.begin(id)).toEqual({ is: 'ended' });
    expect((await store.seal(id)).is).toBe('done');
  }
});

test('nothing is appended to a batch that is sealed, closed or gone, also where it had begun', async () => {
  const [sealed, closed] = [await open(), await open()];
  const append = await begin(closed);
  await append.savePart({ firstSlice: 0, slices: [requests(0, 5)] });
  await batches.close(closed, 'cancelled');
  expect(await append.keep()).toEqual({ is: 'ended' });
  expect(await append.commit({ count: 5, slices: 1 })).toEqual({ is: 'ended' });
  expect(await redis.exists(keys.batch(closed).appended)).toBe(0);
  await appendTo(sealed, 1);
  await store.seal(sealed);
  expect(await store.begin(sealed)).toEqual({ is: 'sealed' });
  expect(await store.begin(newBatchId())).toEqual({ is: 'gone' });
});

test('what was appended is dispatched, and nothing twice; behind what was taken meanwhile', async () => {
  const enqueued: { slices: number | readonly number[]; turn: Turn | undefined }[] = [];
  const queue = {
    enqueue: async (_: BatchId, slices: number | readonly number[], turn?: Turn) =>
      void enqueued.push({ slices, turn }),
    close: async () => {},
  };
  const outbox = createOutbox(twice, keys, batches, queue);
  const id = await open();
  const dispatch = async (): Promise<void> => {
    const batch = await batches.get(id);
    if (batch !== undefined) await outbox.dispatch(batch);
  };
  await appendTo(id, 10);
  await dispatch();
  await appendTo(id, 11);
  const late = await batches.get(id);
  await appendTo(id, 5);
  await redis.set(keys.clock, 77);
  if (late !== undefined) await outbox.dispatch(late);
  expect(await redis.zscore(keys.outbox, id)).not.toBeNull(); // the last append is still to come
  await dispatch();
  expect(await redis.zscore(keys.outbox, id)).toBeNull();
  expect(enqueued.map(({ slices }) => slices)).toEqual([2, [2, 3, 4], [5]]);
  expect(enqueued.map(({ turn }) => turn?.start)).toEqual([1, 77, 77]);
  await redis.set(keys.clock, 1);
});

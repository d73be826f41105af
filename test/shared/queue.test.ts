import { afterAll, expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import { createSliceQueue, queueKeys, queueName } from '../../shared/queue.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { testRedis } from '../support/redis.ts';

const { redis, url, prefix } = testRedis();
const connection = connectRedis(url, 'queue');
const queue = createSliceQueue(connection, prefix);

afterAll(async () => {
  await queue.close();
  await closeRedis(connection);
});

const waiting = (): Promise<string[]> => redis.lrange(`${prefix}:${queueName}:wait`, 0, -1);

test('every slice of a batch is one job, first slice first', async () => {
  const id = newBatchId();
  await queue.enqueue(id, 3);
  expect((await waiting()).toReversed()).toEqual([`${id}-0`, `${id}-1`, `${id}-2`]);
  expect(JSON.parse((await redis.hget(`${prefix}:${queueName}:${id}-1`, 'data')) ?? '')).toEqual({
    v: 1,
    batchId: id,
    slice: 1,
  });
});

test('with a turn the slices stand in line by their tags, equal ones in the order they came', async () => {
  const [first, second] = [newBatchId(), newBatchId()];
  await queue.enqueue(first, 3, { start: 5, spacing: 1.5, generation: 0 });
  await queue.enqueue(second, 4, { start: 6, spacing: 0.25, generation: 0 });
  const line = await redis.zrange(`${prefix}:${queueName}:prioritized`, '0', '-1');
  expect(line).toEqual([
    `${first}-0`,
    `${first}-1`,
    ...[0, 1, 2, 3].map((slice) => `${second}-${slice}`),
    `${first}-2`,
  ]);
  expect(queueKeys(prefix)).toContain(`${prefix}:${queueName}:prioritized`);
});

test('a later generation has jobs of its own, for the slices that are named', async () => {
  const id = newBatchId();
  await queue.enqueue(id, 2, { start: 1, spacing: 1, generation: 0 });
  await queue.enqueue(id, [0, 700], { start: 90, spacing: 1, generation: 3 });
  const line = await redis.zrange(`${prefix}:${queueName}:prioritized`, '0', '-1');
  expect(line.filter((job) => job.startsWith(id))).toEqual([
    `${id}-0`,
    `${id}-1`,
    `${id}-0-3`,
    `${id}-700-3`,
  ]);
  expect(await redis.hget(`${prefix}:${queueName}:${id}-700-3`, 'priority')).toBe('91');
  expect(JSON.parse((await redis.hget(`${prefix}:${queueName}:${id}-700-3`, 'data')) ?? '')).toEqual({
    v: 1,
    batchId: id,
    slice: 700,
    generation: 3,
  });
});

test('adding slices again changes nothing', async () => {
  const id = newBatchId();
  await queue.enqueue(id, 1200);
  const once = await waiting();
  await queue.enqueue(id, 1200);
  expect(await waiting()).toEqual(once);
  expect(once.filter((job) => job.startsWith(id)).length).toBe(1200);
});

import { afterAll, expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { createDeliveryQueue, deliveryQueueName, parseDelivery } from '../../shared/webhook-queue.ts';
import { testRedis } from '../support/redis.ts';

const { redis, url, prefix } = testRedis();
const connection = connectRedis(url, 'queue');
const queue = createDeliveryQueue(connection, prefix);

afterAll(async () => {
  await queue.close();
  await closeRedis(connection);
});

test('an event is one job for each round, however often it is added', async () => {
  const batchId = newBatchId();
  const delivery = { v: 1, batchId, event: 2, round: 0 } as const;
  await queue.enqueue([delivery, { ...delivery, round: 1 }]);
  await queue.enqueue([delivery]);
  const waiting = await redis.lrange(`${prefix}:${deliveryQueueName}:wait`, 0, -1);
  expect(waiting.toReversed()).toEqual([`${batchId}-2-0`, `${batchId}-2-1`]);
  const data = await redis.hget(`${prefix}:${deliveryQueueName}:${batchId}-2-0`, 'data');
  expect(parseDelivery(JSON.parse(data ?? ''))).toEqual(delivery);
});

test('refuses what a newer version wrote', () => {
  expect(() => parseDelivery({ v: 2, batchId: newBatchId(), event: 1, round: 0 })).toThrow('"v"');
  expect(() => parseDelivery({ v: 1, batchId: 'x', event: 1, round: 0 })).toThrow('"batchId"');
});

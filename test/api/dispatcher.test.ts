import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createDispatcher } from '../../api/dispatcher.ts';
import { createStores, sealBatch } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { batches } = createStores(redis, prefix);

test('is idle once what it began has ended, whether well or not', async () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(line) });
  const [good, bad] = [await sealBatch(batches, 1), await sealBatch(batches, 1)];
  const ended: string[] = [];
  const dispatcher = createDispatcher(
    {
      async dispatch({ id }) {
        await redis.ping();
        if (id === bad.id) throw new Error('Redis is full');
        ended.push(id);
      },
      reconcile: () => Promise.resolve(0),
    },
    logger,
  );
  dispatcher.dispatch(bad);
  dispatcher.dispatch(good);
  expect(ended).toEqual([]);
  await dispatcher.idle();
  expect(ended).toEqual([good.id]);
  expect(lines.filter((line) => line.includes(bad.id))).toHaveLength(1);
});

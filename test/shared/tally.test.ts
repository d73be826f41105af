import { expect, test } from '@jest/globals';
import { createBatchControl } from '../../shared/batch-control.ts';
import { readTallies, tallyOf } from '../../shared/tally.ts';
import { createStores, failed, sealBatch, succeeded } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches, results } = createStores(redis, prefix);
const control = createBatchControl(redis, keys);

test('counts results by status and by failure', () => {
  const notFound = { ...failed(1), status: 404, failure: { code: 'http_status' as const, message: '' } };
  const lost = { ...failed(2), failure: { code: 'timed_out' as const, message: '' } };
  expect(tallyOf([{ ...succeeded(0), status: 200 }, notFound, notFound, lost])).toBe(
    't:200 1 t:404 2 t:http_status 2 t:timed_out 1',
  );
});

test('reads what was counted, and nothing else', () => {
  const { statuses, failures } = readTallies({
    't:200': '7',
    't:404': '0',
    't:500': '-1',
    't:timed_out': '2',
    total: '9',
  });
  expect([...statuses]).toEqual([[200, 7]]);
  expect([...failures]).toEqual([['timed_out', 2]]);
});

test('moves with the counts: when results are recorded, and when failed ones are opened again', async () => {
  const { id } = await sealBatch(batches, 3);
  const refused = { ...failed(1), status: 503, failure: { code: 'http_status' as const, message: '' } };
  await results.record(id, [{ ...succeeded(0), status: 200 }, refused]);
  await results.record(id, [{ ...succeeded(0), status: 200 }]);
  await results.record(id, [{ ...failed(2), failure: { code: 'timed_out', message: '' } }]);
  const before = (await batches.get(id))?.tallies;
  expect(before?.statuses).toEqual(
    new Map([
      [200, 1],
      [503, 1],
    ]),
  );
  expect(before?.failures).toEqual(
    new Map([
      ['http_status', 1],
      ['timed_out', 1],
    ]),
  );
  await control.retry(id, ({ status }) => status === 503);
  const after = (await batches.get(id))?.tallies;
  expect(after?.statuses).toEqual(new Map([[200, 1]]));
  expect(after?.failures).toEqual(new Map([['timed_out', 1]]));
});

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { findLeftovers, isServiceWide } from '../../chaos/leftovers.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { redis } = await startOwnRedis();
const directory = temporaryFolder();

test('finds what is left of batches, in Redis and in the directory, and nothing else', async () => {
  await redis.set('ff:clock', '7');
  await redis.hset('ff:results', 'succeeded', '7');
  await redis.set('ff:idempotency:me:k', '1', 'EX', 100);
  expect(await findLeftovers(redis, directory)).toEqual([]);
  await mkdir(path.join(directory, 'bodies'));
  expect(await findLeftovers(redis, directory)).toEqual([]);

  await mkdir(path.join(directory, 'bodies', 'bat_a'));
  await writeFile(path.join(directory, 'bodies', 'bat_a', '0-1'), 'x');
  await redis.set('ff:{bat_a}:suspects', '1', 'EX', 100);
  await redis.set('ff:idempotency:me:other', '1');
  expect(await findLeftovers(redis, directory)).toEqual([
    'ff:idempotency:me:other',
    'ff:{bat_a}:suspects',
    'bodies/bat_a',
    'bodies/bat_a/0-1',
  ]);
});

test.each([
  ['ff:slices:meta', false, true],
  ['ff:slices:bat_a-0', true, false],
  ['ff:slices:delayed', false, false],
  ['ff:host:http://a', true, true],
  ['ff:host:http://a', false, false],
  ['ff:host:http://a#bat_a', true, false],
  ['ff:batches:me', false, false],
])('%s, expiring: %s, is of the service: %s', (name, expires, is) => {
  expect(isServiceWide({ name, expires })).toBe(is);
});

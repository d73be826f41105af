import { expect, test } from '@jest/globals';
import { createKeys } from '../../../shared/keys.ts';
import { createPermitStore } from '../../../shared/permit-store.ts';
import { createParking } from '../../../worker/hosts/parking.ts';
import { testRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';

const { redis, prefix } = testRedis();
const store = createPermitStore(redis, createKeys(prefix));

test('calls parked slices back one at a time, the first first, and nobody where none is parked', async () => {
  const promoted: string[] = [];
  const errors: unknown[] = [];
  const parking = createParking({
    store,
    promote: async (jobId) => void promoted.push(jobId),
    onError: (error) => errors.push(error),
  });
  await parking.park('http://a.test', 'second', 2);
  await parking.park('http://a.test', 'first', 1);
  parking.callBack('http://a.test');
  parking.callBack('http://a.test');
  await waitFor(() => promoted.length === 1);
  parking.callBack('http://a.test');
  await waitFor(() => promoted.length === 2);
  parking.callBack('http://a.test');
  await store.unpark('http://a.test');
  expect(promoted).toEqual(['first', 'second']);
  expect(errors).toEqual([]);
});

test('says so where a slice could not be called back, and goes on', async () => {
  const errors: unknown[] = [];
  const promote = (): Promise<void> => Promise.reject(new Error('gone'));
  const parking = createParking({ store, promote, onError: (error) => errors.push(error) });
  for (const jobId of ['x', 'y']) await parking.park('http://b.test', jobId, 1);
  parking.callBack('http://b.test');
  await waitFor(() => errors.length === 1);
  parking.callBack('http://b.test');
  await waitFor(() => errors.length === 2);
});

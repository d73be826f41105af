import { afterEach, expect, test } from '@jest/globals';
import { createPatientClient, type PatientClient } from '../../chaos/patient-client.ts';
import { submitMany } from '../../chaos/submit-many.ts';
import { testApi } from '../support/api.ts';

const api = testApi();
const stage = { target: { origin: (host: string): string => `http://${host}.example` } };
const { signal } = new AbortController();

const client = (): PatientClient => createPatientClient({ origin: api.origin(), patienceMs: 20_000, signal });

const forgetKeys = async (): Promise<void> => {
  for (const key of await api.redis.keys(`${api.prefix}:idempotency:*`)) await api.redis.del(key);
};
afterEach(forgetKeys);

test('submits a batch of each size, twice under its key, and makes it once', async () => {
  const sizes = [1, 100, 1, 20];
  const patient = client();
  const submitting = submitMany(patient, stage, { sizes, atOnce: 3 });
  expect(submitting.done()).toBe(0);
  const { accepted, ambiguousKeys } = await submitting.ended;
  expect(submitting.done()).toBe(1);
  expect(ambiguousKeys).toBe(0);
  expect(accepted.map(({ total }) => total).toSorted((a, b) => a - b)).toEqual([1, 1, 20, 100]);
  expect(Object.fromEntries(patient.seen)).toEqual({ 202: 8 });
  const { batches } = await api.batches.list({ owner: 'default', limit: 100 });
  expect(new Set(batches.map(({ id }) => id))).toEqual(new Set(accepted.map(({ id }) => id)));
});

test('counts a key that is answered with another batch', async () => {
  const patient = client();
  const forgetful: PatientClient = {
    ...patient,
    async call(method, path, sent) {
      await forgetKeys();
      return await patient.call(method, path, sent);
    },
  };
  const { ambiguousKeys } = await submitMany(forgetful, stage, { sizes: [1, 1], atOnce: 1 }).ended;
  expect(ambiguousKeys).toBe(2);
});

test('fails as the first submission does', async () => {
  const failing = { target: { origin: (): string => 'nonsense' } };
  const submitting = submitMany(client(), failing, { sizes: [1, 1, 1], atOnce: 2 });
  await expect(submitting.ended).rejects.toThrow('a batch was answered 400');
});

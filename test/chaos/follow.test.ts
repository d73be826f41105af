import { expect, test } from '@jest/globals';
import { hostOf, type Accepted } from '../../chaos/audit.ts';
import { listBatches, readAccounts, submit, watch } from '../../chaos/follow.ts';
import { createPatientClient, type PatientClient } from '../../chaos/patient-client.ts';
import { createKeys } from '../../shared/keys.ts';
import type { BatchId } from '../../shared/batch.ts';
import { unpackSlice } from '../../shared/slice.ts';
import { storedResult, testApi } from '../support/api.ts';
import { waitFor } from '../support/wait-for.ts';

const api = testApi();
const keys = createKeys(api.prefix);
const target = { origin: (host: string): string => `http://${host}.example` } as const;
const { signal } = new AbortController();

const client = (): PatientClient => createPatientClient({ origin: api.origin(), patienceMs: 20_000, signal });

const record = (accepted: Accepted, from: number, until: number): Promise<unknown> =>
  api.results.record(
    accepted.id as BatchId,
    Array.from({ length: until - from }, (_, i) => storedResult(from + i)),
  );

test('submits a batch once, however often it is sent', async () => {
  const batch = { name: 'once', total: 20, more: { name: 'mine' } };
  const accepted = await submit(client(), { target }, batch);
  expect(await submit(client(), { target }, batch)).toEqual(accepted);
  expect(accepted).toEqual({ id: expect.stringMatching(/^bat_/), name: 'once', total: 20 });
  const { batches } = await api.batches.list({ owner: 'default', limit: 100 });
  expect(batches.filter(({ name }) => name === 'mine')).toMatchObject([
    { id: accepted.id, counts: { total: 20 } },
  ]);
});

test('submits the URLs that the auditor expects', async () => {
  const { id } = await submit(client(), { target }, { name: 'urls', total: 9 });
  const slices = await api.redis.hvalsBuffer(keys.batch(id as BatchId).slices);
  const urls = slices.flatMap((packed) => unpackSlice(packed).map(({ url }) => url));
  const expected = Array.from(
    { length: 9 },
    (_, index) => `http://${hostOf('urls', index)}.example/${index}`,
  );
  expect(urls.toSorted()).toEqual(expected.toSorted());
});

test('does not take a refusal for a batch', async () => {
  const batch = { name: 'refused', total: 1, more: { priority: 'high' } };
  await expect(submit(client(), { target }, batch)).rejects.toThrow(/^a batch was answered 400: .*priority/);
});

test('watches batches until the last has ended', async () => {
  const accepted = [
    await submit(client(), { target }, { name: 'short', total: 10 }),
    await submit(client(), { target }, { name: 'long', total: 30 }),
  ] as const;
  const watching = watch(client(), accepted, { withinMs: 20_000 });
  expect(watching.done()).toBe(0);
  await record(accepted[0], 0, 10);
  await waitFor(() => watching.done() === 0.25);
  await record(accepted[1], 0, 20);
  await waitFor(() => watching.done() === 0.75);
  await record(accepted[1], 20, 30);
  const seen = await watching.ended;
  // One for each share that was seen on the way, and more where the first came before a record.
  expect(seen.polls).toBeGreaterThanOrEqual(3);
  expect([watching.done(), seen.wrongPolls]).toEqual([1, 0]);
});

test('sees a poll whose counts cannot be', async () => {
  const accepted = await submit(client(), { target }, { name: 'wrong', total: 2 });
  const { meta } = keys.batch(accepted.id as BatchId);
  await api.redis.hset(meta, 'running', 5);
  const watching = watch(client(), [accepted], { withinMs: 20_000 });
  await record(accepted, 0, 1);
  await waitFor(() => watching.done() === 0.5);
  await api.redis.hset(meta, 'running', 0);
  await record(accepted, 1, 2);
  expect((await watching.ended).wrongPolls).toBeGreaterThan(0);
});

test('takes a batch that is gone for wrong, and for one that did not end', async () => {
  const watching = watch(client(), [{ id: 'bat_0', name: 'none', total: 1 }], { withinMs: 250 });
  await expect(watching.ended).rejects.toThrow('1 of 1 batches did not end within 250 ms');
});

test('reads what the auditor wants to know', async () => {
  const accepted = await submit(client(), { target }, { name: 'account', total: 3 });
  await record(accepted, 0, 3);
  const [account] = await readAccounts(client(), [accepted]);
  expect(account).toMatchObject({ accepted, status: 'completed', counts: { total: 3, succeeded: 3 } });
  expect(account?.results.map(({ index, outcome }) => [index, outcome]).toSorted()).toEqual([
    [0, 'succeeded'],
    [1, 'succeeded'],
    [2, 'succeeded'],
  ]);
});

test('says which batch could not be read', async () => {
  await expect(readAccounts(client(), [{ id: 'bat_0', name: 'none', total: 1 }])).rejects.toThrow(
    'GET /v1/batches/bat_0 was answered 404',
  );
});

test('lists all batches, however many pages those are', async () => {
  const names = Array.from({ length: 101 }, (_, nth) => `listed-${nth}`);
  const ids: string[] = [];
  for (const name of names) ids.push((await submit(client(), { target }, { name, total: 1 })).id);
  const listed = await listBatches(client());
  expect(new Set(listed).size).toBe(listed.length);
  expect(listed.filter((id) => ids.includes(id))).toEqual(ids.toReversed());
}, 60_000);

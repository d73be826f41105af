import { expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import { decodeBatch, encodeNewBatch } from '../../shared/batch-codec.ts';

const id = newBatchId();
const fresh = { id, owner: 'anna', defaults: {}, priority: 50, expiresInSeconds: 60, retentionSeconds: 30 };

const asRead = (fields: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));

test('a batch is not there before it is sealed', () => {
  expect(decodeBatch(id, {})).toBeUndefined();
  expect(decodeBatch(id, asRead(encodeNewBatch(fresh)))).toBeUndefined();
});

test('a batch of a later version is not guessed at', () => {
  const fields = asRead({ ...encodeNewBatch(fresh), sealed: 1, v: 2 });
  expect(() => decodeBatch(id, fields)).toThrow('a batch of version 2');
});

test('what is neither recorded nor running is pending', () => {
  const counted = { total: 10, running: 2, succeeded: 3, failed: 1 };
  const batch = decodeBatch(id, asRead({ ...encodeNewBatch(fresh), sealed: 1, ...counted }));
  expect(batch?.counts).toEqual({ ...counted, pending: 4, cancelled: 0, expired: 0 });
});

test('keeps name, metadata and defaults', () => {
  const named = { ...fresh, name: '夜', metadata: { a: [1, null] }, defaults: { bytes: Buffer.from([255]) } };
  const batch = decodeBatch(id, asRead({ ...encodeNewBatch(named), sealed: 1, total: 1 }));
  expect(batch).toMatchObject({ name: '夜', metadata: { a: [1, null] }, retentionSeconds: 30 });
  expect([...(batch?.defaults.bytes ?? [])]).toEqual([255]);
});

test('keeps priority, limits per host and the time before which it does not start', () => {
  const said = {
    priority: 90,
    perHost: { rate: { requests: 5, periodMs: 1000 } },
    notBefore: 1_700_000_000_000,
  };
  const batch = decodeBatch(id, asRead({ ...encodeNewBatch({ ...fresh, ...said }), sealed: 1, total: 1 }));
  expect(batch).toMatchObject(said);
});

test('a batch that an older API sealed has the usual priority', () => {
  const { priority: _, ...fields } = encodeNewBatch(fresh);
  expect(decodeBatch(id, asRead({ ...fields, sealed: 1 }))?.priority).toBe(50);
});

import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Acceptance } from '../../shared/batch-intake.ts';
import { newBatchId, type BatchId, type NewBatch } from '../../shared/batch.ts';
import { createIdempotencyStore, type IdempotencyClaim } from '../../shared/idempotency-store.ts';
import { createStores } from '../support/batches.ts';
import { testRedis } from '../support/redis.ts';

const { redis, prefix } = testRedis();
const { keys, batches } = createStores(redis, prefix);
const store = createIdempotencyStore(redis, keys);

const newClaim = (more: Partial<IdempotencyClaim> = {}): IdempotencyClaim => ({
  owner: `owner-${newBatchId()}`,
  key: 'k1',
  fingerprint: 'f1',
  ...more,
});

const newBatch = ({ owner }: IdempotencyClaim, id = newBatchId()): NewBatch => ({
  id,
  owner,
  defaults: {},
  priority: 50,
  expiresInSeconds: 60,
  retentionSeconds: 60,
});

const slices = [[{ index: 0, url: 'http://a.test/' }]];
const size = { total: 1, slices: 1 };

/** As if the writer had been silent for longer than it may. */
const lapse = async ({ owner, key }: IdempotencyClaim): Promise<void> => {
  const name = keys.idempotency(owner, key);
  if ((await redis.hexists(name, 'until')) === 1) await redis.hincrby(name, 'until', -10_000);
};

const countSealed = async (claim: IdempotencyClaim): Promise<number> =>
  (await batches.list({ owner: claim.owner, limit: 100 })).batches.length;

test('a key makes one batch, and is known by its owner and its fingerprint', async () => {
  const claim = newClaim();
  expect(await store.find(claim)).toBeUndefined();
  const first = newBatch(claim);
  expect(await batches.accept(first, slices, claim)).toMatchObject({ is: 'accepted' });
  expect(await batches.accept(first, slices, claim)).toMatchObject({ is: 'accepted' });
  const done = { is: 'done', batchId: first.id };
  expect(await store.find(claim)).toEqual(done);
  expect(await batches.accept(newBatch(claim), slices, claim)).toEqual(done);
  expect(await batches.begin(newBatch(claim), claim)).toEqual(done);
  const other = { ...claim, fingerprint: 'f2' };
  expect(await store.find(other)).toEqual({ is: 'reused' });
  expect(await batches.accept(newBatch(other), slices, other)).toEqual({ is: 'reused' });
  expect(await countSealed(claim)).toBe(1);
  expect(await store.find(newClaim())).toBeUndefined();
});

test('the key of a batch that was removed makes no other, though its writer did not hear that it was sealed', async () => {
  const claim = newClaim();
  const batch = newBatch(claim);
  await batches.begin(batch, claim);
  await batches.savePart(batch.id, { firstSlice: 0, slices }, claim);
  expect(await batches.seal(batch, size, claim)).toMatchObject({ is: 'accepted' });
  await batches.close(batch.id, 'cancelled');
  await batches.remove(batch.id, batch.owner);
  await batches.discard(batch.id, claim);
  expect(await batches.begin(newBatch(claim), claim)).toEqual({ is: 'done', batchId: batch.id });
});

test('a batch in parts keeps others out until it is sealed, or its writer has died', async () => {
  const claim = newClaim();
  const [first, second] = [newBatch(claim), newBatch(claim)];
  expect(await batches.begin(first, claim)).toBeUndefined();
  expect(await store.find(claim)).toEqual({ is: 'busy' });
  expect(await batches.begin(second, claim)).toEqual({ is: 'busy' });
  await lapse(claim);
  expect(await batches.savePart(first.id, { firstSlice: 0, slices }, claim)).toBeUndefined();
  expect(await batches.begin(second, claim)).toEqual({ is: 'busy' });
  await lapse(claim);
  expect(await store.find(claim)).toBeUndefined();
  expect(await batches.begin(second, claim)).toBeUndefined();

  // The first was not dead, only slow.
  expect(await batches.savePart(first.id, { firstSlice: 0, slices }, claim)).toEqual({ is: 'busy' });
  expect(await batches.seal(first, size, claim)).toEqual({ is: 'busy' });
  await batches.savePart(second.id, { firstSlice: 0, slices }, claim);
  expect(await batches.seal(second, size, claim)).toMatchObject({ is: 'accepted' });
  expect(await batches.seal(first, size, claim)).toEqual({ is: 'busy' });
  expect((await batches.list({ owner: claim.owner, limit: 9 })).batches.map(({ id }) => id)).toEqual([
    second.id,
  ]);
});

test('who waits for the batch of another has it as soon as it is sealed', async () => {
  const claim = newClaim();
  const batch = newBatch(claim);
  expect(await store.settled(claim)).toBeUndefined();
  await batches.begin(batch, claim);
  const waiting = store.settled(claim);
  await batches.savePart(batch.id, { firstSlice: 0, slices }, claim);
  await batches.seal(batch, size, claim);
  expect(await waiting).toEqual({ is: 'done', batchId: batch.id });
});

test('who waits for a writer that died may write in its place', async () => {
  const claim = newClaim();
  await batches.begin(newBatch(claim), claim);
  const waiting = store.settled(claim);
  await lapse(claim);
  expect(await waiting).toBeUndefined();
});

test('who waits for a writer that lives does not wait for ever', async () => {
  const claim = newClaim();
  await batches.begin(newBatch(claim), claim);
  const hasty = createIdempotencyStore(redis, keys, { patienceMs: 50 });
  expect(await hasty.settled(claim)).toEqual({ is: 'busy' });
});

test('a key is kept for a day at least, and as long as its batch may be', async () => {
  const claim = newClaim();
  const ttl = (): Promise<number> => redis.ttl(keys.idempotency(claim.owner, claim.key));
  await batches.begin(newBatch(claim), claim);
  expect(await ttl()).toBeLessThanOrEqual(3600);
  await lapse(claim);
  await batches.accept(newBatch(claim), slices, claim);
  expect(await ttl()).toBeGreaterThan(86_000);
  const long = newClaim({ owner: claim.owner, key: 'k2' });
  await batches.accept({ ...newBatch(long), retentionSeconds: 500_000 }, slices, long);
  expect(await redis.ttl(keys.idempotency(long.owner, 'k2'))).toBeGreaterThan(500_000);
});

test('however writers die, are slow and send again, a key makes one batch', async () => {
  const writers = 3;
  const outOfTurn = /takes no more requests|vanished before it was sealed/;
  const steps = ['begin', 'part', 'seal', 'accept', 'lapse'] as const;
  const story = fc.array(fc.tuple(fc.nat(writers - 1), fc.constantFrom(...steps)), { maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(story, async (events) => {
      const claim = newClaim();
      const ids = Array.from({ length: writers }, () => newBatchId());
      const told = new Set<BatchId>();
      const hear = (answer: Acceptance | undefined): void => {
        if (answer?.is === 'accepted') told.add(answer.batch.id);
        if (answer?.is === 'done') told.add(answer.batchId);
      };
      const play = async (batch: NewBatch, step: (typeof steps)[number]): Promise<void> => {
        if (step === 'begin') hear(await batches.begin(batch, claim));
        else if (step === 'part') await batches.savePart(batch.id, { firstSlice: 0, slices }, claim);
        else if (step === 'seal') hear(await batches.seal(batch, size, claim));
        else if (step === 'accept') hear(await batches.accept(batch, slices, claim));
        else await lapse(claim);
      };
      for (const [writer, step] of events) {
        await play(newBatch(claim, ids[writer]), step).catch((error: Error) => {
          expect(error.message).toMatch(outOfTurn);
        });
        expect(await countSealed(claim)).toBeLessThanOrEqual(1);
      }
      await lapse(claim);
      hear(await batches.accept(newBatch(claim), slices, claim));
      expect(told.size).toBe(1);
      expect((await batches.list({ owner: claim.owner, limit: 9 })).batches.map(({ id }) => id)).toEqual([
        ...told,
      ]);
    }),
    { numRuns: 150 },
  );
}, 30_000);

test('of a batch that is done the digest of its body is told, where it came with one', async () => {
  for (const isInParts of [false, true]) {
    const claim = newClaim({ digest: async () => 'd1' });
    const batch = newBatch(claim);
    if (isInParts) {
      await batches.begin(batch, claim);
      await batches.savePart(batch.id, { firstSlice: 0, slices }, claim);
      await batches.seal(batch, size, claim);
    } else {
      await batches.accept(batch, slices, claim);
    }
    expect(await store.find(claim)).toEqual({ is: 'done', batchId: batch.id, digest: 'd1' });
  }
});

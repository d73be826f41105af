import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { BodyDraft } from '../../../shared/body-store.ts';
import { SpilledBody } from '../../../worker/http/spilled-body.ts';

/** A draft whose writes end when the test says so. */
const slowDraft = (failsAt = Infinity) => {
  const log: string[] = [];
  const parts: Buffer[] = [];
  const writes: (() => void)[] = [];
  const draft: BodyDraft = {
    write: (part) =>
      new Promise((resolve, reject) => {
        writes.push(() => {
          if (parts.length >= failsAt) return reject(new Error('ENOSPC'));
          parts.push(Buffer.from(part));
          resolve();
        });
      }),
    keep: async () => (log.push('keep'), '0/1-a'),
    discard: async () => void log.push('discard'),
  };
  const endWrite = async (): Promise<void> => {
    writes.shift()?.();
    await new Promise(setImmediate);
  };
  const endAll = async (): Promise<void> => {
    while (writes.length > 0) await endWrite();
  };
  return { draft, log, parts, writes, endWrite, endAll };
};

const part = 65_536;

test('is full while a part waits behind the one being written, and says when not any more', async () => {
  const { draft, writes, endWrite } = slowDraft();
  const told: boolean[] = [];
  const body = new SpilledBody(draft, { onRoom: () => told.push(body.isFull) });
  body.append(Buffer.alloc(2 * part - 1));
  await new Promise(setImmediate);
  expect([body.isFull, writes.length]).toEqual([false, 1]);
  body.append(Buffer.alloc(1 + part));
  expect(body.isFull).toBe(true);
  await endWrite();
  expect([body.isFull, told]).toEqual([true, []]);
  await endWrite();
  expect([body.isFull, told]).toEqual([false, [false]]);
});

test('writes one part after the other, whatever becomes of the chunks', async () => {
  const { draft, log, parts, endAll, writes } = slowDraft();
  const whole = randomBytes(500_000);
  const body = new SpilledBody(draft, { onRoom: () => {} });
  for (let at = 0; at < whole.length; at += 33_333) {
    const chunk = Buffer.from(whole.subarray(at, at + 33_333));
    body.append(chunk);
    chunk.fill(0);
  }
  const kept = body.keep();
  await new Promise(setImmediate);
  expect([writes.length, log]).toEqual([1, []]);
  await endAll();
  expect(await kept).toBe('0/1-a');
  expect(Buffer.concat(parts).equals(whole)).toBe(true);
});

test('cannot be kept once a part could not be written', async () => {
  const { draft, log, parts, endAll } = slowDraft(1);
  const body = new SpilledBody(draft, { onRoom: () => {} });
  body.append(Buffer.alloc(4 * part));
  const kept = body.keep().catch(({ message }: Error) => message);
  await new Promise(setImmediate);
  await endAll();
  expect(await kept).toBe('ENOSPC');
  expect([parts.length, log]).toEqual([1, []]);
});

test.each([
  ['before it is kept', false],
  ['while it is kept', true],
])('is discarded %s, after the write under way and without another', async (_when, isKept) => {
  const { draft, log, parts, endWrite, writes } = slowDraft();
  const told: string[] = [];
  const body = new SpilledBody(draft, { onRoom: () => told.push('room') });
  body.append(Buffer.alloc(3 * part + 1));
  if (isKept) void body.keep();
  await new Promise(setImmediate);
  body.discard();
  expect(log).toEqual([]);
  await endWrite();
  expect([parts.length, writes.length, told]).toEqual([1, 0, []]);
  expect(log).toEqual(isKept ? ['keep', 'discard'] : ['discard']);
});

import { expect, test } from '@jest/globals';
import { createPermits, type Permits } from '../../worker/permits.ts';

const acquire = (permits: Permits): Promise<boolean> => new Promise((admit) => permits.acquire(admit));

test('lets so many in and no more, and the others in the order they came', async () => {
  const permits = createPermits(2);
  const admitted: number[] = [];
  const asks = [0, 1, 2, 3].map(async (n) => {
    if (await acquire(permits)) admitted.push(n);
  });
  await Promise.all(asks.slice(0, 2));
  expect(admitted).toEqual([0, 1]);
  permits.release();
  await asks[2];
  expect(admitted).toEqual([0, 1, 2]);
  permits.release();
  await asks[3];
  expect(admitted).toEqual([0, 1, 2, 3]);
});

test('a permit that nobody waits for can be had again', async () => {
  const permits = createPermits(1);
  for (let i = 0; i < 3; i++) {
    expect(await acquire(permits)).toBe(true);
    permits.release();
  }
});

test('says when the line has become short', async () => {
  const permits = createPermits(1);
  await acquire(permits);
  await permits.lineShorterThan(1);
  const waiting = acquire(permits);
  let isShort = false;
  const short = permits.lineShorterThan(1).then(() => {
    isShort = true;
  });
  await Promise.resolve();
  expect(isShort).toBe(false);
  permits.release();
  expect(await waiting).toBe(true);
  await short;
});

test('once closed, everybody in line and whoever comes is refused, and onlookers go on', async () => {
  const permits = createPermits(1);
  await acquire(permits);
  const inLine = acquire(permits);
  const onlooker = permits.lineShorterThan(1);
  permits.close();
  expect(await inLine).toBe(false);
  expect(await acquire(permits)).toBe(false);
  await onlooker;
  permits.release();
  expect(await acquire(permits)).toBe(false);
});

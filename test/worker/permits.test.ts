import { expect, test } from '@jest/globals';
import { createPermits } from '../../worker/permits.ts';

test('lets so many in and no more, and the others in the order they came', async () => {
  const permits = createPermits(2);
  const admitted: number[] = [];
  const asks = [0, 1, 2, 3].map(async (n) => {
    if (await permits.acquire()) admitted.push(n);
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

test('gives a permit at once only where one is free', async () => {
  const permits = createPermits(1);
  expect(permits.tryAcquire()).toBe(true);
  expect(permits.tryAcquire()).toBe(false);
  const waiting = permits.acquire();
  permits.release();
  expect(await waiting).toBe(true);
  expect(permits.tryAcquire()).toBe(false);
  permits.release();
  permits.close();
  expect(permits.tryAcquire()).toBe(false);
});

test('a permit that nobody waits for can be had again', async () => {
  const permits = createPermits(1);
  for (let i = 0; i < 3; i++) {
    expect(await permits.acquire()).toBe(true);
    permits.release();
  }
});

test('says when the line has become short', async () => {
  const permits = createPermits(1);
  await permits.acquire();
  await permits.lineShorterThan(1);
  const waiting = permits.acquire();
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
  await permits.acquire();
  const inLine = permits.acquire();
  const onlooker = permits.lineShorterThan(1);
  permits.close();
  expect(await inLine).toBe(false);
  expect(await permits.acquire()).toBe(false);
  await onlooker;
  permits.release();
  expect(await permits.acquire()).toBe(false);
});

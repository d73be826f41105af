import { expect, test } from '@jest/globals';
import { newBatchId } from '../../shared/batch.ts';
import type { Ticket } from '../../worker/hosts/line.ts';
import { acquire, openPermits } from '../support/permits.ts';

const had = async (ask: Promise<Ticket | undefined>): Promise<Ticket> => {
  const ticket = await ask;
  if (ticket === undefined) throw new Error('the request was refused');
  return ticket;
};

test('lets so many in and no more, and the others in the order they came', async () => {
  const permits = openPermits(2);
  const admitted: number[] = [];
  const asks = [0, 1, 2, 3].map(async (n) => {
    const ticket = await had(acquire(permits));
    admitted.push(n);
    return ticket;
  });
  const [first, second] = await Promise.all(asks.slice(0, 2));
  expect(admitted).toEqual([0, 1]);
  permits.release(first as Ticket);
  await asks[2];
  expect(admitted).toEqual([0, 1, 2]);
  permits.release(second as Ticket);
  await asks[3];
  expect(admitted).toEqual([0, 1, 2, 3]);
});

test('a permit that nobody waits for can be had again', async () => {
  const permits = openPermits(1);
  for (let i = 0; i < 3; i++) {
    const ticket = await acquire(permits);
    expect(ticket).toBeDefined();
    permits.release(ticket as Ticket);
  }
});

test('gives a batch that comes later its turn before those who came first have all been served', async () => {
  const permits = openPermits(1);
  const [large, small] = [newBatchId(), newBatchId()];
  const served: string[] = [];
  const queue = (batch: typeof large, name: string): Promise<void> =>
    had(acquire(permits, { batch })).then((ticket) => {
      served.push(name);
      permits.release(ticket);
    });
  const blocker = await had(acquire(permits));
  const all = [...Array.from({ length: 10 }, () => queue(large, 'large')), queue(small, 'small')];
  permits.release(blocker);
  await Promise.all(all);
  expect(served.indexOf('small')).toBeLessThanOrEqual(1);
});

test('says when the line has become short', async () => {
  const permits = openPermits(1);
  const ticket = await had(acquire(permits));
  await permits.lineShorterThan(1);
  const waiting = acquire(permits);
  let isShort = false;
  const short = permits.lineShorterThan(1).then(() => {
    isShort = true;
  });
  await Promise.resolve();
  expect(isShort).toBe(false);
  permits.release(ticket);
  expect(await waiting).toBeDefined();
  await short;
});

test('refuses those in line that are named, and nobody else', async () => {
  const permits = openPermits(1);
  const [ended, other] = [newBatchId(), newBatchId()];
  const blocker = await had(acquire(permits));
  const [refused, kept] = [acquire(permits, { batch: ended }), acquire(permits, { batch: other })];
  permits.refuse(({ batch }) => batch === ended);
  expect(await refused).toBeUndefined();
  permits.release(blocker);
  expect(await kept).toBeDefined();
});

test('once closed, everybody in line and whoever comes is refused, and onlookers go on', async () => {
  const permits = openPermits(1);
  const ticket = await had(acquire(permits));
  const inLine = acquire(permits);
  const onlooker = permits.lineShorterThan(1);
  permits.close();
  expect(await inLine).toBeUndefined();
  expect(await acquire(permits)).toBeUndefined();
  await onlooker;
  permits.release(ticket);
  expect(await acquire(permits)).toBeUndefined();
});

test('those that end as they are let in do not pile up, however many', () => {
  const permits = openPermits(1);
  const batch = newBatchId();
  let admitted = 0;
  let depth = 0;
  let deepest = 0;
  const shortLived = (): Ticket => {
    const ticket: Ticket = {
      batch,
      weight: 1,
      admit: () => {
        admitted += 1;
        depth += 1;
        deepest = Math.max(deepest, depth);
        permits.release(ticket);
        depth -= 1;
      },
    };
    return ticket;
  };
  const blocker: Ticket = { batch, weight: 1, admit: () => undefined };
  permits.acquire(blocker, 'http://a.example');
  for (let n = 0; n < 20_000; n += 1) permits.acquire(shortLived(), 'http://a.example');
  expect(admitted).toBe(0);
  permits.release(blocker);
  expect([admitted, deepest]).toEqual([20_000, 1]);
});

test('those who come together stand in line before the first of them goes', () => {
  const permits = openPermits(3);
  const batch = newBatchId();
  const told: string[] = [];
  const join = (name: string): void => {
    permits.acquire({ batch, weight: 1, admit: () => told.push(`${name} goes`) }, 'http://a.example');
    told.push(`${name} joined`);
  };
  permits.together(() => {
    join('a');
    permits.together(() => join('b'));
    join('c');
  });
  expect(told).toEqual(['a joined', 'b joined', 'c joined', 'a goes', 'b goes', 'c goes']);
});

import { expect, test } from '@jest/globals';
import { newBatchId, type BatchId } from '../../../shared/batch.ts';
import { Line, type Admission, type Ticket } from '../../../worker/hosts/line.ts';
import { Pool } from '../../../worker/hosts/pool.ts';

const [a, b] = [newBatchId(), newBatchId()];

const openPool = (may: number): Pool => {
  const pool = new Pool('http://a.test', { concurrency: may, start: may, intervalMs: 0 }, 0);
  pool.may = may;
  return pool;
};

const ticket = (batch: BatchId, weight = 1, admit: (admission: Admission) => void = () => {}): Ticket => ({
  batch,
  weight,
  admit,
});

const drain = (line: Line): BatchId[] => {
  const served: BatchId[] = [];
  for (let next = line.next(0); next !== undefined; next = line.next(0)) served.push(next.batch);
  return served;
};

test('serves two batches in turn, and each in the order it came', () => {
  const line = new Line();
  const tickets = [ticket(a), ticket(a), ticket(a), ticket(b), ticket(b)];
  for (const one of tickets) line.add(one, 'http://a.test', () => []);
  const served: Ticket[] = [];
  for (let next = line.next(0); next !== undefined; next = line.next(0)) served.push(next);
  expect(served).toEqual([tickets[0], tickets[3], tickets[1], tickets[4], tickets[2]]);
  expect(line.length).toBe(0);
});

test('gives a batch of twice the weight twice as much', () => {
  const line = new Line();
  for (let i = 0; i < 30; i += 1) {
    line.add(ticket(a, 2), 'http://a.test', () => []);
    line.add(ticket(b, 1), 'http://a.test', () => []);
  }
  const first = drain(line).slice(0, 30);
  expect(first.filter((batch) => batch === a)).toHaveLength(20);
});

test('a batch that comes late gets its turn, and nothing for the time it was away', () => {
  const line = new Line();
  for (let i = 0; i < 20; i += 1) line.add(ticket(a), 'http://a.test', () => []);
  for (let i = 0; i < 10; i += 1) line.next(0);
  for (let i = 0; i < 10; i += 1) line.add(ticket(b), 'http://a.test', () => []);
  expect(
    drain(line)
      .slice(0, 6)
      .filter((batch) => batch === b),
  ).toHaveLength(3);
});

test('a host that lets nothing start holds up nobody but its own', () => {
  const line = new Line();
  const [blocked, free] = [openPool(0), openPool(5)];
  const waiting = ticket(a);
  line.add(waiting, 'http://blocked.test', () => [blocked]);
  const other = ticket(a);
  line.add(other, 'http://free.test', () => [free]);
  expect(line.next(0)).toBe(other);
  expect(line.next(0)).toBeUndefined();
  expect(line).toMatchObject({ length: 1, startable: 0 });
  blocked.may = 1;
  blocked.wake();
  expect(line.startable).toBe(1);
  expect(line.next(0)).toBe(waiting);
});

test('a request starts only where all its pools let it, and takes a permit of each', () => {
  const line = new Line();
  const [host, batch] = [openPool(5), openPool(1)];
  line.add(ticket(a), 'http://a.test', () => [host, batch]);
  line.add(ticket(a), 'http://a.test', () => [host, batch]);
  expect(line.next(0)).toBeDefined();
  expect(line.next(0)).toBeUndefined();
  expect([host.inFlight, batch.inFlight, host.waiting, batch.waiting]).toEqual([1, 1, 1, 1]);
});

test('who is taken out of the line is not served, and counted nowhere', () => {
  const line = new Line();
  const pool = openPool(9);
  line.add(ticket(a), 'http://a.test', () => [pool]);
  line.add(ticket(b), 'http://a.test', () => [pool]);
  expect(line.remove(({ batch }) => batch === a)).toHaveLength(1);
  expect(line).toMatchObject({ length: 1, startable: 1 });
  expect(pool.waiting).toBe(1);
  expect(drain(line)).toEqual([b]);
});

test('a pool sends away all who wait for it', () => {
  const line = new Line();
  const pool = openPool(0);
  const heard: Admission[] = [];
  line.add(
    ticket(a, 1, (admission) => heard.push(admission)),
    'http://a.test',
    () => [pool],
  );
  line.add(
    ticket(b, 1, (admission) => heard.push(admission)),
    'http://a.test',
    () => [pool],
  );
  pool.sendAway({ is: 'later', inMs: 500 });
  expect(heard).toEqual([
    { is: 'later', inMs: 500 },
    { is: 'later', inMs: 500 },
  ]);
  expect(line.length).toBe(0);
  expect(pool.lanes.size).toBe(0);
});

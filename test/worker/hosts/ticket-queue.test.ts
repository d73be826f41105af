import { expect, test } from '@jest/globals';
import { newBatchId } from '../../../shared/batch.ts';
import type { Ticket } from '../../../worker/hosts/line.ts';
import { TicketQueue } from '../../../worker/hosts/ticket-queue.ts';

const batch = newBatchId();
const tickets = Array.from({ length: 6 }, (): Ticket => ({ batch, weight: 1, admit: () => {} }));

const queueOf = (...some: readonly Ticket[]): TicketQueue<Ticket> => {
  const queue = new TicketQueue<Ticket>();
  for (const ticket of some) queue.push(ticket);
  return queue;
};

const drain = (queue: TicketQueue<Ticket>): Ticket[] => {
  const drained: Ticket[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) drained.push(next);
  return drained;
};

test('hands them out in the order they came, whoever came or went meanwhile', () => {
  const queue = queueOf(...tickets.slice(0, 3));
  expect([queue.shift(), queue.shift()]).toEqual(tickets.slice(0, 2));
  queue.push(tickets[3] as Ticket);
  expect(queue.length).toBe(2);
  expect(drain(queue)).toEqual(tickets.slice(2, 4));
  expect([queue.length, queue.shift()]).toEqual([0, undefined]);
  queue.push(tickets[4] as Ticket);
  expect(drain(queue)).toEqual([tickets[4]]);
});

test.each([
  ['all', [0, 1, 2, 3, 4, 5]],
  ['none', []],
  ['the first', [0]],
  ['the last', [5]],
  ['some', [1, 2, 4]],
])('takes out %s, and leaves the others as they stood', (_which, places) => {
  const queue = queueOf(...tickets);
  const named = new Set(places.map((place) => tickets[place]));
  expect(queue.remove((ticket) => named.has(ticket))).toEqual([...named]);
  expect(queue.length).toBe(tickets.length - named.size);
  expect(drain(queue)).toEqual(tickets.filter((ticket) => !named.has(ticket)));
});

test('who has gone points to nobody', () => {
  const queue = queueOf(...tickets);
  queue.shift();
  queue.remove(() => true);
  expect(tickets.filter(({ next }) => next !== undefined)).toEqual([]);
});

import { expect, test } from '@jest/globals';
import { createCancellations } from '../../../worker/http/cancellation.ts';

type Target = { slot: number; readonly name: string; cancel: () => void };

test('cancels exactly those who have not left, under their own signal', () => {
  const cancelled: string[] = [];
  const cancellations = createCancellations();
  const target = (name: string): Target => ({ name, slot: 0, cancel: () => void cancelled.push(name) });
  const [first, second, third, other] = [target('first'), target('second'), target('third'), target('other')];
  const batch = new AbortController();
  const otherBatch = new AbortController();
  for (const each of [first, second, third]) cancellations.add(batch.signal, each);
  cancellations.add(otherBatch.signal, other);
  cancellations.remove(batch.signal, first);
  cancellations.remove(batch.signal, first);
  batch.abort();
  expect(cancelled).toEqual(['third', 'second']);
  otherBatch.abort();
  expect(cancelled).toEqual(['third', 'second', 'other']);
});

test('copes with targets that leave while they are cancelled', () => {
  const cancellations = createCancellations();
  const controller = new AbortController();
  let count = 0;
  for (let each = 0; each < 10; each += 1) {
    const leaving: Target = {
      name: '',
      slot: 0,
      cancel: () => {
        count += 1;
        cancellations.remove(controller.signal, leaving);
      },
    };
    cancellations.add(controller.signal, leaving);
  }
  controller.abort();
  expect(count).toBe(10);
});

import { expect, test } from '@jest/globals';
import { createReceivers } from '../../../worker/webhooks/receivers.ts';

const [here, there] = ['https://here.example', 'https://there.example'];

test('a receiver has so many places, and others are turned away until one is left', () => {
  const receivers = createReceivers({ places: 2, random: () => 0 });
  const [first] = [receivers.enter(here), receivers.enter(here)];
  expect(receivers.enter(here)).toEqual({ afterMs: 1000 });
  expect(receivers.enter(there)).toHaveProperty('leave');
  if ('leave' in first) first.leave();
  expect(receivers.enter(here)).toHaveProperty('leave');
  expect(receivers.enter(here)).toHaveProperty('afterMs');
});

test('the more are turned away, the later they come back, up to a bound and not all at once', () => {
  let random = 0;
  const receivers = createReceivers({ places: 1, random: () => random });
  const inside = receivers.enter(here);
  const waits = Array.from({ length: 5000 }, () => {
    const turned = receivers.enter(here);
    return 'afterMs' in turned ? turned.afterMs : 0;
  });
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect([waits[0], waits.at(-1)]).toEqual([1000, 120_000]);
  random = 0.5;
  expect(receivers.enter(here)).toEqual({ afterMs: 180_000 });
  if ('leave' in inside) inside.leave();
  receivers.enter(here);
  expect(receivers.enter(here)).toEqual({ afterMs: 1500 });
});

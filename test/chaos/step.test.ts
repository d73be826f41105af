import { expect, test } from '@jest/globals';
import { batchIn, placesOf, type Step } from '../../chaos/step.ts';

const batch = (digit: number): string => `bat_01a2014c-46b5-7dd6-bf7e-a834eb1076d${digit}`;

const step = (name: string, state: Step['state'], about: string): Step => ({ name, state, batch: about });

const dead = (...steps: readonly Step[]): string[] =>
  placesOf(steps).map(({ step: name, when }) => `${when} ${name}`);

test('a process dies after the last step that is executed, and before the next one', () => {
  const [a, b] = [batch(1), batch(2)];
  expect(dead()).toEqual([]);
  expect(dead(step('claim', 'held', a))).toEqual(['before claim']);
  expect(dead(step('claim', 'answered', a))).toEqual(['after claim']);
  expect(
    dead(
      step('add 1', 'answered', a),
      step('add 2', 'answered', a),
      step('seal', 'answered', b),
      step('add 3', 'held', a),
      step('add 4', 'held', a),
    ),
  ).toEqual(['after add 2', 'before add 3', 'after seal']);
});

test('nobody knows where, while Redis has a step of the batch; another batch is none of its business', () => {
  const steps = [
    step('record', 'answered', batch(1)),
    step('record', 'sent', batch(1)),
    step('claim', 'held', batch(1)),
    step('claim', 'held', batch(2)),
    step('next', 'held', ''),
  ];
  expect(dead(...steps)).toEqual(['before claim', 'before next']);
});

test('knows the batch of a command by its keys', () => {
  const command = (key: string): Buffer => Buffer.from(`*2\r\n$4\r\nHGET\r\n$9\r\n${key}\r\n`);
  expect(batchIn(command(`ff:{${batch(1)}}:meta`))).toBe(batch(1));
  expect(batchIn(command(`ff:slices:${batch(2)}-17`))).toBe(batch(2));
  expect(batchIn(command('ff:outbox'))).toBe('');
});

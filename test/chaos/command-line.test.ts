import { expect, test } from '@jest/globals';
import { parseCommandLine } from '../../chaos/command-line.ts';

const groups = { all: ['worker-kills', 'redis-kills'] };

test('runs everything as it is, from a seed yet to be drawn', () => {
  expect(parseCommandLine([], groups)).toEqual({
    scenarios: groups.all,
    seed: undefined,
    count: undefined,
    times: undefined,
    seconds: undefined,
  });
});

test('runs what is named, from the seed and in the size asked for', () => {
  const args = ['redis-kills', '--seed', '4294967295', '--count=500', '--times', '3', '--seconds=2'];
  expect(parseCommandLine(args, groups)).toEqual({
    scenarios: ['redis-kills'],
    seed: 4_294_967_295,
    count: 500,
    times: 3,
    seconds: 2,
  });
});

test.each([
  [['worker-kill'], 'no scenario named worker-kill; there are worker-kills, redis-kills (all)'],
  [['--seed', '4294967296'], '--seed must be a whole number from 1 to 4294967295'],
  [['--seed', 'new'], '--seed must be a whole number'],
  [['--count', '1000001'], '--count must be a whole number from 1 to 1000000'],
  [['--times', '0'], '--times must be a whole number from 1 to 1000'],
  [['--seconds', '601'], '--seconds must be a whole number from 1 to 600'],
  [['--rounds', '3'], '--rounds'],
])('refuses %j and says what to write', (args, message) => {
  expect(() => parseCommandLine(args, groups)).toThrow(message);
});

import { expect, test } from '@jest/globals';
import { parseCommandLine } from '../../bench/command-line.ts';

const known = ['story-1', 'throughput'];

test('runs everything where nothing is named', () => {
  expect(parseCommandLine([], known)).toEqual({ scenarios: known, rounds: undefined, count: undefined });
});

test('runs what is named, as often and as much as asked', () => {
  expect(parseCommandLine(['throughput', '--rounds', '2', '--count=500'], known)).toEqual({
    scenarios: ['throughput'],
    rounds: 2,
    count: 500,
  });
});

test.each([
  [['thruput'], 'no scenario named thruput; there are story-1, throughput'],
  [['--rounds', '0'], '--rounds must be a whole number from 1 to 50'],
  [['--count', '2000000'], '--count must be a whole number from 1 to 1000000'],
  [['--count', 'many'], '--count must be a whole number'],
  [['--loud'], '--loud'],
])('refuses %j and says what to write', (args, message) => {
  expect(() => parseCommandLine(args, known)).toThrow(message);
});

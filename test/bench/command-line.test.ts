import { expect, test } from '@jest/globals';
import { parseCommandLine } from '../../bench/command-line.ts';

const groups = { races: ['story-1', 'throughput'], scheduling: ['host-limit', 'cancel'] };

test('runs the first group where nothing is named', () => {
  expect(parseCommandLine([], groups)).toEqual({
    scenarios: groups.races,
    rounds: undefined,
    count: undefined,
    contenders: undefined,
  });
});

test('runs what is named, as often and as much as asked', () => {
  const args = ['throughput', '--rounds', '2', '--count=500', '--contenders', 'fetchfleet,aiohttp'];
  expect(parseCommandLine(args, groups)).toEqual({
    scenarios: ['throughput'],
    rounds: 2,
    count: 500,
    contenders: ['fetchfleet', 'aiohttp'],
  });
});

test('runs a group by its name', () => {
  expect(parseCommandLine(['scheduling', 'story-1'], groups).scenarios).toEqual([
    'host-limit',
    'cancel',
    'story-1',
  ]);
});

test.each([
  [
    ['thruput'],
    'no scenario named thruput; there are story-1, throughput (races), host-limit, cancel (scheduling)',
  ],
  [['--rounds', '0'], '--rounds must be a whole number from 1 to 50'],
  [['--count', '2000000'], '--count must be a whole number from 1 to 1000000'],
  [['--count', 'many'], '--count must be a whole number'],
  [['--loud'], '--loud'],
])('refuses %j and says what to write', (args, message) => {
  expect(() => parseCommandLine(args, groups)).toThrow(message);
});

import { expect, test } from '@jest/globals';
import { groups, scenarios } from '../../bench/programme.ts';

test('names each scenario once, and no group like one', () => {
  const names = scenarios.map(({ name }) => name);
  expect(new Set([...names, ...Object.keys(groups)]).size).toBe(names.length + Object.keys(groups).length);
  expect(Object.values(groups).flat()).toEqual(names);
});

test('runs the stories and the race where nothing is named, and no gate', () => {
  const [everyday] = Object.values(groups);
  expect(everyday).toEqual(expect.arrayContaining(['story-1', 'story-2', 'throughput']));
  expect(everyday).not.toContain('gate');
});

import { array, assert, nat, property } from 'fast-check';
import { expect, test } from '@jest/globals';
import { encodeRuns } from '../../shared/index-runs.ts';

const decode = (runs: Buffer): number[] => {
  const indexes: number[] = [];
  for (let at = 0; at < runs.length; at += 8) {
    const first = runs.readUInt32BE(at);
    for (let i = 0; i < runs.readUInt32BE(at + 4); i++) indexes.push(first + i);
  }
  return indexes;
};

test('neighbours are one run', () => {
  expect(encodeRuns([4, 5, 6]).toString('hex')).toBe('0000000400000003');
  expect(encodeRuns([0, 2, 3]).toString('hex')).toBe('00000000000000010000000200000002');
  expect(encodeRuns([])).toHaveLength(0);
});

test('no index is lost or invented', () => {
  assert(
    property(array(nat({ max: 4_000_000_000 })), (numbers) => {
      const indexes = [...new Set(numbers)].toSorted((a, b) => a - b);
      expect(decode(encodeRuns(indexes))).toEqual(indexes);
    }),
  );
});

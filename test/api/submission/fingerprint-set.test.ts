import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createFingerprintSet } from '../../../api/submission/fingerprint-set.ts';

test('has what was added, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (added, asked) => {
      const [set, real] = [createFingerprintSet(), new Set(added)];
      for (const text of added) set.add(text);
      for (const text of [...added, ...asked]) expect(set.has(text)).toBe(real.has(text));
    }),
  );
});

test('grows', () => {
  const set = createFingerprintSet();
  const ids = Array.from({ length: 20_000 }, (_, i) => `id-${i}`);
  const known = ids.filter((id) => {
    const isKnown = set.has(id);
    set.add(id);
    return isKnown;
  });
  expect(known).toEqual([]);
  expect(ids.filter((id) => !set.has(id))).toEqual([]);
});

import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createFingerprintSet } from '../../../api/submission/fingerprint-set.ts';

test('takes each text once, and no other for it', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 })), (texts) => {
      const set = createFingerprintSet();
      const taken = texts.filter((text) => set.add(text));
      expect(taken).toEqual([...new Set(texts)]);
    }),
  );
});

test('grows', () => {
  const set = createFingerprintSet();
  const ids = Array.from({ length: 20_000 }, (_, i) => `id-${i}`);
  expect(ids.filter((id) => !set.add(id))).toEqual([]);
  expect(ids.filter((id) => set.add(id))).toEqual([]);
});

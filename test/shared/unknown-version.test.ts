import { expect, test } from '@jest/globals';
import { UnknownVersionError, unlessNewer } from '../../shared/unknown-version.ts';

test('says what cannot be read, and why that may be', () => {
  expect(new UnknownVersionError('a slice', 2).message).toBe(
    'a slice of version 2 cannot be read by this build: is a newer one running beside it?',
  );
});

test('one of a newer version is told from a failure', async () => {
  await expect(Promise.reject(new UnknownVersionError('a batch', 2)).catch(unlessNewer)).resolves.toBe(
    'newer',
  );
  await expect(Promise.reject(new TypeError('a bug')).catch(unlessNewer)).rejects.toThrow('a bug');
});

import { expect, test } from '@jest/globals';
import { waitFor } from './wait-for.ts';

test('gives the first value that is there', async () => {
  const seen: number[] = [];
  const value = await waitFor(() => seen.push(0) >= 3 && seen.length);
  expect(value).toBe(3);
});

test('says what did not become true', async () => {
  await expect(waitFor(() => false, { timeoutMs: 20 })).rejects.toThrow('not true within 20 ms');
});

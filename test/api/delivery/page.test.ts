import { expect, test } from '@jest/globals';
import { writePage } from '../../../api/delivery/page.ts';
import { storedResult } from '../../support/api.ts';

test('is JSON with the results, where to go on, and whether there is more', async () => {
  const page = { results: [storedResult(0), storedResult(1)], next: 7, isLast: false };
  const written = JSON.parse(await writePage(page, { path: '/r', fields: new Set(['index']) }));
  expect(written).toEqual({ results: [{ index: 0 }, { index: 1 }], next: 7, isLast: false });
});

test('may be empty', async () => {
  const written = await writePage({ results: [], next: 0, isLast: true }, { path: '/r' });
  expect(written).toBe('{"results":[],"next":0,"isLast":true}');
});

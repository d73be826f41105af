import { expect, test } from '@jest/globals';
import { writePage } from '../../../api/delivery/page.ts';
import { storedResult } from '../../support/api.ts';
import { toPage } from '../../support/batches.ts';

test('is JSON with the results, where to go on, and whether there is more', async () => {
  const page = toPage([storedResult(0), storedResult(1)], 7, false);
  const written = JSON.parse(await writePage(page, { path: '/r', fields: new Set(['index']) }));
  expect(written).toEqual({ results: [{ index: 0 }, { index: 1 }], next: 7, isLast: false });
});

test('may be empty', async () => {
  const written = await writePage(toPage([], 0, true), { path: '/r' });
  expect(written).toBe('{"results":[],"next":0,"isLast":true}');
});

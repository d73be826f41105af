import { expect, test } from '@jest/globals';
import { ndjson } from '../../../api/delivery/format.ts';
import { toPage } from '../../support/batches.ts';
import { storedResult } from '../../support/api.ts';

const [excerpt] = toPage([storedResult(0), storedResult(4)], 5, true).excerpts;
if (excerpt === undefined) throw new Error('a page of two results has an excerpt');

test('NDJSON has a line of JSON a result, with the fields asked for and their cursors', async () => {
  const format = ndjson({ path: '/r', fields: new Set(['index', 'cursor']) });
  expect(await format.write(excerpt)).toEqual(['{"index":0,"cursor":1}', '{"index":4,"cursor":5}']);
  expect([format.type, format.head, format.lineBreak]).toEqual(['application/x-ndjson', '', '\n']);
});

test('a cursor is shown only where it is asked for', async () => {
  const [line = ''] = await ndjson({ path: '/r' }).write(excerpt);
  expect(JSON.parse(line)).not.toHaveProperty('cursor');
});

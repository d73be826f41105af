import { expect, test } from '@jest/globals';
import { batchText, endText } from '../../../api/delivery/batch-text.ts';
import { testApi } from '../../support/api.ts';

const api = testApi();

/** An ended batch, read anew. */
const ended = async (): ReturnType<typeof api.batches.get> => {
  const id = await api.submit(['https://example.com/']);
  await api.batches.close(id, 'cancelled');
  return api.batches.get(id);
};

test('a record is written once, however many are shown it', async () => {
  const batch = await ended();
  if (batch === undefined) throw new Error('no batch');
  const asked: number[] = [];
  const now = (): number => asked.push(1);
  const first = batchText(batch, now);
  expect(JSON.parse(first)).toMatchObject({ id: batch.id, status: 'cancelled' });
  expect(endText(batch, now)).toBe(endText(batch, now));
  expect(String(endText(batch, now).line)).toBe(`${first}\n`);
  expect(asked).toHaveLength(1);
});

test('another reading is written anew, and has the same tag where it reads the same', async () => {
  const batch = await ended();
  if (batch === undefined) throw new Error('no batch');
  const before = endText(batch, Date.now).tag;
  expect(endText({ ...batch }, Date.now).tag).toBe(before);
  expect(endText({ ...batch, name: 'renamed' }, Date.now).tag).not.toBe(before);
});

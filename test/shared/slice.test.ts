import { expect, test } from '@jest/globals';
import { ZodError } from 'zod';
import { newBatchId } from '../../shared/batch.ts';
import { packSlice, parseSliceJob, unpackSlice } from '../../shared/slice.ts';
import { UnknownVersionError } from '../../shared/unknown-version.ts';

test('gives back the requests as they were', () => {
  const requests = [
    { index: 7, url: 'http://a/' },
    {
      index: 9,
      url: 'http://b/',
      id: 'x',
      method: 'POST',
      headers: { 'X-A': 'é' },
      bytes: Buffer.from([0, 255]),
    } as const,
  ];
  const [plain, posted] = unpackSlice(packSlice(requests));
  expect(plain).toEqual(requests[0]);
  expect(posted).toMatchObject({ index: 9, id: 'x', method: 'POST', headers: { 'X-A': 'é' } });
  expect(Buffer.from(posted?.bytes ?? [])).toEqual(Buffer.from([0, 255]));
});

test('alike URLs take few bytes each', () => {
  const requests = Array.from({ length: 100 }, (_, index) => ({
    index,
    url: `http://127.0.0.1:8080/get?${index}`,
  }));
  expect(packSlice(requests).length / 100).toBeLessThan(20);
});

test('reads the data of a job, and refuses any other form', () => {
  const job = { v: 1, batchId: newBatchId(), slice: 3 };
  expect(parseSliceJob(job)).toEqual(job);
  for (const bad of [{ ...job, v: 0 }, { ...job, batchId: 'bat_x' }, { ...job, slice: -1 }, {}, null, 'x']) {
    expect(() => parseSliceJob(bad)).toThrow(ZodError);
  }
  expect(() => parseSliceJob({ v: 2, anything: 'new' })).toThrow(UnknownVersionError);
});

import { inflateRawSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { ZodError } from 'zod';
import { newBatchId } from '../../shared/batch.ts';
import type { SliceRequest } from '../../shared/request.ts';
import { packSlice, parseSliceJob, unpackSlice } from '../../shared/slice.ts';
import { UnknownVersionError } from '../../shared/unknown-version.ts';

/** Three bytes and a run of eight stand ahead of it, where the indexes are neighbours. */
const deflatedOf = (requests: readonly SliceRequest[]): Buffer => packSlice(requests).subarray(3 + 8);

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

test('keeps one that is not to be sent, and is then of a version of its own', () => {
  const requests = [
    { index: 0, url: 'http://a/' },
    { index: 1, url: 'no URL', refusal: 'the URL has white space' },
    { index: 2, url: '', id: 'x', refusal: 'not JSON' },
    { index: 3, url: 'http://b/' },
  ];
  expect(unpackSlice(packSlice(requests))).toEqual(requests);
  expect(inflateRawSync(deflatedOf(requests))[1]).toBe(2);
  expect(inflateRawSync(deflatedOf(requests.slice(3)))[1]).toBe(1);
});

test('has the runs of its indexes ahead of it, and is read without them as well', () => {
  const requests = [3, 4, 5].map((index) => ({ index, url: 'http://a/' }));
  expect(
    packSlice(requests)
      .subarray(0, 3 + 8)
      .toString('hex'),
  ).toBe('0f00010000000300000003');
  expect(packSlice([...requests, { index: 9, url: 'http://a/' }]).readUInt16BE(1)).toBe(2);
  expect(unpackSlice(deflatedOf(requests))).toEqual(requests);
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

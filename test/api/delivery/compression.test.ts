import { brotliDecompressSync, constants, createBrotliDecompress, createGunzip, gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from '@jest/globals';
import { request } from 'undici';
import type { BatchId } from '../../../shared/batch.ts';
import { storedResult, testApi, type Answer } from '../../support/api.ts';

const api = testApi();
const known: { id: BatchId } = { id: '' as BatchId };

beforeAll(async () => {
  known.id = await api.submit(Array.from({ length: 300 }, (_, i) => `https://example.com/${i}`));
  await api.results.record(
    known.id,
    Array.from({ length: 300 }, (_, i) => storedResult(i)),
  );
});

const get = (query: string, accepted: string, method = 'GET'): Promise<Answer> =>
  api.call(method, `/v1/batches/${known.id}/results${query}`, { headers: { 'accept-encoding': accepted } });

test.each(['?format=json', '?format=ndjson', '?format=csv'])('%s is sent as accepted', async (query) => {
  const plain = await get(query, 'identity');
  expect(plain.headers).not.toHaveProperty('content-encoding');
  const gzip = await get(query, 'gzip, deflate, br');
  const br = await get(query, 'br;q=1, gzip;q=0.5');
  expect([gzip.headers['content-encoding'], br.headers['content-encoding']]).toEqual(['gzip', 'br']);
  expect(gunzipSync(gzip.bytes).equals(plain.bytes)).toBe(true);
  expect(brotliDecompressSync(br.bytes).equals(plain.bytes)).toBe(true);
  for (const { headers } of [plain, gzip, br]) expect(headers['vary']).toContain('Accept-Encoding');
  expect(gzip.bytes.length * 4).toBeLessThan(plain.bytes.length);
});

test('is plain for who says nothing, refuses it, or asks for little', async () => {
  for (const accepted of ['gzip;q=0', 'deflate', 'identity, *;q=0', '']) {
    expect((await get('?format=ndjson', accepted)).headers).not.toHaveProperty('content-encoding');
  }
  const path = `/v1/batches/${known.id}/results?format=ndjson`;
  expect((await api.call('GET', path)).headers).not.toHaveProperty('content-encoding');
  expect((await get('?limit=1&fields=index', 'gzip')).headers).not.toHaveProperty('content-encoding');
});

test('HEAD is answered alike, without a body', async () => {
  for (const query of ['?format=json', '?format=ndjson']) {
    const answer = await get(query, 'gzip', 'HEAD');
    expect([answer.headers['content-encoding'], answer.bytes.length]).toEqual(['gzip', 0]);
  }
});

test('leaves raw bodies as they are', async () => {
  const id = await api.submit(['https://example.com/']);
  const inline = Buffer.alloc(5000, 'a');
  const body = { inline, wireBytes: 5000, bytes: 5000, truncated: false };
  await api.results.record(id, [storedResult(0, { body })]);
  const headers = { 'accept-encoding': 'gzip' };
  const answer = await api.call('GET', `/v1/batches/${id}/results/0/body`, { headers });
  expect(answer.headers).not.toHaveProperty('content-encoding');
  expect(answer.bytes.equals(inline)).toBe(true);
});

test.each(['gzip', 'br'])('what is followed arrives in %s while the batch runs', async (coding) => {
  const id = await api.submit(['https://example.com/0', 'https://example.com/1']);
  const { body } = await request(`${api.origin()}/v1/batches/${id}/results?follow=true&fields=index`, {
    headers: { 'accept-encoding': coding },
  });
  const decoder =
    coding === 'gzip' ? createGunzip() : createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH });
  const lines = body.pipe(decoder)[Symbol.asyncIterator]();
  for (const index of [1, 0]) {
    await api.results.record(id, [storedResult(index)]);
    expect(String((await lines.next()).value)).toBe(`{"index":${index}}\n`);
  }
  expect((await lines.next()).done).toBe(true);
});

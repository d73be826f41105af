import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { request } from 'undici';
import { createMetricsRoutes } from '../../api/metrics.ts';
import { createProcessMetrics } from '../../shared/process-metrics.ts';
import { readDocument } from '../support/markdown.ts';
import { storedResult, testApi } from '../support/api.ts';

const api = testApi({ keys: [{ name: 'alice', key: 'k'.repeat(32) }] });
const headers = { authorization: `Bearer ${'k'.repeat(32)}` };
const own = createProcessMetrics();

// One whose Redis does not answer.
const app = express();
app.use(createMetricsRoutes({ fleet: { look: () => new Promise(() => {}) }, ownMetrics: own.read }));
const server = createServer(app);
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  own.stop();
  await new Promise((resolve) => server.close(resolve));
});

const read = async (): Promise<string> => (await api.call('GET', '/metrics')).text;

test('has figures of the fleet, in the form that Prometheus reads, and asks for no key', async () => {
  const urls = [0, 1, 2].map((i) => `https://secret.example/${i}`);
  const submitted = await api.call('POST', '/v1/batches', { json: { urls, name: 'secret' }, headers });
  const failure = { code: 'dns_failed', message: 'secret' } as const;
  await api.results.record(submitted.json.id, [
    storedResult(0),
    storedResult(1, { outcome: 'failed', failure }),
  ]);
  const answer = await api.call('GET', '/metrics');
  expect([answer.status, answer.headers['content-type']]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  for (const line of [
    'fetchfleet_redis_up 1',
    'fetchfleet_batches{status="queued"} 1',
    'fetchfleet_batches{status="ended"} 0',
    'fetchfleet_requests{state="pending"} 1',
    'fetchfleet_results_total{outcome="succeeded"} 1',
    'fetchfleet_results_total{outcome="expired"} 0',
    'fetchfleet_failures_total{code="dns_failed"} 1',
    'fetchfleet_workers 0',
  ]) {
    expect(answer.text.split('\n')).toContain(line);
  }
  const isLine = /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e+-]+|)$/;
  expect(answer.text.split('\n').filter((line) => !isLine.test(line))).toEqual([]);
  expect(answer.text).not.toMatch(/secret|alice/);
});

test('says that Redis is away, and what it knows without it', async () => {
  const { port } = server.address() as AddressInfo;
  const { statusCode, body } = await request(`http://127.0.0.1:${port}/metrics`);
  const text = await body.text();
  expect(statusCode).toBe(200);
  expect(text).toContain('fetchfleet_redis_up 0\n');
  expect(text).not.toContain('fetchfleet_batches');
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
});

test('is told in docs/api.md, metric by metric', async () => {
  const metrics = [...(await read()).matchAll(/^# TYPE (\w+)/gm)].map((match) => match[1]);
  const names = [...metrics, ...own.read().map(({ name }) => name)];
  const told = readDocument('docs/api.md')
    .rowsUnder('| metric | has |')
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1]));
  expect(new Set(told)).toEqual(new Set(names));
});

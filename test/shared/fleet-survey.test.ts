import { expect, test } from '@jest/globals';
import { createBatchControl } from '../../shared/batch-control.ts';
import { createFleetSurvey, type Fleet } from '../../shared/fleet-survey.ts';
import { createKeys } from '../../shared/keys.ts';
import { storedResult, testApi } from '../support/api.ts';

const api = testApi({ sliceSize: 2 });
const keys = createKeys(api.prefix);
const look = (): Promise<Fleet> => createFleetSurvey(api.redis, keys).look();
const urls = (count: number): string[] => Array.from({ length: count }, (_, i) => `https://example.com/${i}`);

test('sees batches by status, requests and slices by state, and results by outcome', async () => {
  expect(await look()).toMatchObject({
    batches: { ended: 0 },
    requests: { pending: 0, running: 0 },
    slices: { waiting: 0, delayed: 0, active: 0 },
    results: { outcomes: {}, failures: {} },
    workers: 0,
  });
  await api.submit(urls(5));
  const running = await api.submit(urls(3), { metadata: { large: 'x'.repeat(10_000) } });
  await api.results.record(running, [storedResult(0)]);
  await api.redis.hset(keys.batch(running).meta, 'running', '1', 'startedAt', '1');
  await api.submit([], { requests: undefined, urls: urls(1), open: true });
  const paused = await api.submit(urls(1));
  await createBatchControl(api.redis, keys).pause(paused);
  const completed = await api.submit(urls(3));
  const failure = { code: 'timed_out', message: 'late' } as const;
  const results = [storedResult(0), storedResult(1, { outcome: 'failed', failure }), storedResult(2)];
  await api.results.record(completed, results);
  await api.results.record(completed, results);
  const cancelled = await api.submit(urls(4));
  await api.results.record(cancelled, [storedResult(3)]);
  await api.batches.close(cancelled, 'cancelled');
  await api.batches.close(cancelled, 'cancelled');

  const fleet = await look();
  expect(fleet.batches).toEqual({ queued: 1, running: 1, open: 1, paused: 1, ended: 2 });
  expect(fleet.requests).toEqual({ pending: 5 + 1 + 1 + 1, running: 1 });
  expect(fleet.results).toEqual({
    outcomes: { succeeded: 4, failed: 1, cancelled: 3 },
    failures: { timed_out: 1 },
  });
  expect(fleet.slices.waiting).toBeGreaterThan(0);
  expect(fleet.memory?.used).toBeLessThan(fleet.memory?.mark ?? 0);
  expect(fleet.memory?.mark).toBeLessThan(fleet.memory?.limit ?? 0);
});

test('is asked of Redis once in a while only', async () => {
  const survey = createFleetSurvey(api.redis, keys);
  const first = await survey.look();
  await api.submit(urls(1));
  expect(await survey.look()).toBe(first);
});

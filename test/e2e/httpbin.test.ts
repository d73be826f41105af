/* oxlint-disable jest/no-standalone-expect -- the tests are skipped where the machine cannot run them */
// Every endpoint of httpbin that makes sense for a client, through the whole service, in one batch.
import { beforeAll, expect, test } from '@jest/globals';
import { request } from 'undici';
import { contents, sizes, times } from '../support/httpbin/contents.ts';
import { caching, identity, redirects, secret } from '../support/httpbin/journeys.ts';
import { bodies, fields, methods, statuses } from '../support/httpbin/requests.ts';
import { missingPackages, startHttpbin } from '../support/httpbin/server.ts';
import { testRedis } from '../support/redis.ts';
import { startServices, type Result } from '../support/services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const areas = [methods, bodies, fields, statuses, contents, sizes, times, redirects, identity, caching];
const rows = areas.flat();

if (missingPackages.length > 0) {
  process.stderr.write(`httpbin is not tested: this machine lacks ${missingPackages.join(' and ')}\n`);
}
const testWithHttpbin = missingPackages.length === 0 ? test : test.skip;

const redis = testRedis();
const dataDir = temporaryFolder();
const batch: { results: readonly Result[]; bodyUrl: (index: number) => string; output: string } = {
  results: [],
  bodyUrl: String,
  output: '',
};
const target = { origin: '', elsewhere: '' };
const fill = (text: string): string =>
  text.replaceAll(
    /(?:\{|%7B)(origin|elsewhere)(?:\}|%7D)/g,
    (_, name: string) => target[name as keyof typeof target],
  );

beforeAll(async () => {
  if (missingPackages.length > 0) return;
  Object.assign(target, await startHttpbin());
  const services = await startServices(redis, dataDir);
  const requests = rows.map(([path, , more]) => ({ url: fill(`{origin}${path}`), ...more }));
  const { id, results } = await services.fetchBatch({ defaults: { retry: { maxAttempts: 1 } }, requests });
  batch.results = results;
  batch.output = services.output();
  batch.bodyUrl = (index) => `${services.origin}/v1/batches/${id}/results/${index}/body`;
}, 120_000);

const titled = rows.map(
  ([path, expected, more = {}], index) => [path, JSON.stringify(more), index, expected] as const,
);

testWithHttpbin.each(titled)('%s asked with %s', (_path, _request, index, expected) => {
  const { finalUrl, ...rest } = expected as { finalUrl?: string };
  const filled = finalUrl === undefined ? rest : { ...rest, finalUrl: fill(finalUrl) };
  expect(batch.results[index]).toMatchObject(filled);
});

testWithHttpbin('a large body is kept whole', async () => {
  const { body } = await request(batch.bodyUrl(indexOf('/range/50000')));
  const alphabet = 'abcdefghijklmnopqrstuvwxyz';
  expect(await body.text()).toBe(alphabet.repeat(2000).slice(0, 50_000));
});

const indexOf = (start: string): number => rows.findIndex(([path]) => path.startsWith(start));

testWithHttpbin('a delay is the time to the first byte, a drip that of the body', () => {
  const timingsOf = (start: string): Record<string, number> => batch.results[indexOf(start)].timings;
  expect(timingsOf('/delay/1')['ttfbMs']).toBeGreaterThanOrEqual(1000);
  expect(timingsOf('/drip')['bodyMs']).toBeGreaterThan(500);
});

testWithHttpbin('credentials are neither in results nor in logs', () => {
  expect(JSON.stringify(batch.results)).not.toContain(secret);
  expect(batch.output).not.toContain(secret);
});

import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ApiError } from '../../../api/problem.ts';
import { createJsonReader, type Submission } from '../../../api/submission/json.ts';
import { maxMetadataBytes } from '../../../api/submission/settings.ts';
import { createAddressPolicy } from '../../../shared/address-policy.ts';
import { createUrlRule } from '../../../shared/url-rule.ts';

const read = createJsonReader({
  hasWebhookSecret: false,
  urlRule: createUrlRule(createAddressPolicy([])),
  maxRequests: 12_000,
  expiresSeconds: 3600,
  now: Date.now,
});
const readValue = (value: unknown): Promise<Submission> => read(Buffer.from(JSON.stringify(value)));
const url = 'https://example.com/';

const refusal = async (value: unknown): Promise<{ code: string; errors: unknown }> => {
  const error: unknown = await readValue(value).catch((reason: unknown) => reason);
  if (!(error instanceof ApiError)) throw new Error('it was not refused');
  return { code: error.code, errors: error.extras.members?.['errors'] };
};

test('reads a submission with everything in it', async () => {
  const submission = await readValue({
    requests: [{ url }, { id: 'b', url, method: 'HEAD' }],
    defaults: { timeoutMs: 1000 },
    name: 'nightly',
    metadata: { run: [1, null, 'x'] },
    priority: 70,
    perHost: { concurrency: 2, rate: { requests: 10, periodMs: 1000 } },
    expiresIn: 60,
    retention: 120,
  });
  expect(submission).toEqual({
    entries: [url, { id: 'b', url, method: 'HEAD' }],
    defaults: { timeoutMs: 1000 },
    name: 'nightly',
    metadata: { run: [1, null, 'x'] },
    priority: 70,
    perHost: { concurrency: 2, rate: { requests: 10, periodMs: 1000 } },
    expiresIn: 60,
    retention: 120,
  });
  expect(await readValue({ urls: [url] })).toEqual({ entries: [url], defaults: {}, priority: 50 });
});

test.each([
  [{}, '/requests'],
  [{ requests: [{ url }], urls: [url] }, '/urls'],
  [{ urls: url }, '/urls'],
  [{ urls: [] }, '/urls'],
  [{ requests: null }, '/requests'],
  [{ urls: [url], name: '' }, '/name'],
  [{ urls: [url], name: 'a\u202e' }, '/name'],
  [{ urls: [url], metadata: [] }, '/metadata'],
  [{ urls: [url], metadata: { a: 'x'.repeat(maxMetadataBytes) } }, '/metadata'],
  [{ urls: [url], expiresIn: 0 }, '/expiresIn'],
  [{ urls: [url], retention: 1.5 }, '/retention'],
  [{ urls: [url], priority: 101 }, '/priority'],
  [{ urls: [url], perHost: { concurrency: 0 } }, '/perHost/concurrency'],
  [{ urls: [url], perHost: { rate: { requests: 1 } } }, '/perHost/rate/periodMs'],
  [{ urls: [url], perHost: { delay: 1 } }, '/perHost/delay'],
  [{ urls: [url], defaults: { url } }, '/defaults/url'],
  [{ urls: [url], defaults: { body: 'x' } }, '/defaults/body'],
  [{ urls: [url], callback: {} }, '/callback'],
  [{ urls: [url], webhook: {} }, '/webhook/url'],
  [{ urls: [url, 'x'] }, '/urls/1'],
])('refuses %j at %s', async (value, pointer) => {
  const { code, errors } = await refusal(value);
  expect(code).toBe('body_invalid');
  expect(errors).toEqual([{ pointer, message: expect.any(String) }]);
});

test('names the bad fields of every request, and those of the batch', async () => {
  const { errors } = await refusal({
    requests: [{ url }, { url: 'x' }, { url, retry: { maxAttempts: 99 } }],
    name: 1,
  });
  expect((errors as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual([
    '/name',
    '/requests/1/url',
    '/requests/2/retry/maxAttempts',
  ]);
});

test('says the limit when there are too many', async () => {
  const error: unknown = await readValue({ urls: Array(12_001).fill(url) }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({
    code: 'too_many_requests_in_batch',
    message: 'the batch has 12001 requests; at most 12000 are allowed',
    extras: { members: { limit: 12_000 } },
  });
});

test('lets others run while it reads many', async () => {
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 0);
  const tick = (): void => void (turns += 1);
  const handle = setImmediate(tick);
  await readValue({ urls: Array(12_000).fill(url) });
  clearInterval(counting);
  clearImmediate(handle);
  expect(turns).toBeGreaterThan(0);
});

test('refuses any JSON it does not take with a problem, never a fault', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.object({ key: fc.constantFrom('requests', 'urls', 'url', 'name', 'x', '__proto__') }),
      async (value) => {
        const refused: unknown = await readValue(value).catch((reason: unknown) => reason);
        expect(refused).toBeInstanceOf(ApiError);
      },
    ),
    { numRuns: 300 },
  );
});

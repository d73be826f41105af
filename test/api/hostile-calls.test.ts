// Calls that nobody means well with, made up at random: each is answered, none is a fault of the service.
import * as fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { problemStatuses } from '../../api/problem.ts';
import { storedResult, testApi, type Answer, type CallOptions } from '../support/api.ts';
import { sendBytes } from '../support/raw-http.ts';

const api = testApi({ maxRequests: 1000, maxBytes: 1_048_576, maxStreamBytes: 1_048_576 });
const known = { id: '', other: '' };
const total = 30;

beforeAll(async () => {
  const urls = Array.from({ length: total }, (_, i) => `https://example.com/${i}`);
  for (const name of ['id', 'other'] as const) {
    const id = await api.submit(urls);
    for (let first = 0; first < total; first += 10) {
      await api.results.record(
        id,
        Array.from({ length: 10 }, (_, i) => storedResult(first + i)),
      );
    }
    known[name] = id;
  }
});

const expectNoFault = (answer: Answer): void => {
  expect(answer.status).toBeLessThan(500);
  if (answer.status < 400 || answer.text === '') return;
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(problemStatuses).toHaveProperty(answer.json.code, answer.status);
};

const call = async (method: string, path: string, options: CallOptions = {}): Promise<Answer> => {
  const answer = await api.call(method, path, options);
  expectNoFault(answer);
  return answer;
};

/** Runs it for values of each kind; a failure names the seed and the smallest value that fails. */
const assert = <T>(
  values: fc.Arbitrary<T>,
  holds: (value: T) => Promise<unknown>,
  numRuns = 50,
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(values, async (value) => void (await holds(value))),
    { numRuns },
  );

/** Any of the texts between the bars. */
const anyOf = (...lists: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...lists.flatMap((list) => list.split('|')));

const oddTexts = fc.oneof(
  anyOf(
    '| |\0|\r\n|\u001b[31m|\u202e|\ud800|\udfff\ud800|__proto__|constructor|toString',
    'hasOwnProperty|..|../..|%|%2f|-0|-1|1e400|NaN|0x10|1|9007199254740993',
    "99999999999999999999|٣|１|null|true|{}|[]|*|'--",
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer().map(String),
);
const oddNumbers = fc.constantFrom(-1, 0, -0, 0.5, 1e21, 2 ** 53, 1.7e308, -1e-320, 1, 100);
const fieldNames = fc.oneof(
  anyOf(
    'requests|urls|url|defaults|name|metadata|webhook|priority|perHost|open|template|vars',
    'combine|expiresIn|retention|notBefore|dedupe|onInvalid|id|method|headers|body',
    'bodyBase64|json|timeoutMs|maxBodyBytes|maxRedirects|retry|maxAttempts|acceptStatus',
    'connection|auth|basic|bearer|proxy|cookies|rate|requests|periodMs|concurrency|codes',
    'statuses|indexes|ids|events',
  ),
  oddTexts,
);
const plausible = fc.constantFrom<unknown>(
  'https://example.com/',
  ['https://example.com/'],
  [{ url: 'https://example.com/', headers: { 'x-a': '\u0100' } }],
  { url: 'https://example.com/{a}', vars: { a: '1..3' } },
  { a: '1..999999999999' },
  { a: '0..5..0' },
  'POST',
  'fail',
  '2026-13-45T99:99:99Z',
  '200-99999999',
);
const { json: anyJson } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(oddTexts, oddNumbers, fc.boolean(), fc.constant(null), plausible),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fieldNames, tie('json'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));
/** Valid, but for one field somewhere. */
const nearlyValid = fc.tuple(fieldNames, anyJson, fc.nat(3)).map(([name, value, at]) => {
  const [url, odd] = ['https://example.com/', { [name]: value }];
  if (at === 0) return { urls: [url], ...odd };
  if (at === 1) return { requests: [{ url, method: 'POST', ...odd }] };
  if (at === 2) return { urls: [url], defaults: odd };
  return { template: { url: `${url}{a}`, vars: { a: '1..3', ...odd }, ...odd } };
});
const submissions = fc.oneof(anyJson, { weight: 3, arbitrary: nearlyValid });

describe('a body', () => {
  test.each([
    ['POST', '/v1/batches'],
    ['POST', '/v1/plans'],
    ['POST', '/v1/batches/:id/requests'],
    ['POST', '/v1/batches/:id/retry'],
    ['PUT', '/v1/hosts/https%3A%2F%2Fexample.com'],
  ])('of any JSON to %s %s', async (method, path) => {
    const open = await api.submit([], { open: true });
    const id = path.endsWith('/requests') ? open : known.id;
    await assert(submissions, (json) => call(method, path.replace(':id', id), { json }), 80);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('of any bytes, under any type and coding', async () => {
    const types = anyOf(
      'application/json|application/x-ndjson|text/plain|application/json; charset=utf-16',
      'text/plain; charset="utf-8|a/b|/|application/json;;;|application/x-ndjson; charset=x',
    );
    const codings = anyOf('gzip|br|deflate|zstd|identity|gzip, gzip|x|,');
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each)),
      fc.uint8Array({ maxLength: 300 }).map((each) => gzipSync(each)),
      fc
        .array(
          submissions.map((each) => JSON.stringify(each) ?? ''),
          { maxLength: 5 },
        )
        .map((lines) => Buffer.from(lines.join('\n'))),
    );
    const bodies = fc.record({ body: bytes, type: types, coding: fc.option(codings, { nil: undefined }) });
    await assert(
      bodies,
      ({ body, type, coding }) =>
        call('POST', '/v1/batches', {
          body,
          headers: { 'content-type': type, ...(coding !== undefined && { 'content-encoding': coding }) },
        }),
      150,
    );
  });

  test('whose members are named twice counts as what its last one says, for all who read it', async () => {
    const answer = await api.call('POST', '/v1/batches', {
      body: '{"urls":["http://10.0.0.1/"],"urls":["https://example.com/"],"name":"a","name":"b"}',
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, answer.json.counts.total, answer.json.name]).toEqual([202, 1, 'b']);
  });

  test.each(['[', '{"a":', '{"metadata":{"a":', '{"requests":[{"json":[', '{"template":{"vars":{"a":['])(
    'that nests %s without end',
    async (unit) => {
      for (const type of ['application/json', 'application/x-ndjson']) {
        const body = unit.repeat(Math.floor(1_000_000 / unit.length));
        const answer = await call('POST', '/v1/batches', { body, headers: { 'content-type': type } });
        expect(answer.status).toBe(400);
      }
    },
  );
});

describe('a query', () => {
  const names = fc.oneof(
    anyOf(
      'limit|after|status|wait|outcome|fields|follow|format|order|types|name|priority',
      'defaults|metadata|open|offset|onInvalid|dedupe|webhook',
    ),
    oddTexts,
  );
  const queries = fc
    .array(
      fc.tuple(
        names,
        fc.oneof(
          oddTexts,
          anyJson.map((each) => JSON.stringify(each) ?? ''),
        ),
      ),
      {
        maxLength: 4,
      },
    )
    .map((pairs) => pairs.map(([name, value]) => `${escape(name)}=${escape(value)}`).join('&'));
  const escape = (text: string): string => encodeURIComponent(text.toWellFormed());

  test.each([
    '',
    '/:id',
    '/:id/results',
    '/:id/results/0',
    '/:id/results/0/body',
    '/:id/explain',
    '/:id/webhooks',
  ])('of any parameters to GET /v1/batches%s', async (path) => {
    await assert(queries, (query) => call('GET', `/v1/batches${path.replace(':id', known.id)}?${query}`));
  });

  test('of any parameters to a submission by lines', async () => {
    const headers = { 'content-type': 'text/plain' };
    await assert(queries, (query) =>
      call('POST', `/v1/batches?${query}`, { body: 'https://example.com/', headers }),
    );
  });

  test('of anything at all', async () => {
    const rest = fc.array(anyOf('?|&|=|%|%zz|%00|%ff|%C0%AF|;|[|]|#|+|limit|1'), { maxLength: 12 });
    await assert(rest, (parts) => call('GET', `/v1/batches/${known.id}/results?${parts.join('')}`));
  });

  test('with a cursor of any kind, or of another batch, has results of this batch or is refused', async () => {
    const { json } = await call('GET', `/v1/batches/${known.other}/results?limit=7`);
    const cursors = fc.oneof(
      oddTexts,
      fc.nat().map(String),
      fc.maxSafeNat().map(String),
      fc.constantFrom(String(json.next), String(2 ** 53 - 1), String(2 ** 31), String(2 ** 32), '0'),
    );
    const orders = fc.constantFrom('', '&order=index', '&order=completion', '&format=ndjson', '&format=csv');
    await assert(fc.tuple(cursors, orders), async ([cursor, order]) => {
      const path = `/v1/batches/${known.id}/results?limit=50${order}&after=${escape(cursor)}`;
      const answer = await call('GET', path);
      expect([200, 400]).toContain(answer.status);
      if (answer.status === 400) return expect(answer.json.code).toBe('query_invalid');
      if (order.includes('format')) return;
      expect(answer.json.results.length).toBeLessThanOrEqual(total);
      for (const { body } of answer.json.results) expect(body?.href ?? known.id).toContain(known.id);
    });
  });
});

describe('a path', () => {
  const segments = fc.oneof(
    oddTexts.map((text) => encodeURIComponent(text.toWellFormed())),
    anyOf(
      '%|%zz|%00|%ff|%C0%AF|%2e%2e|..%2f..|%252e|.|..|results|batches|hosts|v1|requests|seal',
      'events|webhooks|https%3A%2F%2Fa|:id',
      'x'.repeat(5000),
    ),
  );
  const methods = anyOf('GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH');

  test('of any segments, by any method', async () => {
    const paths = fc.array(segments, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
    const prefixes = fc.constantFrom('', '/v1', '/v1/batches', '/v1/hosts', `/v1/batches/${known.id}x`);
    await assert(
      fc.tuple(methods, prefixes, paths),
      ([method, prefix, path]) => call(method, prefix + path),
      150,
    );
  });
});

describe('a message', () => {
  const post =
    'POST /v1/batches HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n';
  const smuggled = 'GET /v1/batches/smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
  const chunked = `0\r\n\r\n${smuggled}`;
  const get = 'GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';

  test.each([
    ['two lengths', `${post}Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`],
    ['a list of lengths', `${post}Content-Length: 0, ${smuggled.length}\r\n\r\n${smuggled}`],
    ['a length with a sign', `${post}Content-Length: +${smuggled.length}\r\n\r\n${smuggled}`],
    ['a length below zero', `${post}Content-Length: -1\r\n\r\n${smuggled}`],
    ['a length that overflows', `${post}Content-Length: 18446744073709551616\r\n\r\n${smuggled}`],
    ['a length and chunks', `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`],
    ['chunks said twice', `${post}Transfer-Encoding: chunked, chunked\r\n\r\n${chunked}`],
    ['chunks of another kind', `${post}Transfer-Encoding: xchunked\r\n\r\n${chunked}`],
    ['chunks and then identity', `${post}Transfer-Encoding: chunked, identity\r\n\r\n${chunked}`],
    ['chunks behind a vertical tab', `${post}Transfer-Encoding: \u000bchunked\r\n\r\n${chunked}`],
    ['a space before the colon', `${post}Transfer-Encoding : chunked\r\n\r\n${chunked}`],
    ['a folded field', `${post}X: a\r\n Transfer-Encoding: chunked\r\nY: b\r\n\r\n${chunked}`],
    ['a line end without its return', `${post}X: a\nTransfer-Encoding: chunked\r\n\r\n${chunked}`],
    [
      'a chunk with a huge size',
      `${post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n${smuggled}`,
    ],
    ['a chunk with a sign', `${post}Transfer-Encoding: chunked\r\n\r\n-1\r\n${smuggled}`],
    ['a field without a name', `${get}: x\r\n\r\n`],
    ['a field without a colon', `${get}nonsense\r\n\r\n`],
    ['a name with a control', `${get}X\u0001: x\r\n\r\n`],
    ['a value with NUL', `${get}X-Request-Id: a\0b\r\n\r\n`],
    ['a version nobody knows', 'GET /livez HTTP/9.9\r\nHost: a\r\n\r\n'],
    [
      'an absolute target elsewhere',
      'GET http://[::1/livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    ],
    ['a target of spaces', 'GET /live z HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a thousand fields', `${get}${'X: y\r\n'.repeat(1500)}\r\n`],
  ])('with %s is answered once, and never as two', async (_, message) => {
    const answer = await sendBytes(api.port(), message).closed;
    const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(statuses.length).toBeLessThanOrEqual(1);
    expect(answer).not.toContain('batch_not_found');
  });

  test('with any text in its fields', async () => {
    const names = anyOf(
      'accept|accept-encoding|if-none-match|if-range|range|last-event-id|x-request-id',
      'idempotency-key|content-type|authorization|origin|access-control-request-method',
    );
    const values = fc.oneof(
      fc.string({ maxLength: 60 }).map((text) => text.replaceAll(/[^\u0020-\u007e]/g, ' ')),
      anyOf(
        '*/*;q=x|a/b, c/d;q=0|;;|bytes=-|bytes=0-0,1-1|bytes=9999999999999999999-|"|W/|*',
        'gzip;q=2|identity;q=0, *;q=0|\u00e9|"\u00ff|0-end|-1-end',
        'x'.repeat(4000),
      ),
    );
    const paths = anyOf('|/results|/results/0|/results/0/body|/events?types=end|/explain');
    await assert(
      fc.tuple(names, values, paths),
      ([name, value, path]) =>
        call('GET', `/v1/batches/${known.id}${path}`, { headers: { [name]: value.trim() } }),
      150,
    );
  });
});

test('none of it was a fault of the service, and each line of its log is one', () => {
  const lines = api.log.map((line) => JSON.parse(line) as { level: number });
  expect(lines.filter(({ level }) => level >= 50)).toEqual([]);
  expect(api.log.filter((line) => line.trimEnd().includes('\n'))).toEqual([]);
});

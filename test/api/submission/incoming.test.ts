import { randomBytes } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { BatchId } from '../../../shared/batch.ts';
import { createKeys } from '../../../shared/keys.ts';
import type { SliceRequest } from '../../../shared/request.ts';
import { unpackSlice } from '../../../shared/slice.ts';
import { testApi, type Answer } from '../../support/api.ts';
import { sendBytes } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';

const api = testApi({ maxRequests: 20_000, maxStreamBytes: 4_000_000 });
const keys = createKeys(api.prefix);
const url = 'https://example.com/';
const ndjson = 'application/x-ndjson';

type Headers = Record<string, string>;
const post = (
  body: string | Buffer,
  type = ndjson,
  { query = '', headers = {} }: { query?: string; headers?: Headers } = {},
): Promise<Answer> =>
  api.call('POST', `/v1/batches${query}`, { body, headers: { 'content-type': type, ...headers } });

/** What is stored of a batch, by index. */
const stored = async (id: BatchId): Promise<SliceRequest[]> => {
  const slices = await api.redis.hvalsBuffer(keys.batch(id).slices);
  return slices.flatMap(unpackSlice).toSorted((a, b) => a.index - b.index);
};

const urlsOf = async (answer: Answer): Promise<string[]> =>
  (await stored(answer.json.id)).map((request) => request.url);

const linesFor = (count: number): string =>
  Array.from({ length: count }, (_, i) => `{"url":"https://h${i % 7}.example/${i}"}\n`).join('');

describe('a submission by lines', () => {
  test.each([
    ['without a line end at its end', `{"url":"${url}a"}\n"${url}b"`],
    ['with CRLF', `{"url":"${url}a"}\r\n{"url":"${url}b"}\r\n`],
    ['with blank lines', `\n{"url":"${url}a"}\n  \n\r\n{ "url": "${url}b" }\n\n`],
    ['with a byte order mark', `\ufeff{"url":"${url}a"}\n"${url}b"\n`],
  ])('of JSON is taken %s', async (_, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(202);
    expect(answer.headers['location']).toBe(`/v1/batches/${answer.json.id}`);
    expect(await urlsOf(answer)).toEqual([`${url}a`, `${url}b`]);
  });

  test.each([`${url}a\n${url}b\n`, `\ufeff\r\n${url}a\r\n\r\n${url}b`])(
    'of URLs is taken: %j',
    async (body) => {
      expect(await urlsOf(await post(body, 'text/plain; charset=utf-8'))).toEqual([`${url}a`, `${url}b`]);
    },
  );

  test.each(['application/ndjson', 'application/jsonl', 'Application/X-NDJSON'])(
    'may be %s',
    async (type) => {
      expect((await post(`"${url}"`, type)).status).toBe(202);
    },
  );

  test('keeps what each request says, in order, over several parts', async () => {
    const plain = linesFor(12_000);
    const rich = `{"id":"last","url":"${url}","method":"POST","json":{"a":1}}\n`;
    const answer = await post(plain + rich);
    expect(answer.json.counts).toMatchObject({ total: 12_001, pending: 12_001 });
    const requests = await stored(answer.json.id);
    expect(requests.map(({ index }) => index)).toEqual(Array.from({ length: 12_001 }, (_, i) => i));
    expect(requests[11_999]?.url).toBe('https://h1.example/11999');
    expect(requests.at(-1)).toMatchObject({ id: 'last', method: 'POST', bytesType: 'application/json' });
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['identity', (text: string) => Buffer.from(text)],
  ])('is taken in %s', async (coding, compress) => {
    const answer = await post(compress(linesFor(9000)), ndjson, { headers: { 'content-encoding': coding } });
    expect([answer.status, answer.json.counts?.total]).toEqual([202, 9000]);
  });

  test('is decompressed in many steps, each as soon as there is room', async () => {
    const noise =
      randomBytes(2_000_000)
        .toString('base64url')
        .match(/.{1,500}/g) ?? [];
    const body = noise.map((part) => `${url}${part}\n`).join('');
    const answer = await post(gzipSync(body), 'text/plain', { headers: { 'content-encoding': 'gzip' } });
    expect(await urlsOf(answer)).toEqual(noise.map((part) => `${url}${part}`));
  });

  test('takes the settings of the batch from the query', async () => {
    const query = new URLSearchParams({
      name: 'nightly',
      priority: '70',
      expiresIn: '60',
      retention: '120',
      metadata: '{"run":7}',
      perHost: '{"concurrency":2}',
      defaults: '{"method":"POST","json":{"a":1}}',
    });
    const answer = await post(`${url}a\n`, 'text/plain', { query: `?${query.toString()}` });
    expect(answer.json).toMatchObject({
      name: 'nightly',
      priority: 70,
      metadata: { run: 7 },
      perHost: { concurrency: 2 },
    });
    const batch = await api.batches.get(answer.json.id);
    expect(batch?.defaults).toMatchObject({ method: 'POST', bytesType: 'application/json' });
    expect((batch?.expiresAt ?? 0) - (batch?.createdAt ?? 0)).toBe(60_000);
  });

  test('takes exactly what the same requests in a JSON array would be', async () => {
    const odd = fc.oneof(
      fc.webUrl(),
      fc.constantFrom(url, 'http://10.0.0.1/', 'ftp://a/', `${url}?a="`, 'https://a.b:22/', '', `${url}\\`),
      fc.string(),
    );
    const request = fc.record(
      {
        url: odd,
        id: fc.string({ maxLength: 3 }),
        method: fc.constantFrom('GET', 'POST', 'x'),
        body: fc.string(),
      },
      { requiredKeys: ['url'] },
    );
    const value = fc.oneof(
      request,
      request,
      fc.jsonValue().filter((json) => typeof json !== 'string'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 4 }), async (requests) => {
        const lines = requests.map((each) => `${JSON.stringify(each)}\n`).join('');
        const byLines = await post(lines);
        const whole = await api.call('POST', '/v1/batches', { json: { requests } });
        expect(byLines.status).toBe(whole.status);
        if (whole.status === 202) {
          expect(await stored(byLines.json.id)).toEqual(await stored(whole.json.id));
        } else if (whole.json.code === 'body_invalid') {
          const inArray = ({
            pointer,
            line,
            message,
          }: {
            pointer: string;
            line: number;
            message: string;
          }): object => ({
            pointer: `/requests/${line - 1}${pointer}`,
            message,
          });
          expect(byLines.json.errors.map(inArray)).toEqual(whole.json.errors);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a submission by lines is refused', () => {
  test.each([
    ['cut', '{"url":"https://example.com/"}\n\n{"url":\n', 3],
    ['a bracket', `[\n{"url":"${url}"}\n]\n`, 1],
    ['a control', '\u0000\n', 1],
    ['of a URL that may not be', `"${url}"\n{"url":"ftp://a/"}`, 2],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 1],
    ['nested deep', `${'['.repeat(5000)}${']'.repeat(5000)}`, 1],
  ])('where a line is %s', async (_, body, line) => {
    const before = await api.call('GET', '/v1/batches?limit=1');
    const answer = await post(body);
    expect([answer.status, answer.json.code]).toEqual([400, 'body_invalid']);
    expect(answer.json.errors[0]).toEqual({ pointer: expect.any(String), line, message: expect.any(String) });
    expect((await api.call('GET', '/v1/batches?limit=1')).json).toEqual(before.json);
  });

  test('with every bad line told of, though the rest was saved already', async () => {
    const bad = Array.from({ length: 150 }, () => 'nonsense\n').join('');
    const before = await api.redis.keys(`${api.prefix}:{*`);
    const answer = await post(`${linesFor(11_000)}${bad}${linesFor(3000)}`);
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toHaveLength(100);
    expect(answer.json.moreErrors).toBe(50);
    expect(answer.json.errors[99].line).toBe(11_100);
    expect((await api.redis.keys(`${api.prefix}:{*`)).length).toBe(before.length);
  });

  test('where it is too large, with the limit', async () => {
    const answers = [
      await post(`"${'x'.repeat(1_100_000)}"`),
      await post(linesFor(20_001)),
      await post(`${url}\n`.repeat(200_001), 'text/plain'),
      await post(gzipSync('\n'.repeat(4_000_001)), ndjson, { headers: { 'content-encoding': 'gzip' } }),
    ];
    expect(answers.map(({ status, json }) => [status, json.code, json.limit])).toEqual([
      [413, 'line_too_large', 1_048_576],
      [413, 'too_many_requests_in_batch', 20_000],
      [413, 'body_too_large', 4_000_000],
      [413, 'body_too_large', 4_000_000],
    ]);
    expect(answers[0]?.json).toMatchObject({ line: 1, errors: [{ pointer: '', line: 1 }] });
  });

  test('before a byte of it is read, where its length says that it is too large', async () => {
    const { closed, socket } = sendBytes(
      api.port(),
      `POST /v1/batches HTTP/1.1\r\nHost: a\r\nContent-Type: ${ndjson}\r\nContent-Length: 4000001\r\nExpect: 100-continue\r\n\r\n`,
    );
    expect(await closed).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test.each([
    ['', ndjson, {}],
    ['\n\r\n', 'text/plain', {}],
  ])('where there is nothing in it: %j', async (body, type) => {
    const answer = await post(body, type);
    expect([answer.status, answer.json.code]).toEqual([400, 'body_invalid']);
    expect(answer.json.errors).toEqual([{ pointer: '', message: expect.stringContaining('at least one') }]);
  });

  test.each([
    ['compressed otherwise than it says', 'gzip', Buffer.from('no'), 400, 'body_invalid_encoding'],
    [
      'cut in its compression',
      'gzip',
      gzipSync(linesFor(2000)).subarray(0, 500),
      400,
      'body_invalid_encoding',
    ],
    ['in a coding that is not known', 'compress', Buffer.from('x'), 415, 'unsupported_encoding'],
    ['coded twice', 'gzip, gzip', gzipSync(gzipSync('x')), 415, 'unsupported_encoding'],
  ])('where it is %s', async (_, coding, body, status, code) => {
    const answer = await post(body, ndjson, { headers: { 'content-encoding': coding } });
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  });

  test.each([
    ['?priority=101', { parameter: 'priority' }],
    ['?priority=high', { parameter: 'priority' }],
    ['?defaults={"timeoutMs":0}', { parameter: 'defaults', pointer: '/timeoutMs' }],
    ['?defaults={', { parameter: 'defaults' }],
    ['?perHost={"x":1}', { parameter: 'perHost', pointer: '/x' }],
    ['?metadata=[]', { parameter: 'metadata' }],
    ['?name=', { parameter: 'name' }],
    ['?onInvalid=ignore', { parameter: 'onInvalid' }],
    ['?urls=x', { parameter: 'urls' }],
  ])('where its query is %s', async (query, error) => {
    const answer = await post(`"${url}"`, ndjson, { query });
    expect([answer.status, answer.json.code]).toEqual([400, 'query_invalid']);
    expect(answer.json.errors).toEqual([{ ...error, message: expect.any(String) }]);
  });

  test('where JSON has its settings in the query', async () => {
    const answer = await api.call('POST', '/v1/batches?priority=1', { json: { urls: [url] } });
    expect([answer.status, answer.json.code]).toEqual([400, 'query_invalid']);
  });

  test('where its type is none that is taken, which are told', async () => {
    const answer = await post(`"${url}"`, 'text/csv');
    expect(answer.status).toBe(415);
    expect(answer.headers['accept-post']).toBe('application/json, application/x-ndjson, text/plain');
    expect((await post(url, 'text/plain; charset=utf-16')).json.code).toBe('unsupported_charset');
  });

  test('and the connection goes on where the rest is sent all the same', async () => {
    const body = `${'x'.repeat(1_100_000)}\n${linesFor(5000)}`;
    const head = `POST /v1/batches HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`;
    const { socket, received } = sendBytes(
      api.port(),
      head + body + 'GET /livez HTTP/1.1\r\nHost: a\r\n\r\n',
    );
    await waitFor(() => received().includes('"status":"ok"'));
    expect(received()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });
});

describe('with onInvalid=fail', () => {
  test('a line that is no request is one that fails, and the others are taken', async () => {
    const lines = [
      `{"url":"${url}a"}`,
      'nonsense',
      '{"id":"b","url":"ftp://x/","timeoutMs":0}',
      'y'.repeat(1_048_577),
      `"${url}c"`,
    ];
    const answer = await post(lines.join('\n'), ndjson, { query: '?onInvalid=fail' });
    expect([answer.status, answer.json.counts?.total]).toEqual([202, 5]);
    expect(await stored(answer.json.id)).toEqual([
      { index: 0, url: `${url}a` },
      { index: 1, url: 'nonsense', refusal: expect.stringContaining('not valid JSON') },
      { index: 2, id: 'b', url: 'ftp://x/', refusal: expect.stringMatching(/^\/url: .*; \/timeoutMs: /) },
      { index: 3, url: '', refusal: 'the line is larger than 1048576 bytes' },
      { index: 4, url: `${url}c` },
    ]);
  });

  test('the same holds for JSON', async () => {
    const json = { urls: [url, 'line\nbreak', 5], onInvalid: 'fail' };
    const answer = await api.call('POST', '/v1/batches', { json });
    expect(await stored(answer.json.id)).toMatchObject([
      { url },
      { url: 'line%0Abreak' },
      { url: '', index: 2 },
    ]);
    const refused = await api.call('POST', '/v1/batches', { json: { ...json, name: '' } });
    expect([refused.status, refused.json.errors[0].pointer]).toEqual([400, '/name']);
  });
});

describe('with dedupe', () => {
  test.each([10, 7000])('of %d requests twice each is taken once, and the others counted', async (count) => {
    const answer = await post(linesFor(count) + linesFor(count), ndjson, { query: '?dedupe=true' });
    expect(answer.json).toMatchObject({ counts: { total: count }, duplicates: count });
    expect(new Set(await urlsOf(answer)).size).toBe(count);
    expect((await api.call('GET', `/v1/batches/${answer.json.id}`)).json.duplicates).toBe(count);
  });

  test('an open batch is refused', async () => {
    const answer = await api.call('POST', '/v1/batches', { json: { open: true, dedupe: true } });
    expect(answer.json.errors[0].pointer).toBe('/dedupe');
  });
});

describe('a client that goes away', () => {
  test('leaves nothing behind', async () => {
    const before = (await api.redis.keys(`${api.prefix}:{*`)).length;
    const { socket } = sendBytes(
      api.port(),
      `POST /v1/batches HTTP/1.1\r\nHost: a\r\nContent-Type: ${ndjson}\r\nContent-Length: 3999999\r\n\r\n${linesFor(13_000)}`,
    );
    await waitFor(async () => (await api.redis.keys(`${api.prefix}:{*`)).length > before);
    socket.destroy();
    await waitFor(async () => (await api.redis.keys(`${api.prefix}:{*`)).length === before);
    expect(api.log.filter((line) => line.includes('"level":50'))).toEqual([]);
  });
});

describe('a submission by lines with an Idempotency-Key', () => {
  const send = (key: string, body: string | Buffer, headers: Headers = {}): Promise<Answer> =>
    post(body, ndjson, { headers: { 'idempotency-key': key, ...headers } });

  test.each([3, 12_000])('of %d lines makes one batch, however it is sent again', async (count) => {
    const key = `again-${count}`;
    const first = await send(key, linesFor(count));
    const zipped = await send(key, gzipSync(linesFor(count)), { 'content-encoding': 'gzip' });
    expect([first.status, first.headers['idempotency-replayed']]).toEqual([202, undefined]);
    expect([zipped.status, zipped.headers['idempotency-replayed']]).toEqual([202, 'true']);
    expect(zipped.json.id).toBe(first.json.id);
  });

  test.each([3, 12_000])('of %d lines is refused where it is another', async (count) => {
    const key = `other-${count}`;
    await send(key, linesFor(count));
    const answers = [
      await send(key, linesFor(count + 1)),
      await post(linesFor(count), ndjson, { query: '?priority=1', headers: { 'idempotency-key': key } }),
      await post(linesFor(count), 'application/jsonl', { headers: { 'idempotency-key': key } }),
    ];
    for (const { status, json } of answers)
      expect([status, json.code]).toEqual([422, 'idempotency_key_reused']);
  });

  test('at the same time as the same makes one batch', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => send('at-once', linesFor(11_000))));
    const made = answers.filter(({ status }) => status === 202);
    expect(new Set(made.map(({ json }) => json.id)).size).toBe(1);
    expect(answers.filter(({ status }) => ![202, 409].includes(status))).toEqual([]);
  });

  test('keeps its key while it is still coming, however slowly', async () => {
    const body = linesFor(12_000);
    const head = `POST /v1/batches HTTP/1.1\r\nHost: a\r\nContent-Type: ${ndjson}\r\nIdempotency-Key: slow\r\nContent-Length: ${body.length}\r\n\r\n`;
    const { socket, received } = sendBytes(api.port(), head + body.slice(0, -100));
    const name = keys.idempotency('default', 'slow');
    await waitFor(async () => (await api.redis.exists(name)) === 1);
    // As if nothing had come for as long as a writer may take.
    const until = Number(await api.redis.hget(name, 'until'));
    await waitFor(async () => Number(await api.redis.hget(name, 'until')) > until, { timeoutMs: 10_000 });
    expect((await send('slow', body)).json.code).toBe('idempotency_key_in_use');
    socket.write(body.slice(-100));
    await waitFor(() => received().includes('\r\n\r\n'));
    expect(received()).toMatch(/^HTTP\/1\.1 202 /);
    expect((await send('slow', body)).headers['idempotency-replayed']).toBe('true');
    socket.destroy();
  });

  test('that was refused leaves its key free', async () => {
    expect((await send('free', 'nonsense')).status).toBe(400);
    expect((await send('free', linesFor(1))).status).toBe(202);
  });
});

describe('a template', () => {
  const template = {
    url: 'https://api.example/?page={page}&key={key}',
    vars: { page: '1..4000', key: ['a', 'b'] },
  };
  const send = (json: object): Promise<Answer> => api.call('POST', '/v1/batches', { json });

  test('makes the requests of a batch', async () => {
    const answer = await send({ template, name: 'pages' });
    expect([answer.status, answer.json.counts.total]).toEqual([202, 8000]);
    const all = await urlsOf(answer);
    expect([all[0], all[7999]]).toEqual([
      'https://api.example/?page=1&key=a',
      'https://api.example/?page=4000&key=b',
    ]);
  });

  test('is counted before a request is made', async () => {
    const answer = await send({
      template: { ...template, vars: { page: '1..900000000', key: '1..900000000' } },
    });
    expect([answer.status, answer.json.code, answer.json.limit]).toEqual([
      413,
      'too_many_requests_in_batch',
      20_000,
    ]);
    expect(answer.json.detail).toContain('810000000000000000 requests');
  });

  test('whose requests are not valid is refused, or has them fail', async () => {
    const bad = { template: { url: 'https://{host}/', vars: { host: ['a.example', '10.0.0.1'] } } };
    const answer = await send(bad);
    expect([answer.status, answer.json.errors]).toEqual([
      400,
      [{ pointer: '/template/url', message: expect.stringContaining('10.0.0.1') }],
    ]);
    expect((await send({ ...bad, onInvalid: 'fail' })).json.counts.total).toBe(2);
    expect((await send({ template, urls: [url] })).json.errors[0].pointer).toBe('/template');
  });
});

test('none of it was a fault of the service', () => {
  expect(api.log.filter((line) => line.includes('"level":50'))).toEqual([]);
});

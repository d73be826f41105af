import { describe, expect, test } from '@jest/globals';
import type { BatchId } from '../../shared/batch.ts';
import { createKeys } from '../../shared/keys.ts';
import { unpackSlice } from '../../shared/slice.ts';
import { storedResult, testApi, type Answer } from '../support/api.ts';
import { sendBytes } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const anna = { name: 'anna', key: 'a'.repeat(16) };
const ben = { name: 'ben', key: 'b'.repeat(16) };
const api = testApi({ keys: [anna, ben], maxRequests: 20_000 });
const keys = createKeys(api.prefix);
const ndjson = 'application/x-ndjson';

type Headers = Record<string, string>;
const call = (method: string, path: string, more: object = {}, headers: Headers = {}): Promise<Answer> =>
  api.call(method, path, { ...more, headers: { authorization: `Bearer ${anna.key}`, ...headers } });

const open = async (more: object = {}): Promise<BatchId> => {
  const { status, json } = await call('POST', '/v1/batches', { json: { open: true, ...more } });
  expect([status, json.status]).toEqual([202, 'open']);
  return json.id;
};

const append = (id: string, body: string, query = '', headers: Headers = {}): Promise<Answer> =>
  call('POST', `/v1/batches/${id}/requests${query}`, { body }, { 'content-type': ndjson, ...headers });
const seal = (id: string): Promise<Answer> => call('POST', `/v1/batches/${id}/seal`);
const read = async (id: string): Promise<Answer['json']> => (await call('GET', `/v1/batches/${id}`)).json;

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `"https://h${i % 3}.example/${from + i}"\n`).join('');

/** Every URL that is stored, and every slice that is on the queue. */
const storedUrls = async (id: BatchId): Promise<string[]> => {
  const slices = await api.redis.hvalsBuffer(keys.batch(id).slices);
  const requests = slices.flatMap(unpackSlice).toSorted((a, b) => a.index - b.index);
  expect(requests.map(({ index }) => index)).toEqual(requests.map((_, at) => at));
  return requests.map(({ url }) => new URL(url).pathname);
};
const queued = async (id: BatchId): Promise<number> => {
  const jobs = await api.redis.zrange(`${api.prefix}:slices:prioritized`, '0', '-1');
  return jobs.filter((job) => job.startsWith(id)).length;
};
const upTo = (count: number): string[] => Array.from({ length: count }, (_, i) => `/${i}`);

/** As a worker would. */
const finish = async (id: BatchId, from: number, to: number): Promise<void> => {
  const slices = await api.redis.hgetallBuffer(keys.batch(id).slices);
  for (const [slice, packed] of Object.entries(slices)) {
    const due = unpackSlice(packed).filter(({ index }) => index >= from && index < to);
    if (due.length > 0)
      await api.results.record(
        id,
        due.map(({ index, url }) => storedResult(index, { url, slice: Number(slice) })),
      );
  }
};

describe('an open batch', () => {
  test('takes appends that run at once, and ends when it is sealed and all are done', async () => {
    const id = await open();
    expect((await read(id)).counts.total).toBe(0);
    const first = await append(id, lines(0, 150));
    expect([first.status, first.json]).toEqual([202, { accepted: 150, deduplicated: 0, total: 150 }]);
    await waitFor(async () => (await queued(id)) === 2);
    await finish(id, 0, 150);
    expect(await read(id)).toMatchObject({ status: 'open', endedAt: null, counts: { succeeded: 150 } });
    expect((await append(id, lines(150, 160))).json).toEqual({ accepted: 10, deduplicated: 0, total: 160 });
    await waitFor(async () => (await queued(id)) === 3);
    expect(await storedUrls(id)).toEqual(upTo(160));
    const sealed = await seal(id);
    expect([sealed.status, sealed.json.status, sealed.json.counts.pending]).toEqual([200, 'queued', 10]);
    await finish(id, 150, 160);
    expect((await read(id)).status).toBe('completed');
  });

  test('whose requests are all done ends as it is sealed, also where there is none', async () => {
    const [empty, done] = [await open(), await open({ urls: ['https://example.com/'] })];
    await finish(done, 0, 1);
    for (const id of [empty, done]) {
      const waiting = call('GET', `/v1/batches/${id}?wait=20`);
      expect((await seal(id)).json).toMatchObject({ status: 'completed', progress: 1 });
      expect((await waiting).json.status).toBe('completed');
      expect((await seal(id)).json.status).toBe('completed');
    }
  });

  test('may come by lines, and take JSON', async () => {
    const made = await call(
      'POST',
      '/v1/batches?open=true',
      { body: lines(0, 3) },
      { 'content-type': ndjson },
    );
    expect(made.json).toMatchObject({
      status: 'open',
      counts: { total: 3 },
      links: { seal: expect.any(String) },
    });
    const json = { requests: [{ url: 'https://a.example/3', method: 'HEAD' }] };
    expect((await call('POST', made.json.links.requests, { json })).json.total).toBe(4);
    const none = await call('POST', '/v1/batches?open=true', { body: '' }, { 'content-type': ndjson });
    expect(none.json.counts.total).toBe(0);
    expect(await storedUrls(made.json.id)).toEqual(upTo(4));
  });

  test('takes an append of many parts as a whole', async () => {
    const id = await open();
    const answer = await append(id, lines(0, 12_000));
    expect(answer.json).toEqual({ accepted: 12_000, deduplicated: 0, total: 12_000 });
    expect(await storedUrls(id)).toEqual(upTo(12_000));
    const slices = await api.redis.hlen(keys.batch(id).slices);
    await waitFor(async () => (await queued(id)) === slices);
    expect(await api.redis.exists(keys.batch(id).appended)).toBe(0);
    await waitFor(async () => (await api.redis.zscore(keys.outbox, id)) === null);
  });

  test('can be cancelled, and expires, with what it has', async () => {
    const id = await open({ expiresIn: 1 });
    await append(id, lines(0, 2));
    await waitFor(async () => (await api.batches.closeExpired(), (await read(id)).status === 'expired'));
    expect((await read(id)).counts).toMatchObject({ total: 2, expired: 2 });
    for (const answer of [await append(id, lines(2, 3)), await seal(id)]) {
      expect([answer.status, answer.json.code]).toEqual([409, 'batch_closed']);
    }
    expect(answer404(await append('bat_01930000-0000-7000-8000-000000000000', lines(0, 1)))).toBe(true);
  });
});

const answer404 = ({ status, json }: Answer): boolean => status === 404 && json.code === 'batch_not_found';

describe('an append sent again', () => {
  test('adds nothing', async () => {
    const id = await open();
    for (const accepted of [7000, 0]) {
      const { json } = await append(id, lines(0, 7000));
      expect(json).toEqual({ accepted, deduplicated: 7000 - accepted, total: 7000 });
    }
    await append(id, lines(7000, 7001));
    expect((await append(id, lines(0, 7000))).json).toEqual({ accepted: 0, deduplicated: 7000, total: 7001 });
    expect(await storedUrls(id)).toEqual(upTo(7001));
  });

  test('with its offset adds what is not there yet, also where it is the same as another', async () => {
    const id = await open();
    await append(id, lines(0, 10), '?offset=0');
    expect((await append(id, lines(0, 15), '?offset=0')).json).toEqual({
      accepted: 5,
      deduplicated: 10,
      total: 15,
    });
    expect((await append(id, lines(12, 14), '?offset=12')).json).toEqual({
      accepted: 0,
      deduplicated: 2,
      total: 15,
    });
    expect((await append(id, lines(0, 2), '?offset=15')).json).toEqual({
      accepted: 2,
      deduplicated: 0,
      total: 17,
    });
    const ahead = await append(id, lines(0, 2), '?offset=18');
    expect([ahead.status, ahead.json.code, ahead.json.total]).toEqual([409, 'append_ahead', 17]);
    expect(await storedUrls(id)).toEqual([...upTo(15), '/0', '/1']);
  });

  test('under its Idempotency-Key adds nothing, and is refused where it is another', async () => {
    const id = await open();
    const send = (key: string, to: number): Promise<Answer> =>
      append(id, lines(0, to), '', { 'idempotency-key': key });
    expect((await send('a', 3)).json.accepted).toBe(3);
    expect((await send('a', 3)).json).toEqual({ accepted: 0, deduplicated: 3, total: 3 });
    expect((await send('b', 3)).json.accepted).toBe(3);
    const other = await send('a', 4);
    expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await read(id)).counts.total).toBe(6);
  });
});

describe('an append is refused', () => {
  test('as a whole where one of its lines is not valid, and leaves nothing behind', async () => {
    const id = await open();
    await append(id, lines(0, 5));
    const before = (await api.redis.keys(`${api.prefix}:{*`)).length;
    const answer = await append(id, `${lines(5, 11_000)}nonsense\n`);
    expect([answer.status, answer.json.errors[0].line]).toEqual([400, 10_996]);
    expect(await storedUrls(id)).toEqual(upTo(5));
    expect((await api.redis.keys(`${api.prefix}:{*`)).length).toBe(before);
    const failing = await append(id, `${lines(5, 6)}nonsense\n`, '?onInvalid=fail');
    expect(failing.json).toEqual({ accepted: 2, deduplicated: 0, total: 7 });
  });

  test('where its client goes away', async () => {
    const id = await open();
    const body = lines(0, 12_000);
    const head = `POST /v1/batches/${id}/requests HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${anna.key}\r\nContent-Type: ${ndjson}\r\nContent-Length: ${body.length}\r\n\r\n`;
    const { socket } = sendBytes(api.port(), head + body.slice(0, -9));
    await waitFor(async () => (await api.redis.exists(keys.batch(id).appended)) === 1);
    const second = await append(id, lines(0, 1));
    expect([second.status, second.json.code, second.headers['retry-after']]).toEqual([
      409,
      'append_in_progress',
      '1',
    ]);
    expect((await seal(id)).json.code).toBe('append_in_progress');
    socket.destroy();
    await waitFor(async () => (await append(id, lines(0, 1))).status === 202);
    expect(await storedUrls(id)).toEqual(upTo(1));
  });

  test('where the batch would have too many requests', async () => {
    const id = await open({ urls: ['https://a.example/0'] });
    const json = { urls: Array(20_000).fill('https://a.example/') };
    for (const answer of [
      await append(id, lines(0, 20_000)),
      await call('POST', `/v1/batches/${id}/requests`, { json }),
    ]) {
      expect([answer.status, answer.json.limit]).toEqual([413, 20_000]);
    }
  });

  test('where the batch is not open, or is another’s', async () => {
    const closed = await call('POST', '/v1/batches', { json: { urls: ['https://a.example/'] } });
    const opened = await open();
    await seal(await open());
    expect((await append(closed.json.id, lines(0, 1))).json.code).toBe('batch_sealed');
    for (const path of ['requests', 'seal']) {
      const more = {
        body: lines(0, 1),
        headers: { 'content-type': ndjson, authorization: `Bearer ${ben.key}` },
      };
      expect((await api.call('POST', `/v1/batches/${opened}/${path}`, more)).status).toBe(404);
    }
  });

  test.each([
    ['/requests?offset=-1', '"https://a/"', 400, 'query_invalid'],
    ['/requests?priority=1', '"https://a/"', 400, 'query_invalid'],
    ['/seal?now', '', 400, 'query_invalid'],
    ['/requests', '', 400, 'body_invalid'],
  ])('at %s with %j', async (path, body, status, code) => {
    const answer = await call(
      'POST',
      `/v1/batches/${await open()}${path}`,
      { body },
      { 'content-type': ndjson },
    );
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  });

  test('with fields of the batch', async () => {
    const json = { urls: ['https://a/'], name: 'x' };
    const answer = await call('POST', `/v1/batches/${await open()}/requests`, { json });
    expect(answer.json.errors).toEqual([{ pointer: '/name', message: expect.any(String) }]);
  });
});

test('paused it goes on with all that it has when it is resumed', async () => {
  const id = await open({ urls: ['https://a.example/0'] });
  await call('POST', `/v1/batches/${id}/pause`);
  await append(id, lines(1, 3));
  expect((await read(id)).status).toBe('paused');
  await call('POST', `/v1/batches/${id}/resume`);
  expect((await read(id)).status).toBe('open');
  await waitFor(async () => (await api.redis.zscore(keys.outbox, id)) === null);
  await append(id, lines(3, 4));
  await waitFor(async () => (await queued(id)) === 4); // one of the former generation
  await finish(id, 0, 4);
  expect((await seal(id)).json.status).toBe('completed');
});

test('none of it was a fault of the service', () => {
  expect(api.log.filter((line) => line.includes('"level":50'))).toEqual([]);
});

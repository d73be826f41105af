import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { testApi, type Answer } from '../../support/api.ts';
import { sendBytes } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';

const maxBytes = 1_000_000;
const api = testApi({ maxBytes });
const text = '{"urls":["https://example.com/"]}';

const post = (body: string | Buffer, headers: Record<string, string>): Promise<Answer> =>
  api.call('POST', '/v1/batches', { body, headers: { 'content-type': 'application/json', ...headers } });

test.each([
  ['gzip', gzipSync(text)],
  ['deflate', deflateSync(text)],
  ['br', brotliCompressSync(text)],
  ['identity', Buffer.from(text)],
])('takes a body in %s', async (coding, body) => {
  expect((await post(body, { 'content-encoding': coding })).status).toBe(202);
});

test.each(['application/json; charset=UTF-8', 'Application/JSON;charset="utf-8"', 'application/json; v=1'])(
  'takes %s',
  async (type) => {
    expect((await post(text, { 'content-type': type })).status).toBe(202);
  },
);

test('says the limit to who sends more, announced or not, plain or compressed', async () => {
  const long = `{"urls":["${'x'.repeat(maxBytes)}"]}`;
  const answers = [
    await post(long, {}),
    await post(gzipSync(long), { 'content-encoding': 'gzip' }),
    await post(long, { 'transfer-encoding': 'chunked' }).catch(() => undefined),
  ];
  for (const answer of answers.slice(0, 2)) {
    expect([answer?.status, answer?.json.limit]).toEqual([413, maxBytes]);
    expect(answer?.json.detail).toContain('1000000 bytes');
  }
});

test('accepts nothing of a body that is cut short', async () => {
  const before = await api.call('GET', '/v1/batches?limit=1');
  const { socket } = sendBytes(
    api.port(),
    `POST /v1/batches HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n${text}`,
  );
  await waitFor(() => socket.bytesWritten > 0);
  socket.end();
  await api.call('GET', '/livez');
  expect((await api.call('GET', '/v1/batches?limit=1')).json).toEqual(before.json);
  expect(api.log.filter((line) => line.includes('"level":50'))).toEqual([]);
});

test('refuses a missing body', async () => {
  const answer = await api.call('POST', '/v1/batches', { headers: { 'content-type': 'application/json' } });
  expect([answer.status, answer.json.detail]).toEqual([400, 'the body is empty']);
});

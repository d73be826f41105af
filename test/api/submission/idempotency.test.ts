import { expect, test } from '@jest/globals';
import { newBatchId, type BatchId } from '../../../shared/batch.ts';
import { createKeys } from '../../../shared/keys.ts';
import { storedResult, testApi, type Answer, type CallOptions } from '../../support/api.ts';

const key = { name: 'anna', key: 'a'.repeat(16) };
const other = { name: 'ben', key: 'b'.repeat(16) };
const api = testApi({ keys: [key, other], maxRequests: 30_000 });
const keys = createKeys(api.prefix);

type Sent = { readonly idempotencyKey?: string | string[]; readonly by?: typeof key } & CallOptions;

const post = ({ idempotencyKey, by = key, headers, ...options }: Sent): Promise<Answer> =>
  api.call('POST', '/v1/batches', {
    ...(options.body === undefined && { json: { urls: ['https://example.com/'] } }),
    ...options,
    headers: {
      authorization: `Bearer ${by.key}`,
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      ...headers,
    },
  });

const many = { urls: Array.from({ length: 12_000 }, (_, i) => `https://example.com/${i}`) };
const newKey = (): string => newBatchId();

/** Every batch there is of these answers, from the list of their owner. */
const made = async (answers: readonly Answer[], owner = key.name): Promise<BatchId[]> => {
  const ids = new Set(answers.map(({ json }) => json.id));
  const page = await api.batches.list({ owner, limit: 1000 });
  return page.batches.map(({ id }) => id).filter((id) => ids.has(id));
};

test('the same submission sent again is answered with the batch that it made, as it is now', async () => {
  const sent = { idempotencyKey: newKey(), json: { urls: ['https://example.com/'], name: 'once' } };
  const first = await post(sent);
  expect([first.status, first.headers['idempotency-replayed']]).toEqual([202, undefined]);
  await api.results.record(first.json.id, [storedResult(0)]);
  const again = await post(sent);
  expect(again.status).toBe(202);
  expect(again.headers).toMatchObject({
    'idempotency-replayed': 'true',
    location: first.headers['location'],
  });
  expect(again.json).toMatchObject({ id: first.json.id, name: 'once', status: 'completed' });
});

test('another body, or another content type, under the same key is refused', async () => {
  const idempotencyKey = newKey();
  const body = '{"urls":["https://example.com/"]}';
  const headers = { 'content-type': 'application/json' };
  expect((await post({ idempotencyKey, body, headers })).status).toBe(202);
  for (const changed of [
    { body: `${body} `, headers },
    { body, headers: { 'content-type': 'application/json; charset=utf-8' } },
  ]) {
    const answer = await post({ idempotencyKey, ...changed });
    expect([answer.status, answer.json.code]).toEqual([422, 'idempotency_key_reused']);
  }
});

test('a key is its owner’s, and one without a key makes a batch each time', async () => {
  const idempotencyKey = newKey();
  const answers = [
    await post({ idempotencyKey }),
    await post({ idempotencyKey, by: other }),
    await post({}),
    await post({}),
  ];
  expect(new Set(answers.map(({ json }) => json.id)).size).toBe(4);
  expect(answers.filter(({ headers }) => headers['idempotency-replayed'] !== undefined)).toEqual([]);
});

test.each(['small', 'large'])('of many %s ones at a time one makes the batch', async (size) => {
  const sent = { idempotencyKey: newKey(), ...(size === 'large' && { json: many }) };
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(sent)));
  const accepted = answers.filter(({ status }) => status === 202);
  expect(accepted.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
  expect(accepted).toHaveLength(answers.length);
  expect(await made(accepted)).toHaveLength(1);
  expect((await post(sent)).json.id).toBe(accepted[0]?.json.id);
});

test('where the API died while it wrote, the next one writes the batch', async () => {
  const idempotencyKey = newKey();
  const dead = await crashWhileWriting(idempotencyKey);
  // It is known to be dead half a second from now, and the next one waits for that.
  await moveLease(idempotencyKey, -4500);
  const answer = await post({ idempotencyKey, json: many });
  expect([answer.status, answer.headers['idempotency-replayed']]).toEqual([202, undefined]);
  expect(answer.json.counts.total).toBe(12_000);
  const page = await api.batches.list({ owner: key.name, limit: 1000 });
  expect(page.batches.map(({ id }) => id)).not.toContain(dead);
});

test('a writer that is at work for longer than a dead one could seem to be is not waited for', async () => {
  const idempotencyKey = newKey();
  await crashWhileWriting(idempotencyKey);
  await moveLease(idempotencyKey, 60_000);
  const answer = await post({ idempotencyKey, json: many });
  expect([answer.status, answer.json.code]).toEqual([409, 'idempotency_key_in_use']);
  expect(answer.headers['retry-after']).toBe('1');
});

test('a key whose batch was deleted makes no other', async () => {
  const sent = { idempotencyKey: newKey() };
  const { json } = await post(sent);
  await api.results.record(json.id, [storedResult(0)]);
  const headers = { authorization: `Bearer ${key.key}` };
  expect((await api.call('DELETE', `/v1/batches/${json.id}`, { headers })).status).toBe(204);
  const again = await post(sent);
  expect([again.status, again.json.code]).toEqual([410, 'batch_gone']);
});

test('a submission that was refused leaves its key free', async () => {
  const idempotencyKey = newKey();
  expect((await post({ idempotencyKey, json: { urls: ['nonsense'] } })).status).toBe(400);
  expect((await post({ idempotencyKey })).status).toBe(202);
});

test.each([
  ['as a string', '"abc"', 'abc'],
  ['with escapes', '"a\\"b\\\\"', 'a"b\\'],
  ['bare', 'a/b=c"d', 'a/b=c"d'],
  ['as long as may be', 'x'.repeat(255), 'x'.repeat(255)],
])('takes a key %s', async (_, field, name) => {
  expect((await post({ idempotencyKey: field })).status).toBe(202);
  expect(await api.redis.exists(keys.idempotency('anna', name))).toBe(1);
});

test.each([
  ['empty', ''],
  ['empty in quotes', '""'],
  ['too long', 'x'.repeat(256)],
  ['with a space', 'a b'],
  ['with a tab', 'a\tb'],
  ['not ASCII', 'é'],
  ['without its closing quote', '"abc'],
  ['with a parameter', '"abc";a=1'],
  ['sent twice', ['a', 'b']],
  ['sent twice, the same', ['a', 'a']],
])('refuses a key %s', async (_, idempotencyKey) => {
  const answer = await post({ idempotencyKey });
  expect([answer.status, answer.json.code]).toEqual([400, 'idempotency_key_invalid']);
});

/** Begins as the API would, and goes no further. Returns the id of the batch that never was. */
const crashWhileWriting = async (idempotencyKey: string): Promise<BatchId> => {
  const answer = await post({ idempotencyKey, json: many });
  const name = keys.idempotency(key.name, idempotencyKey);
  const { fingerprint = '' } = await api.redis.hgetall(name);
  await api.redis.del(name);
  await api.batches.close(answer.json.id, 'cancelled');
  await api.batches.remove(answer.json.id, key.name);
  const [id, options] = [newBatchId(), { defaults: {}, priority: 50 }];
  const batch = { id, owner: key.name, ...options, expiresInSeconds: 60, retentionSeconds: 60 };
  await api.batches.begin(batch, { owner: key.name, key: idempotencyKey, fingerprint });
  return id;
};

/** Its writer is taken for dead so much later. */
const moveLease = async (idempotencyKey: string, byMs: number): Promise<void> => {
  await api.redis.hincrby(keys.idempotency(key.name, idempotencyKey), 'until', byMs);
};

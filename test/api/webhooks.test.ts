import { expect, test } from '@jest/globals';
import { createKeys } from '../../shared/keys.ts';
import { createDeliveryStore } from '../../shared/webhook-delivery-store.ts';
import { storedResult, testApi } from '../support/api.ts';

const key = 'k'.repeat(32);
const api = testApi();
const guarded = testApi({ keys: [{ name: 'alice', key }] });
const url = 'https://example.com/';
const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const webhook = { url: 'https://example.com/hook?token=t', secret, headers: { 'X-Token': 'hidden' } };
const unknown = 'bat_01930000-0000-7000-8000-000000000000';

test('a batch says where to read of its webhook, and neither shows what is secret', async () => {
  const submitted = await api.call('POST', '/v1/batches', { json: { urls: [url], webhook } });
  expect(submitted.status).toBe(202);
  const { id, links } = submitted.json;
  expect(links.webhooks).toBe(`/v1/batches/${id}/webhooks`);
  const answer = await api.call('GET', links.webhooks);
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({
    webhook: {
      url: webhook.url,
      events: ['batch.completed', 'batch.cancelled', 'batch.expired'],
      progressPercent: null,
      isGone: false,
    },
    events: [],
    next: null,
  });
  const shown = submitted.text + answer.text + api.log.join('');
  expect(shown).not.toMatch(/whsec_|hidden/);
});

test('a batch without a webhook has none to read of', async () => {
  const id = await api.submit([url]);
  expect((await api.call('GET', `/v1/batches/${id}`)).json.links).not.toHaveProperty('webhooks');
  const { json } = await api.call('GET', `/v1/batches/${id}/webhooks`);
  expect(json).toEqual({ webhook: null, events: [], next: null });
});

test('lists events page by page, and sends one again', async () => {
  const id = await api.submit([url], { webhook });
  const keys = createKeys(api.prefix);
  await api.results.record(id, [storedResult(0)]);
  const fields = ['2', '["batch.completed",5,0,[1,0,1,0,0,0]]', '2:status', 'delivered'];
  await api.redis.hset(keys.batch(id).webhooks, ...fields);
  await api.redis.hset(keys.batch(id).meta, 'webhookCount', 2);
  const first = (await api.call('GET', `/v1/batches/${id}/webhooks?limit=1`)).json;
  expect(first.events).toMatchObject([{ id: first.next, type: 'batch.completed', status: 'pending' }]);
  const second = (await api.call('GET', `/v1/batches/${id}/webhooks?limit=1&after=${first.next}`)).json;
  expect(second).toMatchObject({ events: [{ status: 'delivered' }], next: null });
  const resent = await api.call('POST', second.events[0].links.resend);
  expect(resent.status).toBe(202);
  expect(resent.json).toEqual({ ...second.events[0], status: 'pending' });
  expect(await api.redis.zscore(keys.undelivered, `${id}:2`)).not.toBeNull();
});

test('shows what became of attempts', async () => {
  const id = await api.submit([url], { webhook });
  await api.results.record(id, [storedResult(0)]);
  const store = createDeliveryStore(api.redis, createKeys(api.prefix));
  const delivery = { v: 1, batchId: id, event: 1, round: 0 } as const;
  await store.claim(delivery, 'a', 1000);
  const entry = { startedAt: Date.now(), durationMs: 12.5, status: 500 };
  await store.note(delivery, 'a', { entry, verdict: { status: 'pending', afterMs: 5000 } });
  const [event] = (await api.call('GET', `/v1/batches/${id}/webhooks`)).json.events;
  expect(event).toMatchObject({
    status: 'pending',
    attempts: [{ durationMs: 12.5, status: 500, failure: null }],
  });
  expect(Date.parse(event.nextAttemptAt)).toBeGreaterThan(entry.startedAt);
});

test('refuses what there is not, and what is not known', async () => {
  const id = await api.submit([url], { webhook });
  const at = `/v1/batches/${id}/webhooks`;
  const event = `evt_${id.slice(4)}-1`;
  const cases: [string, string, number, string][] = [
    ['POST', `${at}/${event}/resend`, 404, 'event_not_found'],
    ['POST', `${at}/x/resend`, 404, 'event_not_found'],
    ['POST', `${at}/evt_${unknown.slice(4)}-1/resend`, 404, 'event_not_found'],
    ['POST', `${at}/${event}/resend?now=1`, 400, 'query_invalid'],
    ['GET', `${at}/${event}/resend`, 405, 'method_not_allowed'],
    ['POST', at, 405, 'method_not_allowed'],
    ['GET', `${at}?limit=101`, 400, 'query_invalid'],
    ['GET', `${at}?after=evt_${unknown.slice(4)}-1`, 400, 'query_invalid'],
    ['GET', `${at}?page=2`, 400, 'query_invalid'],
    ['GET', `/v1/batches/${unknown}/webhooks`, 404, 'batch_not_found'],
    ['GET', '/v1/batches/x/webhooks', 404, 'batch_not_found'],
    ['POST', `/v1/batches/${unknown}/webhooks/${event}/resend`, 404, 'batch_not_found'],
  ];
  for (const [method, path, status, code] of cases) {
    const answer = await api.call(method, path);
    expect([method, path, answer.status, answer.json.code]).toEqual([method, path, status, code]);
  }
  expect((await api.call('GET', at, { headers: { accept: 'text/html' } })).status).toBe(406);
  expect((await api.call('HEAD', at)).status).toBe(200);
  expect((await api.call('OPTIONS', at)).headers['allow']).toBe('GET, HEAD, OPTIONS');
});

test('the batch of another key is not there', async () => {
  const headers = { authorization: `Bearer ${key}` };
  const id = await api.submit([url], { webhook });
  const answer = await guarded.call('GET', `/v1/batches/${id}/webhooks`, { headers });
  expect([answer.status, answer.json.code]).toEqual([404, 'batch_not_found']);
  expect((await guarded.call('GET', `/v1/batches/${id}/webhooks`)).status).toBe(401);
});

test('a webhook that may not be asked, or could not be signed, is named among the bad fields', async () => {
  const json = { urls: ['nonsense'], webhook: { url: 'http://169.254.169.254/', secret: 'hunter2' } };
  const first = await api.call('POST', '/v1/batches', { json });
  expect([first.status, first.json.code]).toEqual([400, 'body_invalid']);
  expect(first.json.errors.map((each: { pointer: string }) => each.pointer)).toEqual([
    '/webhook/secret',
    '/urls/0',
  ]);
  expect(first.text).not.toContain('hunter2');
  const second = await api.call('POST', '/v1/batches', {
    json: { urls: [url], webhook: { url: 'https://10.0.0.1/' } },
  });
  expect(second.json.errors.map((each: { pointer: string }) => each.pointer)).toEqual([
    '/webhook/url',
    '/webhook/secret',
  ]);
});

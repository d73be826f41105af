// Events told to a real receiver that behaves, and to some that do not.
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { AllowedNetwork } from '../../../shared/address-policy.ts';
import type { BatchId } from '../../../shared/batch.ts';
import { closeRedis, connectRedis } from '../../../shared/redis.ts';
import type { DeliveryRecord } from '../../../shared/webhook-event.ts';
import { createWebhookLog } from '../../../shared/webhook-log.ts';
import { deliveryQueueName } from '../../../shared/webhook-queue.ts';
import { webhookEventTypes, type NewWebhook } from '../../../shared/webhook.ts';
import type { NameAnswer } from '../../../worker/guard/resolver.ts';
import { createWebhooks, type Webhooks } from '../../../worker/webhooks/webhooks.ts';
import { createStores, failed, sealBatch, succeeded } from '../../support/batches.ts';
import { createEngine } from '../../support/engine.ts';
import { testRedis } from '../../support/redis.ts';
import { verifyEvent } from '../../support/standard-webhooks.ts';
import { head, openTarget, type Animal, type TargetServer } from '../../support/target-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const { redis, url, prefix: basePrefix } = testRedis();
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const closers: (() => Promise<unknown>)[] = [];
const stopAll = async (): Promise<void> => {
  for (const close of closers.splice(0).toReversed()) await close();
};
afterEach(stopAll, 30_000);

type Setup = {
  readonly receiver: TargetServer;
  readonly webhooks: Webhooks;
  /** A batch that has ended, with its webhook at the receiver. */
  readonly end: (more?: Partial<NewWebhook>) => Promise<BatchId>;
  readonly eventOf: (id: BatchId, number?: number) => Promise<DeliveryRecord>;
  readonly settled: (id: BatchId, number?: number) => Promise<DeliveryRecord>;
  readonly attempted: (id: BatchId) => Promise<DeliveryRecord>;
  readonly stores: ReturnType<typeof createStores>;
  readonly log: ReturnType<typeof createWebhookLog>;
  readonly written: string[];
  /** Has its job come before its time. */
  readonly promote: (id: BatchId) => Promise<void>;
  /** Makes its next attempt due. */
  readonly hurry: (id: BatchId) => Promise<void>;
};

type Options = {
  readonly allow?: readonly AllowedNetwork[];
  readonly secrets?: readonly string[];
};

const setup = async (onRequest: Animal['onRequest'] & {}, options: Options = {}): Promise<Setup> => {
  const { allow, secrets = [] } = options;
  const prefix = `${basePrefix}-${randomBytes(4).toString('hex')}`;
  const stores = createStores(redis, prefix);
  const { keys, batches, results } = stores;
  const receiver = await openTarget({ about: 'a receiver', onRequest });
  const connection = connectRedis(url, 'queue');
  const query = async (): Promise<NameAnswer> => ({ addresses: ['127.0.0.1'] });
  const engine = createEngine({ query, ...(allow !== undefined && { allow }) });
  const written: string[] = [];
  const webhooks = createWebhooks({
    redis,
    connection,
    keys,
    batches,
    attempt: ({ request, owner, signal }, onEnd) => {
      void engine.fetch(request.url, { ...request, owner, signal }).then(onEnd);
    },
    secrets,
    name: 'test',
    logger: pino({ level: 'debug' }, { write: (line: string) => written.push(line) }),
    now: Date.now,
  });
  await webhooks.start();
  closers.push(
    () => receiver.close(),
    () => closeRedis(connection),
    () => webhooks.close(),
    () => webhooks.stop(0),
  );
  const log = createWebhookLog(redis, keys);
  const end: Setup['end'] = async (more = {}) => {
    const webhook = { url: `${receiver.origin}/hook`, events: webhookEventTypes, secret, ...more };
    const { id } = await sealBatch(batches, 1, { webhook });
    await results.record(id, [succeeded(0)]);
    webhooks.wake();
    return id;
  };
  const eventOf: Setup['eventOf'] = async (id, number = 1) => {
    const event = await log.get(id, number);
    if (event === undefined) throw new Error('no such event');
    return event;
  };
  const promote: Setup['promote'] = async (id) => {
    const [queue, job] = [`${prefix}:${deliveryQueueName}`, `${id}-1-0`];
    await waitFor(async () => (await redis.zrem(`${queue}:delayed`, job)) === 1);
    await redis.rpush(`${queue}:wait`, job);
  };
  return {
    receiver,
    webhooks,
    end,
    eventOf,
    settled: (id, number) =>
      waitFor(async () => {
        const event = await eventOf(id, number);
        return event.status === 'pending' ? undefined : event;
      }),
    attempted: (id) =>
      waitFor(async () => {
        const event = await eventOf(id);
        return event.attempts.length > 0 ? event : undefined;
      }),
    stores,
    log,
    written,
    promote,
    async hurry(id) {
      await redis.hset(keys.batch(id).webhooks, '1:next', 1);
      await promote(id);
    },
  };
};

test('the end of a batch is told once, signed, with its counts', async () => {
  const { receiver, end, settled } = await setup(({ reply }) => reply('thanks'));
  const id = await end({ headers: { 'X-Token': 'mine' } });
  const event = await settled(id);
  expect(event).toMatchObject({ status: 'delivered', attempts: [{ status: 200 }] });
  expect(event.attempts[0]?.durationMs).toBeGreaterThan(0);
  const [request, ...others] = receiver.requests;
  if (request === undefined) throw new Error('nothing came');
  expect(others).toEqual([]);
  expect(request).toMatchObject({ method: 'POST', target: '/hook' });
  expect(request.fields).toContainEqual(['X-Token', 'mine']);
  expect(request.fields).toContainEqual(['content-type', 'application/json']);
  const told = verifyEvent(request, secret);
  expect(told.id).toBe(`evt_${id.slice(4)}-1`);
  expect(told.payload).toMatchObject({
    type: 'batch.completed',
    data: { id, status: 'completed', counts: { total: 1, succeeded: 1 }, progress: 1 },
  });
  expect(() => verifyEvent({ ...request, body: Buffer.from('{}') }, secret)).toThrow('no signature fits');
});

test('the secrets of the service sign where the batch brings none', async () => {
  const secrets = [secret, `whsec_${randomBytes(24).toString('base64')}`];
  const { receiver, end, settled } = await setup(({ reply }) => reply(), { secrets });
  await settled(await end({ secret: undefined }));
  for (const each of secrets) {
    const [request] = receiver.requests;
    expect(request && verifyEvent(request, each).payload.type).toBe('batch.completed');
  }
});

test('nothing is sent unsigned: it waits for a worker that has the secret', async () => {
  const { receiver, end, attempted } = await setup(({ reply }) => reply());
  const event = await attempted(await end({ secret: undefined }));
  expect(event).toMatchObject({ status: 'pending', attempts: [{ failure: { code: 'internal' } }] });
  expect(receiver.sockets()).toBe(0);
});

test('an attempt that failed is made again by itself, under the same id', async () => {
  const { receiver, end, settled } = await setup(({ reply }, { nth, socketNumber }) =>
    nth === 1 && socketNumber === 1 ? reply('no', [], '500 No') : reply(),
  );
  const event = await settled(await end());
  expect(event).toMatchObject({ status: 'delivered', attempts: [{ status: 500 }, { status: 200 }] });
  const [first, second] = receiver.requests.map((request) => verifyEvent(request, secret));
  expect(second?.id).toBe(first?.id);
  expect(second?.payload).toEqual(first?.payload);
  expect(second?.timestamp).toBeGreaterThan(first?.timestamp ?? Infinity);
});

test.each<[string, Animal['onRequest'] & {}, object]>([
  ['answers 503', ({ reply }) => reply('', [], '503 Busy'), { status: 503 }],
  ['hangs', () => {}, { failure: { code: 'timed_out' } }],
  ['closes', ({ socket }) => socket.destroy(), { failure: { code: 'connection_lost' } }],
  ['speaks no HTTP', ({ send }) => send('hello\r\n\r\n'), { failure: { code: 'invalid_response' } }],
])('a receiver that %s is asked again later', async (_, onRequest, attempt) => {
  const { end, attempted } = await setup(onRequest);
  const event = await attempted(await end());
  expect(event).toMatchObject({ status: 'pending', attempts: [attempt] });
  expect(event.nextAttemptAt).toBeGreaterThan(event.attempts[0]?.startedAt ?? Infinity);
});

test('a redirect is not followed, and is no delivery', async () => {
  const { receiver, end, attempted } = await setup(({ reply, origin }) =>
    reply('', [`location: ${origin}/elsewhere`], '307 There'),
  );
  expect(await attempted(await end())).toMatchObject({ status: 'pending', attempts: [{ status: 307 }] });
  expect(receiver.requests.map(({ target }) => target)).toEqual(['/hook']);
});

test.each<[string, Animal['onRequest'] & {}]>([
  [
    'endless',
    ({ send, socket }) => {
      send(head('200 OK', ['transfer-encoding: chunked']));
      const chunk = `4000\r\n${'x'.repeat(0x40_00)}\r\n`;
      const more = (): void => {
        while (socket.writable && socket.write(chunk));
      };
      socket.on('drain', more);
      more();
    },
  ],
  ['hanging', ({ send }) => send(head('202 Accepted', ['content-length: 10']), 'hm')],
  ['garbled', ({ reply }) => reply('not gzip', ['content-encoding: gzip'])],
])('what is accepted is delivered, though the body of the answer is %s', async (_, onRequest) => {
  const { receiver, end, settled } = await setup(onRequest);
  expect(await settled(await end())).toMatchObject({ status: 'delivered' });
  expect(receiver.requests).toHaveLength(1);
});

test('after the last attempt it has failed, and a resend begins anew', async () => {
  const answers = ['500 No'];
  const { stores, webhooks, end, eventOf, attempted, settled, hurry, log, receiver } = await setup(
    ({ reply }) => reply('', [], answers[0] ?? '200 OK'),
  );
  const id = await end();
  await attempted(id);
  await redis.hset(stores.keys.batch(id).webhooks, '1:tries', 8);
  await hurry(id);
  expect(await settled(id)).toMatchObject({ status: 'failed', attempts: [{ status: 500 }, { status: 500 }] });
  expect((await eventOf(id)).nextAttemptAt).toBeUndefined();
  answers.pop();
  await log.resend(id, 1);
  webhooks.wake();
  expect(await settled(id)).toMatchObject({ status: 'delivered' });
  expect(new Set(receiver.requests.map((request) => verifyEvent(request, secret).id)).size).toBe(1);
});

test('410 ends it, for later events of the batch too, until one is sent again on request', async () => {
  const answers = ['410 Gone'];
  const { stores, webhooks, end, settled, receiver, log } = await setup(({ reply }) =>
    reply('', [], answers[0] ?? '200 OK'),
  );
  const id = await end();
  expect(await settled(id)).toMatchObject({ status: 'abandoned', attempts: [{ status: 410 }] });
  const { webhooks: events, meta } = stores.keys.batch(id);
  await redis.hset(events, '2', (await redis.hget(events, '1')) ?? '');
  await redis.hset(meta, 'webhookCount', 2);
  await redis.zadd(stores.keys.undelivered, 1, `${id}:2`);
  webhooks.wake();
  expect(await settled(id, 2)).toMatchObject({ status: 'abandoned', attempts: [] });
  expect(receiver.requests).toHaveLength(1);
  answers.pop();
  await log.resend(id, 2);
  webhooks.wake();
  expect(await settled(id, 2)).toMatchObject({ status: 'delivered', attempts: [{ status: 200 }] });
});

test('nothing is dialled that the address guard has not passed', async () => {
  const { receiver, end, attempted } = await setup(({ reply }) => reply(), { allow: [] });
  for (const host of ['127.0.0.1', 'localhost', 'inside.example', '[::ffff:127.0.0.1]']) {
    const event = await attempted(await end({ url: `http://${host}:${receiver.port}/hook` }));
    expect(event).toMatchObject({ status: 'pending', attempts: [{ failure: { code: 'blocked_address' } }] });
  }
  expect(receiver.sockets()).toBe(0);
});

test('progress that is on its way is told before the end, and progress that failed is not told after it', async () => {
  const answers: (() => void)[] = [];
  const { stores, webhooks, receiver, eventOf, settled } = await setup(({ reply }) => {
    answers.push(() => reply('', [], answers.length === 1 ? '500 No' : '200 OK'));
  });
  const webhook = { url: receiver.origin, events: webhookEventTypes, progressPercent: 50, secret };
  const { id } = await sealBatch(stores.batches, 2, { webhook });
  await stores.results.record(id, [succeeded(0)]);
  webhooks.wake();
  await waitFor(() => answers.length === 1);
  await stores.results.record(id, [failed(1)]);
  webhooks.wake();
  await waitFor(() => redis.exists(`${stores.keys.queuePrefix}:${deliveryQueueName}:${id}-2-0`));
  expect((await eventOf(id, 2)).attempts).toEqual([]);
  answers[0]?.();
  await waitFor(() => answers.length === 2);
  answers[1]?.();
  expect(await settled(id, 2)).toMatchObject({ status: 'delivered' });
  const types = receiver.requests.map((request) => verifyEvent(request, secret).payload.type);
  expect(types).toEqual(['batch.progress', 'batch.completed']);
  expect(await settled(id)).toMatchObject({ status: 'abandoned', attempts: [{ status: 500 }] });
  expect(receiver.requests).toHaveLength(2);
});

test('a receiver that hangs holds up no other', async () => {
  const { receiver, end, settled } = await setup(({ reply }, { target }) => {
    if (target === '/good') reply();
  });
  const other = await openTarget({ about: 'hangs', onRequest: () => {} });
  closers.push(() => other.close());
  await Promise.all(Array.from({ length: 100 }, () => end({ url: `${other.origin}/bad` })));
  await waitFor(() => other.requests.length >= 8);
  expect(await settled(await end({ url: `${receiver.origin}/good` }))).toMatchObject({ status: 'delivered' });
  expect(other.openSockets()).toBeLessThanOrEqual(8);
});

test('a stop lets an attempt end that is under way', async () => {
  const answers: (() => void)[] = [];
  const { webhooks, end, eventOf } = await setup(({ reply }) => void answers.push(() => reply()));
  const id = await end();
  await waitFor(() => answers.length === 1);
  const stopped = webhooks.stop(20_000);
  answers[0]?.();
  await stopped;
  expect(await eventOf(id)).toMatchObject({ status: 'delivered', attempts: [{ status: 200 }] });
});

test('a stop hands back what does not end in time, and the next worker tells it at once', async () => {
  const { webhooks, stores, end, eventOf, receiver } = await setup(() => {});
  const id = await end();
  await waitFor(() => receiver.requests.length === 1);
  await webhooks.stop(50);
  expect(await eventOf(id)).toMatchObject({ status: 'pending', attempts: [] });
  const queue = `${stores.keys.queuePrefix}:${deliveryQueueName}`;
  expect(await redis.lrange(`${queue}:wait`, 0, -1)).toEqual([`${id}-1-0`]);
  expect(await redis.exists(`${queue}:active`)).toBe(0);
  expect(await redis.hexists(stores.keys.batch(id).webhooks, 'busy')).toBe(0);
});

test('what is secret is not logged', async () => {
  const { end, settled, written, receiver } = await setup(({ reply }) => reply());
  await settled(await end({ url: `${receiver.origin}/?key=hidden`, headers: { 'X-Token': 'hidden' } }));
  expect(written.join('')).toContain('told a webhook of an event');
  expect(written.join('')).not.toMatch(/hidden|whsec_/);
});

test('of a batch that was removed nothing more is told', async () => {
  const { stores, end, attempted, promote, receiver } = await setup(({ reply }) => reply('', [], '500 No'));
  const { keys, batches } = stores;
  const id = await end();
  await attempted(id);
  await batches.remove(id, 'anna');
  await promote(id);
  await waitFor(async () => (await redis.exists(`${keys.queuePrefix}:${deliveryQueueName}:${id}-1-0`)) === 0);
  expect(receiver.requests).toHaveLength(1);
  expect(await redis.keys(`${keys.queuePrefix}:{${id}}:*`)).toEqual([]);
});

test('an attempt comes no sooner than it is due, though its job does', async () => {
  const { end, attempted, promote, receiver, eventOf } = await setup(({ reply }) => reply('', [], '500 No'));
  const id = await end();
  const { nextAttemptAt } = await attempted(id);
  await promote(id);
  await waitFor(async () => (await eventOf(id)).attempts.length === 2);
  const [first, second] = receiver.requests;
  expect([first, second].every((each) => each !== undefined)).toBe(true);
  expect((await eventOf(id)).attempts[1]?.startedAt).toBeGreaterThanOrEqual((nextAttemptAt ?? Infinity) - 5);
});

// The real API on a free port of 127.0.0.1, over real stores on the Redis of this run.
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from '@jest/globals';
import type { Express } from 'express';
import { pino, type Logger } from 'pino';
import { request } from 'undici';
import { createApp } from '../../api/app.ts';
import type { ApiKey } from '../../api/auth.ts';
import { createBatchWatch } from '../../api/delivery/batch-watch.ts';
import { createDispatcher } from '../../api/dispatcher.ts';
import { createApiServer } from '../../api/server.ts';
import { createAppends } from '../../api/submission/append.ts';
import { createIncomingAppends } from '../../api/submission/incoming-append.ts';
import { createIncoming } from '../../api/submission/incoming.ts';
import { createSubmissions } from '../../api/submission/submit.ts';
import type { UploadPace } from '../../api/submission/upload-pace.ts';
import { createAppendStore } from '../../shared/append-store.ts';
import { createAddressPolicy } from '../../shared/address-policy.ts';
import { createBatchControl } from '../../shared/batch-control.ts';
import { createBatchEvents } from '../../shared/batch-events.ts';
import { createBatchStore, type BatchStore } from '../../shared/batch-store.ts';
import type { BatchId } from '../../shared/batch.ts';
import type { BodyStore } from '../../shared/body-store.ts';
import { createFileBodyStore } from '../../shared/body-store/file.ts';
import { createCallBudget } from '../../shared/call-budget.ts';
import { createCapacity, type Capacity } from '../../shared/capacity.ts';
import { createFleetSurvey } from '../../shared/fleet-survey.ts';
import { createHostLimitStore } from '../../shared/host-limit-store.ts';
import { createHostStore } from '../../shared/host-store.ts';
import { noDurability, type Durability } from '../../shared/durability.ts';
import { createIdempotencyStore } from '../../shared/idempotency-store.ts';
import { createKeys } from '../../shared/keys.ts';
import { createOutbox } from '../../shared/outbox.ts';
import { createSliceQueue, type SliceQueue } from '../../shared/queue.ts';
import { closeRedis, connectRedis } from '../../shared/redis.ts';
import { createResultStore, type ResultStore } from '../../shared/result-store.ts';
import type { StoredResult } from '../../shared/result.ts';
import { createUrlRule } from '../../shared/url-rule.ts';
import { createWebhookLog } from '../../shared/webhook-log.ts';
import { countWorkers } from '../../shared/worker-roll.ts';
import { testRedis, type TestRedis } from './redis.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type TestApi = TestRedis & {
  readonly app: Express;
  readonly batches: BatchStore;
  readonly results: ResultStore;
  readonly bodies: BodyStore;
  readonly queue: SliceQueue;
  /** What the API has logged, a JSON line each. */
  readonly log: string[];
  /** `http://127.0.0.1:<port>` */
  origin(): string;
  port(): number;
  /** Sends a request; a `json` body is stringified. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Submits URLs and returns the id of the batch. */
  submit(urls: readonly string[], more?: object): Promise<BatchId>;
  /** Begins to stop, as at SIGTERM. */
  stop(): void;
};

export type CallOptions = {
  readonly json?: unknown;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string | string[]>;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly bytes: Buffer;
  /** The body parsed as JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look wherever they want
  readonly json: any;
};

export type TestApiOptions = {
  readonly keys?: readonly ApiKey[];
  readonly corsOrigins?: readonly string[];
  readonly callsPerMinute?: number;
  readonly maxRequests?: number;
  readonly maxBytes?: number;
  readonly maxStreamBytes?: number;
  readonly sliceSize?: number;
  readonly pace?: UploadPace;
  readonly durability?: Durability;
  readonly capacity?: Capacity;
  /** Stands between the app and the queue. */
  readonly wrapQueue?: (queue: SliceQueue) => SliceQueue;
};

/** To be called once, at the top of a test file. */
export const testApi = (options: TestApiOptions = {}): TestApi => {
  const redis = testRedis();
  const keys = createKeys(redis.prefix);
  const subscriber = connectRedis(redis.url, 'queue');
  const directory = temporaryFolder();
  const batches = createBatchStore(redis.redis, keys);
  const results = createResultStore(redis.redis, keys);
  const hostLimits = createHostLimitStore(redis.redis, keys);
  const bodies = createFileBodyStore(directory);
  const queueConnection = connectRedis(redis.url, 'queue');
  const queue = createSliceQueue(queueConnection, keys.queuePrefix);
  const log: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) }) as Logger;
  const events = createBatchEvents(subscriber, keys);
  const stopping = new AbortController();
  const outbox = createOutbox(redis.redis, keys, batches, options.wrapQueue?.(queue) ?? queue);
  const dispatcher = createDispatcher(outbox, logger);
  const capacity = options.capacity ?? createCapacity({ redis: redis.redis, keys });
  const submissions = createSubmissions({
    batches,
    capacity,
    idempotency: createIdempotencyStore(redis.redis, keys),
    dispatcher,
    durability: options.durability ?? noDurability,
    limits: { sliceSize: options.sliceSize ?? 100, expiresSeconds: 3600, retentionSeconds: 3600 },
    now: Date.now,
  });
  const incomingOptions = {
    rules: {
      urlRule: createUrlRule(createAddressPolicy([])),
      maxRequests: options.maxRequests ?? 100_000,
      expiresSeconds: 3600,
      hasWebhookSecret: false,
      now: Date.now,
    },
    maxBytes: options.maxBytes ?? 16_777_216,
    maxStreamBytes: options.maxStreamBytes ?? 67_108_864,
    pace: options.pace ?? { windowMs: 30_000, minBytes: 8192 },
  };
  const app = createApp({
    batches,
    control: createBatchControl(redis.redis, keys),
    dispatcher,
    results,
    bodies,
    events,
    watch: createBatchWatch({ events, read: (id) => batches.get(id) }).watch,
    hosts: createHostStore(redis.redis, keys, hostLimits),
    hostLimits,
    usualLimits: { concurrency: 256 },
    countWorkers: () => countWorkers(redis.redis, keys),
    workerConcurrency: 256,
    submissions,
    webhookLog: createWebhookLog(redis.redis, keys),
    incoming: createIncoming(incomingOptions),
    incomingAppends: createIncomingAppends(incomingOptions),
    appends: createAppends({
      store: createAppendStore(redis.redis, keys),
      dispatcher,
      durability: options.durability ?? noDurability,
      capacity,
      sliceSize: options.sliceSize ?? 100,
    }),
    stopping: stopping.signal,
    now: Date.now,
    probe: () => redis.redis.ping(),
    capacity,
    keys: options.keys ?? [],
    corsOrigins: options.corsOrigins ?? [],
    fleet: createFleetSurvey(redis.redis, keys, 0),
    ownMetrics: () => [],
    callBudget: createCallBudget(redis.redis, keys),
    callsPerMinute: options.callsPerMinute ?? 0,
    logger,
  });
  const server = createApiServer(app);
  const port = (): number => (server.address() as AddressInfo).port;
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await dispatcher.idle();
    await queue.close();
    await Promise.all([closeRedis(subscriber), closeRedis(queueConnection)]);
  });
  const origin = (): string => `http://127.0.0.1:${port()}`;
  const call: TestApi['call'] = (method, at, more = {}) => send(`${origin()}${at}`, method, more);
  return {
    ...redis,
    app,
    batches,
    results,
    bodies,
    queue,
    log,
    origin,
    port,
    call,
    stop: () => stopping.abort(),
    async submit(urls, more = {}) {
      const answer = await call('POST', '/v1/batches', { json: { urls, ...more } });
      if (answer.status !== 202) throw new Error(answer.text);
      return answer.json.id;
    },
  };
};

const send = async (url: string, method: string, options: CallOptions): Promise<Answer> => {
  const { statusCode, headers, body } = await request(url, {
    method,
    headers: {
      ...(options.json !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    body: options.json === undefined ? (options.body ?? null) : JSON.stringify(options.json),
  });
  const bytes = Buffer.from(await body.arrayBuffer());
  const text = bytes.toString();
  return {
    status: statusCode,
    headers,
    text,
    bytes,
    get json(): unknown {
      return JSON.parse(text) as unknown;
    },
  };
};

/** A result as a worker would record it. */
export const storedResult = (index: number, more: Partial<StoredResult> = {}): StoredResult => ({
  index,
  slice: 0,
  url: `https://example.com/${index}`,
  outcome: 'succeeded',
  status: 200,
  attempts: [],
  timings: { queueMs: 1, dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 2, bodyMs: 0.5, totalMs: 2.5 },
  ...more,
});

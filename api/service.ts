// The API as a running thing: its connections, stores, app and server, put together and taken down in order.
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import path from 'node:path';
import { createAddressPolicy } from '../shared/address-policy.ts';
import { createAppendStore } from '../shared/append-store.ts';
import { createBatchControl } from '../shared/batch-control.ts';
import { createBatchEvents } from '../shared/batch-events.ts';
import { createBatchStore } from '../shared/batch-store.ts';
import { createFileBodyStore } from '../shared/body-store/file.ts';
import { createCallBudget } from '../shared/call-budget.ts';
import { createCapacity } from '../shared/capacity.ts';
import { followClock, type Clock } from '../shared/clock.ts';
import type { Config } from '../shared/config.ts';
import { createFleetSurvey } from '../shared/fleet-survey.ts';
import { createHostLimitStore } from '../shared/host-limit-store.ts';
import { createHostStore } from '../shared/host-store.ts';
import { canSettle, createDurability, noDurability, type Durability } from '../shared/durability.ts';
import { createIdempotencyStore } from '../shared/idempotency-store.ts';
import { createKeys } from '../shared/keys.ts';
import type { Logger } from '../shared/logger.ts';
import { createOutbox } from '../shared/outbox.ts';
import { createSliceQueue, type SliceQueue } from '../shared/queue.ts';
import {
  checkRedis,
  closeRedis,
  connectRedis,
  untilReady,
  type Redis,
  type RedisRole,
} from '../shared/redis.ts';
import { createProcessMetrics, type ProcessMetrics } from '../shared/process-metrics.ts';
import { createResultStore } from '../shared/result-store.ts';
import { runScript } from '../shared/script.ts';
import { mark } from '../shared/scripts/mark.ts';
import { StartError } from '../shared/start-error.ts';
import { createUrlRule } from '../shared/url-rule.ts';
import { createWebhookLog } from '../shared/webhook-log.ts';
import { countWorkers } from '../shared/worker-roll.ts';
import { createApp } from './app.ts';
import { createBatchWatch } from './delivery/batch-watch.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { createApiServer } from './server.ts';
import { createAppends } from './submission/append.ts';
import { createIncomingAppends } from './submission/incoming-append.ts';
import { createIncoming } from './submission/incoming.ts';
import { createSubmissions } from './submission/submit.ts';
import { defaultUploadPace } from './submission/upload-pace.ts';

export type ApiService = {
  /** Resolves with the port once it serves; rejects where Redis or the address cannot be had. */
  start(): Promise<number>;
  /** Answers what is under way, within `withinMs`, then lets go of everything. Never rejects for what is in its way. */
  stop(withinMs: number): Promise<void>;
};

/** Throws StartError where the configuration names no Redis. Opens nothing before `start`. */
export const createApiService = (config: Config, logger: Logger): ApiService => {
  const { redisUrl } = config;
  if (redisUrl === undefined) {
    throw new StartError('REDIS_URL is not set: the API needs a Redis, or run `npm start`');
  }
  const running: { connections?: Connections; clock?: Clock; parts?: Parts } = {};
  return {
    async start() {
      const connections = connect(redisUrl, logger);
      running.connections = connections;
      // BullMQ looks at its server when the queue is made, and never again: made too early, it would fail for ever.
      const { store, queue, events } = connections;
      await Promise.all([store, queue, events].map((redis) => untilReady(redis, readyWithinMs)));
      await checkRedis(connections.store);
      const clock = await followClock(connections.store);
      running.clock = clock;
      const durability = await openDurability(config, connections);
      const parts = build(config, { ...connections, durability, now: clock.now }, logger);
      running.parts = parts;
      return await listen(parts.server, config.api);
    },
    async stop(withinMs) {
      if (running.parts !== undefined) await takeDown(running.parts, withinMs);
      running.clock?.stop();
      await Promise.all((running.connections?.all ?? []).map(closeRedis));
    },
  };
};

const readyWithinMs = 10_000;

type Connections = {
  readonly store: Redis;
  readonly queue: Redis;
  readonly events: Redis;
  /** Every one that was opened. */
  readonly all: readonly Redis[];
  readonly open: (role: RedisRole, purpose: string) => Redis;
};

/** The stores fail fast, for callers wait on them; the queue is fed behind the answer, and may wait a little. */
const connect = (url: string, logger: Logger): Connections => {
  const all: Redis[] = [];
  const open: Connections['open'] = (role, purpose) => {
    const onError = (error: Error): void => logger.warn({ err: error, purpose }, 'connection to Redis');
    const redis = connectRedis(url, role, onError);
    all.push(redis);
    return redis;
  };
  const [store, queue, events] = [open('api', 'store'), open('store', 'queue'), open('queue', 'events')];
  return { store, queue, events, all, open };
};

const flushesAtOnce = 4;

const openDurability = async ({ keyPrefix }: Config, { store, open }: Connections): Promise<Durability> => {
  if (!(await canSettle(store))) return noDurability;
  const connections = Array.from({ length: flushesAtOnce }, () => open('disk', 'disk'));
  await Promise.all(connections.map((redis) => untilReady(redis, readyWithinMs)));
  return createDurability({ connections, mark: createKeys(keyPrefix).diskMark });
};

type Parts = {
  readonly server: Server;
  readonly stopping: AbortController;
  readonly dispatcher: Dispatcher;
  readonly queue: SliceQueue;
  readonly metrics: ProcessMetrics;
};

const build = (
  config: Config,
  connections: Connections & { readonly durability: Durability; readonly now: () => number },
  logger: Logger,
): Parts => {
  const { api } = config;
  const { store, durability, now } = connections;
  const keys = createKeys(config.keyPrefix);
  const batches = createBatchStore(store, keys);
  const hostLimits = createHostLimitStore(store, keys);
  const queue = createSliceQueue(connections.queue, keys.queuePrefix);
  const outbox = createOutbox(store, keys, batches, queue);
  const dispatcher = createDispatcher(outbox, logger);
  const capacity = createCapacity({ redis: store, keys });
  const submissions = createSubmissions({
    batches,
    capacity,
    idempotency: createIdempotencyStore(store, keys),
    dispatcher,
    durability,
    limits: api,
    now,
  });
  const metrics = createProcessMetrics();
  const stopping = new AbortController();
  const urlRule = createUrlRule(createAddressPolicy(config.allowNetworks));
  const events = createBatchEvents(connections.events, keys);
  const hasWebhookSecret = config.webhookSecrets.length > 0;
  const incomingOptions = {
    rules: { ...api, urlRule, hasWebhookSecret, now },
    maxBytes: api.maxSubmissionBytes,
    maxStreamBytes: api.maxStreamBytes,
    pace: defaultUploadPace,
  };
  const app = createApp({
    batches,
    control: createBatchControl(store, keys),
    dispatcher,
    results: createResultStore(store, keys),
    bodies: createFileBodyStore(path.join(config.dataDir, 'bodies')),
    events,
    watch: createBatchWatch({ events, read: (id) => batches.get(id) }).watch,
    hosts: createHostStore(store, keys, hostLimits),
    hostLimits,
    usualLimits: config.hosts.areLimited ? config.hosts.limits : {},
    countWorkers: () => countWorkers(store, keys),
    workerConcurrency: config.worker.concurrency,
    submissions,
    webhookLog: createWebhookLog(store, keys),
    incoming: createIncoming(incomingOptions),
    incomingAppends: createIncomingAppends(incomingOptions),
    appends: createAppends({
      store: createAppendStore(store, keys),
      dispatcher,
      durability,
      capacity,
      sliceSize: api.sliceSize,
    }),
    probe: () => runScript(store, mark, [keys.diskMark], []),
    capacity,
    stopping: stopping.signal,
    now,
    keys: api.keys,
    corsOrigins: api.corsOrigins,
    fleet: createFleetSurvey(store, keys),
    ownMetrics: metrics.read,
    callBudget: createCallBudget(store, keys),
    callsPerMinute: api.callsPerMinute,
    logger,
  });
  return { server: createApiServer(app), stopping, dispatcher, queue, metrics };
};

// Connections that come at once, as thousands do when a proxy in front begins anew; the kernel may allow fewer.
const backlog = 4096;

const listen = (server: Server, { host, port }: { host: string; port: number }): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });

const takeDown = async (parts: Parts, withinMs: number): Promise<void> => {
  parts.stopping.abort();
  const timer = setTimeout(() => parts.server.closeAllConnections(), withinMs);
  if (parts.server.listening) await new Promise((resolve) => parts.server.close(resolve));
  clearTimeout(timer);
  parts.metrics.stop();
  await parts.dispatcher.idle();
  await parts.queue.close();
};

// Starts a worker process: configuration, Redis, engine, consumer, duties; and ends it in order.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { createBatchStore } from '../shared/batch-store.ts';
import { isBatchId } from '../shared/batch.ts';
import { createFileBodyStore } from '../shared/body-store/file.ts';
import { followClock } from '../shared/clock.ts';
import { loadConfig, type Config } from '../shared/config.ts';
import { sweepHosts } from '../shared/host-store.ts';
import { createKeys } from '../shared/keys.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { createLostSlices } from '../shared/lost-slices.ts';
import { createOutbox } from '../shared/outbox.ts';
import { createSliceQueue, isNextInLine } from '../shared/queue.ts';
import { checkRedis, closeRedis, connectRedis, untilReady, type Redis } from '../shared/redis.ts';
import { createResultStore } from '../shared/result-store.ts';
import { createRetiredBatches } from '../shared/retired-batches.ts';
import { shutDownOnSignal } from '../shared/shutdown.ts';
import { createJobLocks } from '../shared/job-locks.ts';
import { createSliceStore } from '../shared/slice-store.ts';
import { explainStartFailure, StartError } from '../shared/start-error.ts';
import { createSuspectStore } from '../shared/suspect-store.ts';
import { createWorkerRoll } from '../shared/worker-roll.ts';
import { createConsumer } from './consumer.ts';
import { createCookieJars, withCookieJars } from './cookie-jars.ts';
import { createDuties } from './duties.ts';
import { createEngine } from './engine.ts';
import { createPoliteness } from './hosts/politeness.ts';
import { createRecorder } from './recorder.ts';
import { createRollCall } from './roll-call.ts';
import { createSliceRun } from './slice-run.ts';
import { createSliceSource } from './slice-source.ts';
import { createWebhooks } from './webhooks/webhooks.ts';

// Else V8 may place what every request allocates among the old for the life of the process: decision 0007.
setFlagsFromString('--no-allocation-site-pretenuring');
// Else what has died among the old stays until there is four times what lives: 25 MB more, and not faster.
setFlagsFromString('--heap-growing-percent=150');

const start = async (): Promise<void> => {
  const config = loadConfig();
  const logger = createLogger('worker', config.logLevel);
  const { redis, queue, subscriber } = await connect(config, logger);
  const clock = await followClock(redis);
  const { now } = clock;
  const { concurrency, inlineBodyBytes } = config.worker;

  const keys = createKeys(config.keyPrefix);
  const batches = createBatchStore(redis, keys);
  const bodies = createFileBodyStore(path.join(config.dataDir, 'bodies'));
  const sliceQueue = createSliceQueue(queue, keys.queuePrefix);
  const engine = createEngine(config, now, bodies);
  const worker = `${hostname()}:${process.pid}:${randomUUID()}`;
  const source = createSliceSource({
    connection: queue,
    prefix: keys.queuePrefix,
    jobLocks: createJobLocks(redis, keys),
    name: worker,
    logger,
    now,
  });
  const politeness = createPoliteness({
    redis,
    keys,
    logger,
    worker,
    concurrency,
    hosts: config.hosts,
    promote: (jobId) => source.promote(jobId),
  });
  const { permits, observe, parking } = politeness;
  const cookieJars = createCookieJars({ now });

  const run = createSliceRun({
    slices: withCookieJars(createSliceStore(redis, keys), cookieJars),
    suspects: createSuspectStore(redis, keys),
    attempt: engine.attempt,
    permits,
    observe,
    recorder: createRecorder({ results: createResultStore(redis, keys), bodies, logger, inlineBodyBytes }),
    fetch: config.fetch,
    now,
    random: Math.random,
  });
  const consumer = createConsumer({
    source,
    run,
    permits,
    parking,
    logger,
    isNext: (id) => isNextInLine(redis, keys.queuePrefix, id),
    lookAhead: Math.ceil(concurrency / 2),
  });
  const outbox = createOutbox(redis, keys, batches, sliceQueue);
  const lostSlices = createLostSlices({ redis, keys, batches, queue: sliceQueue, patienceMs: 60_000 });
  const rollCall = createRollCall({ roll: createWorkerRoll(redis, keys), source, worker, logger });
  const webhooks = createWebhooks({
    redis,
    connection: queue,
    keys,
    batches,
    attempt: engine.attempt,
    secrets: config.webhookSecrets,
    name: worker,
    logger,
    now,
  });
  const duties = createDuties({
    outbox,
    lostSlices,
    batches,
    retired: createRetiredBatches(redis, keys),
    bodies,
    webhooks,
    sweepHosts: () => sweepHosts(redis, keys),
    logger,
  });

  subscriber.on('message', (channel: string, id: string) => {
    if (channel === keys.hostEvents) return politeness.hear(id);
    if (channel === keys.undelivered) return webhooks.wake();
    if (!isBatchId(id)) return;
    if (channel === keys.queued) return void consumer.welcome(id).catch(() => {}); // it is taken a little later
    if (channel === keys.paused) return consumer.pause(id);
    consumer.abandon(id);
    cookieJars.drop(id);
  });
  const channels = [keys.ended, keys.paused, keys.queued, keys.hostEvents, keys.undelivered];
  await subscriber.subscribe(...channels, keys.worker(worker));
  await politeness.refresh();
  await rollCall.start();
  await consumer.start();
  await webhooks.start();
  for (const duty of duties) duty.start();
  logger.info({ concurrency }, 'taking slices');

  shutDownOnSignal({
    logger,
    graceMs: config.graceMs,
    exit: (code) => process.exit(code),
    steps: [
      { name: 'consumer', stop: (withinMs) => all([consumer, webhooks].map((each) => each.stop(withinMs))) },
      { name: 'roll call', stop: () => rollCall.stop() },
      { name: 'politeness', stop: () => politeness.close() },
      { name: 'duties', stop: () => all(duties.map((duty) => duty.stop())) },
      { name: 'engine', stop: async () => engine.close() },
      { name: 'queue', stop: () => all([sliceQueue, webhooks].map((each) => each.close())) },
      { name: 'clock', stop: async () => clock.stop() },
      { name: 'redis', stop: () => all([redis, queue, subscriber].map(closeRedis)) },
    ],
  });
};

/** Three connections: commands, what BullMQ blocks on, and subscriptions. Waits for Redis as long as it takes. */
const connect = async (
  config: Config,
  logger: Logger,
): Promise<Record<'redis' | 'queue' | 'subscriber', Redis>> => {
  const { redisUrl } = config;
  if (redisUrl === undefined)
    throw new StartError('REDIS_URL is not set: a worker needs a Redis, or run `npm start`');
  const complain = (error: Error): void => logger.warn({ err: error }, 'Redis is in trouble');
  const redis = connectRedis(redisUrl, 'store', complain);
  // A command would not wait for longer than a command may take.
  await untilReady(redis);
  await checkRedis(redis);
  return {
    redis,
    queue: connectRedis(redisUrl, 'queue'),
    subscriber: connectRedis(redisUrl, 'queue'),
  };
};

const all = async (promises: readonly Promise<unknown>[]): Promise<void> =>
  void (await Promise.all(promises));

try {
  await start();
} catch (error) {
  const { text, exitCode } = explainStartFailure(error);
  process.stderr.write(`${text}\n`);
  process.exit(exitCode);
}

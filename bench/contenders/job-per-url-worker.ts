// The worker of the plain tutorial design: one BullMQ job is one URL, and its return value is the result.
// Arguments: Redis URL, key prefix, concurrency.
import { Worker } from 'bullmq';
import { request } from 'undici';
import { connectRedis } from '../../shared/redis.ts';
import { answerParent } from '../child.ts';

const [redisUrl = '', prefix = '', concurrency] = process.argv.slice(2);

const worker = new Worker<{ url: string }>(
  'urls',
  async ({ data }) => {
    const { statusCode, headers, body } = await request(data.url);
    return { status: statusCode, headers, body: await body.text() };
  },
  { connection: connectRedis(redisUrl, 'queue'), prefix, concurrency: Number(concurrency) },
);
await worker.waitUntilReady();
process.on('disconnect', () => process.exit());
answerParent('ready', async () => undefined);

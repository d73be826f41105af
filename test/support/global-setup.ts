// Before all tests: one Redis for the whole run, found or fetched as `npm start` does; ended in global-teardown.ts.
import { readHost } from '../../shared/config.ts';
import type { PrivateRedis } from '../../shared/private-redis.ts';
import { startThrowawayRedis } from '../../shared/private-redis.ts';

declare global {
  // oxlint-disable-next-line no-var -- only var declares a property of globalThis
  var testRedisServer: PrivateRedis | undefined;
}

/** TEST_REDIS_URL names another Redis to run on; only keys with a random prefix are written there. */
const setUp = async (): Promise<void> => {
  if (process.env['TEST_REDIS_URL'] !== undefined) {
    process.stderr.write('Tests run on the Redis of TEST_REDIS_URL\n');
    return;
  }
  globalThis.testRedisServer = await startThrowawayRedis({ ...readHost(), onFetch });
  process.env['TEST_REDIS_URL'] = globalThis.testRedisServer.url;
  process.stderr.write(`Tests run on ${globalThis.testRedisServer.description}\n`);
};

const onFetch = (): void => void process.stderr.write('Fetching a Redis server (once)\n');

// oxlint-disable-next-line import/no-default-export -- Jest asks for it
export default setUp;

import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { startLine } from '../../chaos/line.ts';
import { ConfigError } from '../../shared/config.ts';
import type { Redis, RedisRole } from '../../shared/redis.ts';
import { checkRedis, closeRedis, connectRedis, untilReady } from '../../shared/redis.ts';
import { startFakeRedis } from '../support/fake-redis.ts';
import { startOwnRedis } from '../support/own-redis.ts';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const { url, prefix } = testRedis();
// Port 1 of the loopback: nobody listens there.
const nowhere = 'redis://127.0.0.1:1';
const own = await startOwnRedis();

const using = async <T>(redis: Redis, act: (redis: Redis) => Promise<T>): Promise<T> => {
  try {
    return await act(redis);
  } finally {
    await closeRedis(redis);
  }
};

test.each<RedisRole>(['api', 'store', 'disk', 'queue'])(
  'role %s reads and writes once ready',
  async (role) => {
    await using(connectRedis(url, role), async (redis) => {
      await untilReady(redis, 5000);
      await redis.set(`${prefix}:${role}`, 'here');
      expect(await redis.get(`${prefix}:${role}`)).toBe('here');
    });
  },
);

test('role api refuses a command at once while Redis is away', async () => {
  await using(connectRedis(nowhere, 'api'), async (redis) => {
    const begun = performance.now();
    await expect(redis.get('any')).rejects.toThrow("isn't writeable");
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

test('roles store and queue let a command wait for Redis', async () => {
  for (const role of ['store', 'queue'] as const) {
    await using(connectRedis(url, role), async (redis) => expect(await redis.ping()).toBe('PONG'));
  }
});

test.each<RedisRole>(['api', 'store', 'disk', 'queue'])(
  'role %s leaves a primary that was demoted, once however often that says so',
  async (role) => {
    const server = await startFakeRedis(
      { text: 'redis_version:7.0.0\r\n' },
      { set: () => '-READONLY You cannot write against a read only replica.\r\n' },
    );
    await using(connectRedis(server.url, role), async (redis) => {
      await untilReady(redis, 5000);
      const { stream } = redis as unknown as { readonly stream: Socket };
      const listening = stream.listenerCount('close');
      const reconnects = { count: 0 };
      redis.on('reconnecting', () => (reconnects.count += 1));
      const writes = Array.from({ length: 50 }, () => redis.set('a', 'b'));
      for (const write of await Promise.allSettled(writes))
        expect(write).toMatchObject({ reason: { message: expect.stringMatching(/^READONLY/) } });
      expect(stream.listenerCount('close')).toBeLessThanOrEqual(listening + 1);
      await waitFor(() => reconnects.count > 0 && redis.status === 'ready');
      expect(reconnects.count).toBe(1);
      // It is left again where the next one is no better.
      await waitFor(async () => {
        await redis.set('a', 'b').catch(() => {});
        return reconnects.count > 1;
      });
    });
    await server.close();
  },
);

test('reports connection errors to whoever connects, and goes on trying', async () => {
  const errors: Error[] = [];
  await using(
    connectRedis(nowhere, 'store', (error) => errors.push(error)),
    () => waitFor(() => errors.length >= 3),
  );
  expect(errors[0]?.message).toContain('ECONNREFUSED');
});

test('says why Redis was not ready in time', async () => {
  await using(connectRedis(nowhere, 'api'), async (redis) => {
    await expect(untilReady(redis, 300)).rejects.toThrow(/not ready within 300 ms.*ECONNREFUSED/);
  });
});

test('waits for Redis as long as it takes, where nobody says how long', async () => {
  const line = await startLine(own.socketPath);
  line.cut();
  await using(connectRedis(line.url, 'store'), async (redis) => {
    const ready = untilReady(redis);
    await new Promise((tried) => {
      redis.once('reconnecting', tried);
    });
    line.mend();
    await expect(ready).resolves.toBeUndefined();
  });
  await line.stop();
});

test('a connection comes back by itself after it was cut', async () => {
  await using(connectRedis(url, 'api'), async (redis) => {
    await untilReady(redis, 5000);
    const id = await redis.client('ID');
    await redis.call('CLIENT', 'KILL', 'ID', id, 'SKIPME', 'no').catch(() => {});
    await waitFor(() => redis.ping().catch(() => false as const));
    expect(await redis.client('ID')).not.toBe(id);
  });
});

test('closes at once where Redis is away', async () => {
  const redis = connectRedis(nowhere, 'store');
  await closeRedis(redis);
  await expect(redis.ping()).rejects.toThrow('Connection is closed');
});

test('reaches a database chosen in the address of a unix socket', async () => {
  await using(connectRedis(`${own.url}?db=3`, 'store'), async (redis) => {
    expect(await redis.client('INFO')).toContain(' db=3 ');
  });
});

test('accepts a server that evicts nothing, and tells what it is', async () => {
  await using(connectRedis(own.url, 'store'), async (redis) => {
    const facts = await checkRedis(redis);
    expect(Number.parseInt(facts.version ?? '', 10)).toBeGreaterThanOrEqual(7);
    expect(facts.isAppendOnly).toBe(true);
    await redis.config('SET', 'appendonly', 'no');
    expect(await checkRedis(redis)).toMatchObject({ isAppendOnly: false });
  });
});

test('refuses a server that evicts, and says what to set', async () => {
  await using(connectRedis(own.url, 'store'), async (redis) => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const refusal = checkRedis(redis);
    await expect(refusal).rejects.toThrow(ConfigError);
    await expect(refusal).rejects.toThrow(/allkeys-lru.*set it to noeviction/);
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
  });
});

test('refuses a server older than 7.0, and says which it needs', async () => {
  const old = await startFakeRedis({ text: 'redis_version:6.2.14\r\nmaxmemory_policy:noeviction\r\n' });
  await using(connectRedis(old.url, 'store'), async (redis) => {
    await expect(checkRedis(redis)).rejects.toThrow('a Redis 6.2.14: Fetchfleet needs 7.0 or later');
  });
  await old.close();
});

test('takes a server at its word that will not tell about itself', async () => {
  const shy = await startFakeRedis({
    error: "NOPERM this user has no permissions to run the 'info' command",
  });
  await using(connectRedis(shy.url, 'store'), async (redis) => {
    expect(await checkRedis(redis)).toEqual({ version: undefined, isAppendOnly: undefined });
  });
  await shy.close();
});

test('signs in with the name, the password and the database of the address', async () => {
  const server = await startFakeRedis({ text: 'redis_version:7.4.0\r\n' });
  const address = server.url.replace('redis://', 'redis://ada:p%40ss:word@');
  await using(connectRedis(`${address}/2`, 'store'), (redis) => redis.ping());
  expect(server.received()).toContain('ada\r\n$9\r\np@ss:word\r\n');
  expect(server.received()).toContain('select\r\n$1\r\n2\r\n');
  await server.close();
});

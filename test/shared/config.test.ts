import path from 'node:path';
import { expect, test } from '@jest/globals';
import { ConfigError, loadConfig } from '../../shared/config.ts';

const problems = (environment: NodeJS.ProcessEnv): readonly string[] => {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

test('an empty environment is a whole configuration', () => {
  expect(loadConfig({ PATH: '/bin', REDIS_URL: '' })).toMatchObject({
    redisUrl: undefined,
    keyPrefix: 'ff',
    dataDir: path.resolve('data'),
    api: { host: '127.0.0.1', port: 8080, keys: [] },
    worker: { concurrency: 256 },
    fetch: { connectTimeoutMs: 5000, headersTimeoutMs: 30_000, bodyTimeoutMs: 15_000, timeoutMs: 60_000 },
  });
});

test('reads what is set', () => {
  const config = loadConfig({
    REDIS_URL: 'unix:///run/redis.sock',
    FETCHFLEET_PORT: '0',
    FETCHFLEET_HOST: '0.0.0.0',
    FETCHFLEET_API_KEYS: 'anna:0123456789abcdef, ben:fedcba9876543210',
    FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8, 10.1.2.3/32:8080, [fd00::]/8:80',
  });
  expect(config.redisUrl).toBe('unix:///run/redis.sock');
  expect(config.api.keys).toEqual([
    { name: 'anna', key: '0123456789abcdef' },
    { name: 'ben', key: 'fedcba9876543210' },
  ]);
  expect(config.allowNetworks).toEqual([
    { address: '127.0.0.0', prefix: 8 },
    { address: '10.1.2.3', prefix: 32, port: 8080 },
    { address: 'fd00::', prefix: 8, port: 80 },
  ]);
});

test('names every bad variable at once', () => {
  const found = problems({
    FETCHFLEET_PORT: '80a',
    FETCHFLEET_WORKERS: '-1',
    FETCHFLEET_PROT: '1',
    REDIS_URL: 'http://x',
  });
  expect(found.map((problem) => problem.split(' ')[0] ?? '').toSorted()).toEqual([
    'FETCHFLEET_PORT',
    'FETCHFLEET_PROT',
    'FETCHFLEET_WORKERS',
    'REDIS_URL',
  ]);
});

test.each([
  { FETCHFLEET_PORT: '65536' },
  { FETCHFLEET_CONCURRENCY: '0' },
  { FETCHFLEET_TIMEOUT_MS: '1.5' },
  { FETCHFLEET_API_KEYS: 'anna:short' },
  { FETCHFLEET_API_KEYS: 'no-colon-at-all-here' },
  { FETCHFLEET_ALLOW_NETWORKS: '127.0.0.1' },
  { FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/33' },
  { FETCHFLEET_ALLOW_NETWORKS: '127.0.0.0/8:0' },
  { FETCHFLEET_ALLOW_NETWORKS: 'fd00::/129' },
  { FETCHFLEET_LOG_LEVEL: 'loud' },
  { FETCHFLEET_KEY_PREFIX: 'a:b' },
])('refuses %j', (environment) => {
  expect(problems(environment)).toHaveLength(1);
});

test('an API that others can reach needs keys, or somebody who guards it', () => {
  expect(problems({ FETCHFLEET_HOST: '0.0.0.0' })[0]).toContain('set FETCHFLEET_API_KEYS');
  expect(problems({ FETCHFLEET_HOST: '0.0.0.0', FETCHFLEET_AUTH: 'none' })).toEqual([]);
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) {
    expect(problems({ FETCHFLEET_HOST: host })).toEqual([]);
  }
});

test('a secret is never part of a complaint', () => {
  expect(problems({ FETCHFLEET_API_KEYS: 'anna:secret' }).join()).not.toContain('secret');
});

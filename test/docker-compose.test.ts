// docker-compose.yml by what a user would lose without it. No engine runs here: the file is parsed and its points asserted.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { loadConfig } from '../shared/config.ts';
import { overrunMs } from '../shared/shutdown.ts';

type Service = {
  readonly image: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly deploy?: { readonly replicas: string };
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period: string;
} & Readonly<Record<string, unknown>>;

type ComposeFile = {
  readonly name: string;
  readonly services: Readonly<Record<'redis' | 'api' | 'worker', Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

const file = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as ComposeFile;
const { redis, api, worker } = file.services;

test('has a Redis, an API and workers, and nothing else', () => {
  expect(Object.keys(file.services)).toEqual(['redis', 'api', 'worker']);
  expect(file).not.toHaveProperty('version');
});

test('keeps what Redis accepted through a restart, and never evicts it', () => {
  const options = Object.fromEntries(pairs(redis.command ?? []));
  expect(options).toMatchObject({
    '--appendonly': 'yes',
    '--appendfsync': 'everysec',
    '--maxmemory-policy': 'noeviction',
  });
  expect(redis.volumes).toEqual(['redis:/data']);
  expect(file.volumes).toHaveProperty('redis');
});

test('lets another Redis image be chosen', () => {
  expect(redis.image).toBe('${REDIS_IMAGE:-valkey/valkey:9-alpine}');
});

test('starts API and workers once Redis answers, not before', () => {
  expect(redis.healthcheck?.test.join(' ')).toContain('ping');
  for (const service of [api, worker]) {
    expect(service.depends_on).toEqual({ redis: { condition: 'service_healthy' } });
  }
});

test('publishes the unguarded API on the loopback address and nothing else at all', () => {
  expect(api.ports).toEqual(['127.0.0.1:${FETCHFLEET_PORT:-8080}:8080']);
  expect(redis).not.toHaveProperty('ports');
  expect(worker).not.toHaveProperty('ports');
});

test.each(['api', 'worker'] as const)('gives the %s an environment it accepts', (name) => {
  const config = loadConfig(file.services[name].environment);
  expect(config.redisUrl).toBe('redis://redis:6379');
});

test('lets the API be reached from outside its container', () => {
  expect(loadConfig(api.environment).api).toMatchObject({ host: '0.0.0.0', port: 8080 });
});

test('shows API and workers the same bodies', () => {
  for (const service of [api, worker]) {
    const { dataDir } = loadConfig(service.environment);
    expect(service.volumes).toEqual([`data:${dataDir}`]);
  }
  expect(file.volumes).toHaveProperty('data');
});

test('grows by --scale: workers have a number, no fixed name and no port', () => {
  expect(worker.deploy?.replicas).toBe('${WORKERS:-2}');
  expect(worker).not.toHaveProperty('container_name');
  expect(worker.command).toEqual(['node', 'dist/worker/main.js']);
});

test('gives a stopped process longer than the grace period of its requests', () => {
  for (const service of [api, worker]) {
    const stopMs = Number(/^(\d+)s$/.exec(service.stop_grace_period)?.[1]) * 1000;
    expect(stopMs).toBeGreaterThanOrEqual(loadConfig(service.environment).graceMs + overrunMs);
  }
});

test.each(['redis', 'api', 'worker'] as const)('takes every right from the %s it does not need', (name) => {
  expect(file.services[name]).toMatchObject({
    read_only: true,
    tmpfs: ['/tmp'],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    init: true,
    restart: 'unless-stopped',
  });
  expect(file.services[name]).not.toHaveProperty('privileged');
  expect(file.services[name]).not.toHaveProperty('container_name');
});

test.each(['redis', 'api', 'worker'] as const)('bounds the log of the %s', (name) => {
  expect(file.services[name]).toMatchObject({
    logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
  });
});

const pairs = (flags: readonly string[]): [string, string][] =>
  flags.flatMap((flag, at) => (flag.startsWith('--') ? [[flag, flags[at + 1] ?? '']] : []));

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { readHost } from '../../shared/config.ts';
import { findRedisServer } from '../../shared/redis-server.ts';
import { runNode } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

const program = (name: string, version: string): string => {
  const directory = path.join(folder, `${name}-${version}`);
  mkdirSync(directory);
  writeFileSync(path.join(directory, name), `#!/bin/sh\necho "${version} sha=00000000:0 bits=64"\n`, {
    mode: 0o755,
  });
  return directory;
};

test.each([
  ['redis-server', 'Redis server v=7.4.1', 'Redis 7.4.1'],
  ['valkey-server', 'Valkey server v=8.1.0', 'Valkey 8.1.0'],
])('uses %s from PATH', async (name, version, description) => {
  const directory = program(name, version);
  const server = await findRedisServer({ searchPath: `/nowhere:${directory}`, cacheHome: folder });
  expect(server).toEqual({
    command: path.join(directory, name),
    description: `${description} (${path.join(directory, name)})`,
  });
});

test('passes over a server on PATH that is older than 7.0', async () => {
  const searchPath = [
    program('valkey-server', 'Valkey server v=6.9.0'),
    program('redis-server', 'Redis server v=8.0.2'),
  ].join(':');
  const { description } = await findRedisServer({ searchPath, cacheHome: folder });
  expect(description).toContain('Redis 8.0.2');
});

test('finds what this test run itself found or fetched', async () => {
  const fetches: true[] = [];
  const server = await findRedisServer({ ...readHost(), onFetch: () => void fetches.push(true) });
  expect(server.description).toMatch(/^(Redis|Valkey) \d+\.\d+/);
  expect(fetches).toEqual([]);
});

test('names the three ways out where there is no server and none can be fetched', async () => {
  const child = runNode(sourceScript('test/support/fixtures/find-redis.ts'), {
    env: { PATH: '/nowhere', XDG_CACHE_HOME: path.join(folder, 'empty') },
  });
  expect(await child.exit).toBe(1);
  expect(child.output()).toContain('none could be fetched (this machine has no apt-get)');
  for (const way of ['install redis-server or valkey-server', 'docker compose up', 'set REDIS_URL']) {
    expect(child.output()).toContain(way);
  }
});

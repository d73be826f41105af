/* oxlint-disable jest/no-standalone-expect -- the tests are skipped where the machine cannot run them */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { debianRedis, fetchDebianRedis } from '../../shared/debian-redis.ts';
import { runNode } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const slow = 120_000;
const findRedis = sourceScript('test/support/fixtures/find-redis.ts');

const hasApt = spawnSync('apt-get', ['--version']).error === undefined;
if (!hasApt) process.stderr.write('This machine has no apt-get: fetching a Redis server is not tested\n');
const testWithApt = hasApt ? test : test.skip;

// Somebody else can run the sources only where every folder above them may be entered by others.
const nobody = 65_534;
const mayEnter = (directory: string): boolean =>
  (statSync(directory).mode & 0o001) !== 0 &&
  (directory === path.dirname(directory) || mayEnter(path.dirname(directory)));
const canBeNobody = process.getuid?.() === 0 && mayEnter(import.meta.dirname);
if (!canBeNobody)
  process.stderr.write('Fetching as user nobody is not tested: needs root, and sources others can read\n');
const testAsNobody = hasApt && canBeNobody ? test : test.skip;

testWithApt(
  'two processes that fetch at once both get a server that runs, and leave nothing else',
  async () => {
    const target = path.join(folder, 'twice', 'redis');
    await Promise.all([fetchDebianRedis(target), fetchDebianRedis(target)]);
    const { command, librariesPath } = await debianRedis(target);
    const { stdout } = spawnSync(command, ['--version'], { env: { LD_LIBRARY_PATH: librariesPath } });
    expect(String(stdout)).toMatch(/^Redis server v=\d/);
    expect(readdirSync(path.dirname(target))).toEqual(['redis']);
  },
  slow,
);

testWithApt(
  'fetches package lists of its own where the machine has none, and uses the cache the next time',
  async () => {
    const noLists = path.join(folder, 'apt.conf');
    mkdirSync(path.join(folder, 'lists', 'partial'), { recursive: true });
    writeFileSync(
      noLists,
      `Dir::State::lists "${folder}/lists";\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n`,
    );
    const env = { APT_CONFIG: noLists, XDG_CACHE_HOME: path.join(folder, 'cold') };
    const cold = runNode(findRedis, { env });
    expect(await cold.exit).toBe(0);
    expect(cold.output()).toMatch(/^fetching\nRedis \d+\.\d+\.\d+ \(.*\/cold\/fetchfleet\/redis-/);
    const warm = runNode(findRedis, { env: { ...env, APT_CONFIG: '/nowhere' } });
    await warm.exit;
    expect(warm.output()).toMatch(/^Redis /);
    expect(readdirSync(path.join(folder, 'lists'))).toEqual(['partial']);
  },
  slow,
);

testAsNobody(
  'works for a user who has no home',
  async () => {
    const temporary = path.join(folder, 'tmp');
    chmodSync(folder, 0o755);
    mkdirSync(temporary);
    chmodSync(temporary, 0o1777);
    const child = runNode(findRedis, { env: { HOME: '/nonexistent', TMPDIR: temporary }, uid: nobody });
    expect(await child.exit).toBe(0);
    expect(child.output()).toContain(`(${temporary}/fetchfleet-${nobody}/redis-`);
  },
  slow,
);

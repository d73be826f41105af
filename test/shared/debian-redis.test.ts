/* oxlint-disable jest/no-standalone-expect -- the tests are skipped where the machine cannot run them */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
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

const { stdout: architecture } = spawnSync('dpkg', ['--print-architecture'], { encoding: 'utf8' });
// Of redis-tools apt says then that it cannot be downloaded, and calls that a success.
const installed = `
Package: redis-tools
Status: install ok installed
Maintainer: nobody
Architecture: ${architecture}Version: 0
Description: no such thing
`;

testWithApt.each([
  ['the machine has none', ''],
  ['the machine has none, and redis-tools installed', installed],
])(
  'fetches package lists of its own where %s, and uses the cache the next time',
  async (name, more) => {
    const home = path.join(folder, name);
    const noLists = path.join(home, 'apt.conf');
    mkdirSync(path.join(home, 'lists', 'partial'), { recursive: true });
    const status = readFileSync('/var/lib/dpkg/status', 'utf8');
    const others = status.split('\n\n').filter((entry) => !entry.startsWith('Package: redis-'));
    writeFileSync(path.join(home, 'status'), `${others.join('\n\n')}${more}`);
    writeFileSync(
      noLists,
      `Dir::State::lists "${home}/lists";\nDir::State::status "${home}/status";\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n`,
    );
    const env = { APT_CONFIG: noLists, XDG_CACHE_HOME: path.join(home, 'cold') };
    const cold = runNode(findRedis, { env });
    expect(await cold.exit).toBe(0);
    expect(cold.output()).toMatch(/^fetching\nRedis \d+\.\d+\.\d+ \(.*\/cold\/fetchfleet\/redis-/);
    const warm = runNode(findRedis, { env: { ...env, APT_CONFIG: '/nowhere' } });
    await warm.exit;
    expect(warm.output()).toMatch(/^Redis /);
    const left = readdirSync(path.join(home, 'lists'), { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
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

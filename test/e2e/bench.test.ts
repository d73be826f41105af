// The benchmark end to end, as small as it gets: every contender starts, fetches and stops, and the figures are left.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { Report } from '../../bench/scenario.ts';
import { testRedis } from '../support/redis.ts';
import { runNode } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';

const { url } = testRedis();

const contenders = {
  'story-1': ['fetchfleet', 'undici-request'],
  throughput: ['fetchfleet', 'job-per-url', 'undici-request', 'undici-dispatch'],
  engine: ['engine', 'undici-request', 'undici-dispatch'],
};

test('races every contender of these scenarios, prints the tables and keeps the figures', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'fetchfleet-test-'));
  const env = { REDIS_URL: url, FETCHFLEET_DATA_DIR: dataDir };
  const bench = runNode(
    [...sourceScript('bench/main.ts'), ...Object.keys(contenders), '--rounds', '1', '--count', '40'],
    { env },
  );
  expect({ exit: await bench.exit, output: bench.output() }).toMatchObject({ exit: 0 });
  expect(bench.output()).toMatch(/story-1: .*\n[^]*throughput: .*\n/);
  const [file = ''] = await readdir(path.join(dataDir, 'bench'));
  const { reports } = JSON.parse(await readFile(path.join(dataDir, 'bench', file), 'utf8')) as {
    reports: Report[];
  };
  await rm(dataDir, { recursive: true });
  const raced = reports.map(({ scenario, rows, skipped }) => [
    scenario,
    rows.map(({ name }) => name),
    skipped,
  ]);
  expect(raced).toEqual(Object.entries(contenders).map(([scenario, names]) => [scenario, names, []]));
}, 60_000);

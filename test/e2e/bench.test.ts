// The benchmark end to end, as small as it gets: every contender starts, fetches and stops, and the figures are left.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { Report } from '../../bench/scenario.ts';
import { holds, type TrialReport } from '../../bench/trial.ts';
import { testRedis } from '../support/redis.ts';
import { runNode } from '../support/run-process.ts';
import { sourceScript } from '../support/source-script.ts';

const { url } = testRedis();

const contenders = {
  'story-1': ['fetchfleet', 'undici-request'],
  throughput: ['fetchfleet', 'job-per-url', 'undici-request', 'undici-dispatch'],
  engine: ['engine', 'undici-request', 'undici-dispatch'],
};

type Figures = { readonly reports: readonly (Report | TrialReport)[] };

/** Runs the benchmark, and resolves with what it printed and the figures it left. */
const runBench = async (args: readonly string[]): Promise<{ output: string; exit: unknown } & Figures> => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'fetchfleet-test-'));
  const env = { REDIS_URL: url, FETCHFLEET_DATA_DIR: dataDir };
  const bench = runNode([...sourceScript('bench/main.ts'), ...args], { env });
  const exit = await bench.exit;
  const [file] = await readdir(path.join(dataDir, 'bench')).catch(() => []);
  const figures = file === undefined ? '{}' : await readFile(path.join(dataDir, 'bench', file), 'utf8');
  await rm(dataDir, { recursive: true });
  return { exit, output: bench.output(), ...(JSON.parse(figures) as Figures) };
};

test('races every contender of these scenarios, prints the tables and keeps the figures', async () => {
  const bench = await runBench([...Object.keys(contenders), '--rounds', '1', '--count', '40']);
  expect(bench).toMatchObject({ exit: 0 });
  expect(bench.output).toMatch(/story-1: .*\n[^]*throughput: .*\n/);
  const raced = (bench.reports as Report[]).map(({ scenario, rows, skipped }) => [
    scenario,
    rows.map(({ name }) => name),
    skipped,
  ]);
  expect(raced).toEqual(Object.entries(contenders).map(([scenario, names]) => [scenario, names, []]));
}, 60_000);

test('judges scenarios by what the target saw, and ends with that', async () => {
  const scenarios = ['host-limit', 'hanging-host', 'permits-cost', 'idle-clients'];
  const { reports, output, exit } = await runBench([...scenarios, '--count', '300', '--rounds', '1']);
  const trials = reports as readonly TrialReport[];
  expect({ output, scenarios: trials.map(({ scenario }) => scenario) }).toMatchObject({ scenarios });
  expect(output).toMatch(/host-limit: .*\n[^]*requests with a result +300/);
  expect(trials[0]?.bounds).toEqual(
    expect.arrayContaining([
      { name: 'requests with a result', value: 300, least: 300 },
      { name: 'results', value: 300, most: 300 },
    ]),
  );
  const waited = expect.objectContaining({ name: 'clients that waited', value: 300 });
  expect(trials[3]?.bounds).toContainEqual(waited);
  expect(exit).toBe(trials.every(({ bounds }) => bounds.every(holds)) ? 0 : 1);
}, 90_000);

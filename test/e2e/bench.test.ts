// The benchmark end to end, as small as it gets: our own contenders and a fleet start, fetch and stop, and the figures are left.
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

type Figures = { readonly reports: readonly (Report | TrialReport)[] };

/** Runs the benchmark, and resolves with what it printed and the figures it left. */
const runBench = async (
  args: readonly string[],
): Promise<{ output: string; exit: unknown; chart: string } & Figures> => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'fetchfleet-test-'));
  const env = { REDIS_URL: url, FETCHFLEET_DATA_DIR: dataDir };
  const bench = runNode([...sourceScript('bench/main.ts'), ...args], { env });
  const exit = await bench.exit;
  const files = await readdir(path.join(dataDir, 'bench')).catch(() => []);
  const read = async (ending: string): Promise<string | undefined> => {
    const file = files.find((name) => name.endsWith(ending));
    return file === undefined ? undefined : await readFile(path.join(dataDir, 'bench', file), 'utf8');
  };
  const [figures = '{"reports":[]}', chart = ''] = [await read('.json'), await read('.svg')];
  await rm(dataDir, { recursive: true });
  return { exit, output: bench.output(), chart, ...(JSON.parse(figures) as Figures) };
};

const raced = ['fetchfleet', 'undici-request', 'undici-dispatch', 'job-per-url'];

test('races, judges and measures, prints all that, and keeps it as figures and as a chart', async () => {
  const scenarios = ['throughput', 'cost', 'idle-clients'];
  const sizes = ['--rounds', '1', '--count', '200', '--contenders', raced.join()];
  const { reports, chart, output, exit } = await runBench([...scenarios, ...sizes]);
  expect({ output, scenarios: reports.map(({ scenario }) => scenario) }).toMatchObject({ scenarios });
  const [race, cost, idle] = reports as [Report, TrialReport, TrialReport];
  expect({ raced: race.rows.map(({ name }) => name), skipped: race.skipped }).toEqual({ raced, skipped: [] });
  expect(cost.figures.map(({ name }) => name)).toContain('fetching a million: worker');
  const waited = expect.objectContaining({ name: 'clients that waited', value: 200 });
  expect(idle.bounds).toContainEqual(waited);
  expect(output).toMatch(/throughput: .*\n[^]*idle-clients: .*\n[^]*clients that waited +200/);
  expect(chart).toMatch(/^<svg [^]*job-per-url[^]*<\/svg>\n$/);
  expect(exit).toBe(reports.every(({ bounds }) => bounds.every(holds)) ? 0 : 1);
}, 150_000);

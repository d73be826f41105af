// `npm run bench`: runs the scenarios asked for, prints their tables and leaves the figures as JSON and as a chart.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig, readHost } from '../shared/config.ts';
import { drawChart } from './chart.ts';
import { parseCommandLine, type Asked } from './command-line.ts';
import { openGround } from './ground.ts';
import { formatHelp } from './help.ts';
import { describeMachine, formatMachine } from './machine.ts';
import { watchStolen } from './process-usage.ts';
import { groups, programme, scenarios } from './programme.ts';
import type { Bench, Report } from './scenario.ts';
import { startTarget } from './start-target.ts';
import { formatReport } from './table.ts';
import { formatTrial, holds, type TrialReport } from './trial.ts';

const flags = ['--rounds N', '--count N', '--contenders NAME,…'];

const main = async (): Promise<void> => {
  if (process.argv.includes('--help')) return print(formatHelp('npm run bench', flags, programme));
  const asked = parseCommandLine(process.argv.slice(2), groups);
  const config = loadConfig();
  const { searchPath } = readHost();
  const machine = describeMachine(searchPath);
  const ground = await openGround(config);
  print(`${formatMachine(machine)}, Redis: ${ground.redis}\n`);
  try {
    const reports = await runAll(asked, {
      ...ground,
      ...asked,
      startTarget: async (options) =>
        startTarget(options, { searchPath, directory: await ground.newDirectory() }),
      signal: interrupt.signal,
      progress,
    });
    const { json, svg } = await writeResults(config.dataDir, {
      figures: { machine, redis: ground.redis, reports },
      chart: drawChart(reports, [...formatMachine(machine).split('\n'), withoutPath(ground.redis)]),
    });
    print(`Figures: ${json}\nChart: ${svg}`);
  } finally {
    await ground.remove();
  }
};

type Judged = (Report | TrialReport) & {
  /** See `watchStolen`. */
  readonly stolenShare: number | undefined;
};

/** A scenario that fails, or breaks a bound, does not keep the others from running, but the exit code tells of it. */
const runAll = async (asked: Asked, bench: Bench): Promise<Judged[]> => {
  const reports: Judged[] = [];
  const wanted = scenarios.filter(({ name }) => asked.scenarios.includes(name));
  for (const [at, scenario] of wanted.entries()) {
    bench.progress(`${scenario.name} (${at + 1} of ${wanted.length})`);
    try {
      const count = bench.count ?? (wanted.length > 1 ? scenario.briefCount : undefined);
      const stolen = watchStolen();
      const report = await scenario.run({ ...bench, count });
      const share = stolen();
      print(`${'rows' in report ? formatReport(report) : formatTrial(report)}${formatStolen(share)}\n`);
      if (!report.bounds.every(holds)) process.exitCode = 1;
      reports.push({ ...report, stolenShare: share });
    } catch (error) {
      bench.signal.throwIfAborted();
      print(`${scenario.name}: failed: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
  return reports;
};

const noticed = 0.05;

const formatStolen = (share = 0): string =>
  share < noticed
    ? ''
    : `\n  beware: of the time its processes wanted, the host of this machine gave ${(share * 100).toFixed(0)} % to others`;

/** A chart is shown to others: where a program is on this machine is none of their business. */
const withoutPath = (description: string): string => description.replace(/ \(.*/, '');

/** Both under the same name, the time. */
const writeResults = async (
  dataDir: string,
  { figures, chart }: { readonly figures: object; readonly chart: string },
): Promise<{ json: string; svg: string }> => {
  const directory = path.join(dataDir, 'bench');
  await mkdir(directory, { recursive: true });
  const name = path.join(directory, new Date().toISOString().replaceAll(':', '-'));
  await writeFile(`${name}.json`, `${JSON.stringify(figures, null, 2)}\n`);
  await writeFile(`${name}.svg`, chart);
  return { json: `${name}.json`, svg: `${name}.svg` };
};

const interrupt = new AbortController();
// Once: a second Ctrl-C ends everything at once.
process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const progress = (text: string): void => void process.stderr.write(`… ${text}\n`);

try {
  await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

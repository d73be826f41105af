// `npm run bench`: runs the scenarios asked for, prints their tables and leaves the figures as JSON.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig, readHost } from '../shared/config.ts';
import { parseCommandLine, type Asked } from './command-line.ts';
import { openGround } from './ground.ts';
import { describeMachine, formatMachine } from './machine.ts';
import type { Bench, Report, Scenario } from './scenario.ts';
import { adaptive } from './scenarios/adaptive.ts';
import { cancel } from './scenarios/cancel.ts';
import { engineAlone } from './scenarios/engine.ts';
import { fairness } from './scenarios/fairness.ts';
import { hangingHost } from './scenarios/hanging-host.ts';
import { hostLimit } from './scenarios/host-limit.ts';
import { hostRate } from './scenarios/host-rate.ts';
import { idleClients } from './scenarios/idle-clients.ts';
import { manyHosts } from './scenarios/many-hosts.ts';
import { permitsCost } from './scenarios/permits-cost.ts';
import { retryAfter } from './scenarios/retry-after.ts';
import { story1 } from './scenarios/story-1.ts';
import { story2, story2Slow } from './scenarios/story-2.ts';
import { throughput } from './scenarios/throughput.ts';
import { startTarget } from './start-target.ts';
import { formatReport } from './table.ts';
import { formatTrial, holds, type TrialReport } from './trial.ts';

const races: readonly Scenario[] = [story1, story2, story2Slow, throughput, engineAlone];
const scheduling: readonly Scenario[] = [
  hostLimit,
  hostRate,
  retryAfter,
  hangingHost,
  fairness,
  cancel,
  adaptive,
  permitsCost,
  manyHosts,
  idleClients,
];
const scenarios = [...races, ...scheduling];

const main = async (): Promise<void> => {
  const asked = parseCommandLine(process.argv.slice(2), {
    races: races.map(({ name }) => name),
    scheduling: scheduling.map(({ name }) => name),
  });
  const config = loadConfig();
  const machine = describeMachine();
  const ground = await openGround(config);
  const { searchPath } = readHost();
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
    const file = await writeResults(config.dataDir, { machine, redis: ground.redis, reports });
    print(`Figures: ${file}`);
  } finally {
    await ground.remove();
  }
};

/** A scenario that fails, or breaks a bound, does not keep the others from running, but the exit code tells of it. */
const runAll = async (asked: Asked, bench: Bench): Promise<(Report | TrialReport)[]> => {
  const reports: (Report | TrialReport)[] = [];
  for (const scenario of scenarios.filter(({ name }) => asked.scenarios.includes(name))) {
    try {
      const report = await scenario.run(bench);
      print(`${'rows' in report ? formatReport(report) : formatTrial(report)}\n`);
      if ('bounds' in report && !report.bounds.every(holds)) process.exitCode = 1;
      reports.push(report);
    } catch (error) {
      bench.signal.throwIfAborted();
      print(`${scenario.name}: failed: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
  return reports;
};

const writeResults = async (dataDir: string, results: object): Promise<string> => {
  const directory = path.join(dataDir, 'bench');
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  return file;
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

// What the fetch engine costs beside bare undici, with nothing around it.
import { engine } from '../contenders/engine.ts';
import { undiciDispatch } from '../contenders/undici-dispatch.ts';
import { undiciRequest } from '../contenders/undici-request.ts';
import { runRace, type Race } from '../race.ts';
import type { Report, Scenario } from '../scenario.ts';
import { median } from '../statistics.ts';

const race: Race = {
  scenario: 'engine',
  about: 'the fetch engine alone, small JSON bodies from a fast target, concurrency 100',
  target: { delayMs: 0, deadKeepAlive: false },
  load: { count: 20_000, concurrency: 100, timeoutMs: 60_000, until: 'stored' },
  rounds: 7,
  contenders: [engine, undiciRequest, undiciDispatch],
};

export const engineAlone: Scenario = {
  name: race.scenario,
  about: race.about,
  run: async (bench) => withCpu(await runRace(race, bench)),
};

/** Adds the CPU that each spends on a URL: less noisy than time on a machine that others use too. */
export const withCpu = (report: Report): Report => {
  const counted = report.rows.filter(({ cpuSeconds }) => cpuSeconds.length > 0);
  if (counted.length === 0) return report;
  const each = counted.map(({ name, cpuSeconds }) => {
    const microseconds = (median(cpuSeconds) / report.count) * 1e6;
    return `${name} ${microseconds.toFixed(0)} µs`;
  });
  return { ...report, notes: [...report.notes, `CPU per URL: ${each.join(', ')}`] };
};

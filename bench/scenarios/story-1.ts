// The story this project begins with: 100 GETs to one slow host, on a warm service, until the last result is read.
import { byMs, withoutFailure } from '../compare.ts';
import { fetchfleet } from '../contenders/fetchfleet.ts';
import { aiohttp, threads } from '../contenders/python.ts';
import { sequential } from '../contenders/sequential.ts';
import { undiciRequest } from '../contenders/undici-request.ts';
import { runRace, type Race } from '../race.ts';
import type { Report, Scenario } from '../scenario.ts';
import { median } from '../statistics.ts';

const delayMs = 400;

const race: Race = {
  scenario: 'story-1',
  about: `100 GETs to a target that answers after ${delayMs} ms, until the last result is read`,
  target: { delayMs, deadKeepAlive: false },
  load: { count: 100, concurrency: 100, timeoutMs: 30_000, until: 'read' },
  // Runs this short differ by more than is left to judge them by.
  rounds: 15,
  // One leaves most of what is hot to an interpreter.
  warmUp: 20,
  // Five tell what a hundred would take, forty seconds: each takes as long as the one before.
  fewer: { sequential: 5 },
  contenders: [fetchfleet, undiciRequest, aiohttp, threads, sequential],
  bounds: (report) => [
    { name: `time by the target's ${delayMs} ms`, value: byMs(report, delayMs), unit: '×', most: 1.08 },
    withoutFailure(report),
  ],
};

export const story1: Scenario = {
  name: race.scenario,
  about: race.about,
  run: async (bench) => withNote(await runRace(race, bench)),
};

/** Adds what a loop would take. */
export const withNote = (report: Report): Report => {
  const subject = report.rows.find(({ name }) => name === report.subject);
  if (subject === undefined) return report;
  const tookMs = median(subject.durationsMs);
  const loopMs = report.count * delayMs;
  const note = `one after the other takes at least ${loopMs / 1000} s, ${(loopMs / tookMs).toFixed(0)} × as long (computed, not run)`;
  return { ...report, notes: [...report.notes, note] };
};

// The story this project begins with: 100 GETs to one slow host, on a warm service, until the last result is read.
import { fetchfleet } from '../contenders/fetchfleet.ts';
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
  rounds: 5,
  contenders: [fetchfleet, undiciRequest],
};

export const story1: Scenario = {
  name: race.scenario,
  about: race.about,
  run: async (bench) => withNotes(await runRace(race, bench)),
};

/** Adds how near the subject came to the delay itself, and what a loop would take. */
export const withNotes = (report: Report): Report => {
  const subject = report.rows.find(({ name }) => name === report.subject);
  if (subject === undefined) return report;
  const tookMs = median(subject.durationsMs);
  const loopMs = report.count * delayMs;
  const notes = [
    `${subject.name} took ${(tookMs / delayMs).toFixed(2)} × the target's ${delayMs} ms`,
    `one after the other takes at least ${loopMs / 1000} s, ${(loopMs / tookMs).toFixed(0)} × as long (computed, not run)`,
  ];
  return { ...report, notes: [...report.notes, ...notes] };
};

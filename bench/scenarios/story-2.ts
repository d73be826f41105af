// The second half of the story: a host that mishandles kept connections, and one that is merely slow. Each run meets it anew.
import { byMs, withoutFailure } from '../compare.ts';
import { engine } from '../contenders/engine.ts';
import { fetchfleet } from '../contenders/fetchfleet.ts';
import { undiciAgent } from '../contenders/undici-agent.ts';
import { runRace, type Race } from '../race.ts';
import type { Scenario } from '../scenario.ts';

const contenders = [fetchfleet, engine, undiciAgent];

const deadKeepAlive: Race = {
  scenario: 'story-2',
  about: '40 GETs, 10 at once, to a host that answers one request per connection, after 200 ms',
  target: { delayMs: 200, deadKeepAlive: true },
  isStrange: true,
  load: { count: 40, concurrency: 10, timeoutMs: 60_000, until: 'read' },
  rounds: 3,
  contenders,
  bounds: (report) => [withoutFailure(report)],
};

const slowMs = 2000;

const slow: Race = {
  scenario: 'story-2-slow',
  about: '100 GETs, all at once, to a host that takes 2 s',
  target: { delayMs: slowMs, deadKeepAlive: false },
  isStrange: true,
  load: { count: 100, concurrency: 100, timeoutMs: 60_000, until: 'read' },
  rounds: 3,
  contenders,
  bounds: (report) => [
    { name: `time by the target's ${slowMs} ms`, value: byMs(report, slowMs), unit: '×', most: 1.1 },
    withoutFailure(report),
  ],
};

const toScenario = (race: Race): Scenario => ({
  name: race.scenario,
  about: race.about,
  run: (bench) => runRace(race, bench),
});

export const story2 = toScenario(deadKeepAlive);
export const story2Slow = toScenario(slow);

import { expect, test } from '@jest/globals';
import { kindsLeadingTo, learn } from '../../chaos/courses.ts';
import type { Kind } from '../../chaos/feeder.ts';

const kind = (name: string): Kind => ({ name, wish: { total: 1, steer: 'leave', looks: 0 } });
const [light, heavy] = [kind('light'), kind('heavy')];

/** A line on which these steps are taken with each batch of a kind. */
const lineOf = (steps: Readonly<Record<string, readonly string[]>>) => {
  const taken = new Map<string, number>();
  return {
    take: (name: string) => steps[name]?.forEach((step) => taken.set(step, 1)),
    line: {
      takeCounts() {
        const counts = new Map(taken);
        taken.clear();
        return counts;
      },
    },
  };
};

test('learns which steps a kind brings about, and at whom', async () => {
  const api = lineOf({ light: ['info', 'accept'], heavy: ['begin', 'seal'] });
  const workers = [
    lineOf({ light: ['claim'], heavy: [] }),
    lineOf({ light: ['record', 'hget'], heavy: ['claim'] }),
  ];
  const open: string[] = [];
  const courses = await learn([light, heavy], {
    lines: [{ who: 'api', line: api.line }, ...workers.map(({ line }) => ({ who: 'worker' as const, line }))],
    client: { open: () => open.splice(0) },
    feeder: {
      async feed({ name }) {
        for (const each of [api, ...workers]) each.take(name);
        open.push(name);
      },
      keepFeeding: () => Promise.resolve(),
    },
  });
  expect(courses).toEqual([
    { kind: light, steps: { api: new Set(['accept']), worker: new Set(['claim', 'record']) } },
    { kind: heavy, steps: { api: new Set(['begin', 'seal']), worker: new Set(['claim']) } },
  ]);
  expect(kindsLeadingTo(['claim', 'record'], courses)).toEqual([light]);
  expect(kindsLeadingTo(['seal', 'accept', 'seal'], courses)).toEqual([heavy, light]);
  expect(kindsLeadingTo([], courses)).toEqual([]);
});

// Every guard of the scripts is needed: without it, the model finds what goes wrong.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testRedis } from '../support/redis.ts';
import { conditions, notGuards, redundant, refusals } from './guards.ts';
import { allLines, allMutants, decides, scriptsWith, type Line } from './mutants.ts';
import { createTheatre } from './theatre.ts';

const theatre = createTheatre(testRedis());
beforeAll(() => theatre.open());
afterAll(() => theatre.close());

const nameOf = (line: Line): string => `${line.in}: ${line.line}`;
const listed = [refusals, conditions].flatMap((table) =>
  Object.entries(table).flatMap(([file, lines]) => lines.map((line) => ({ in: file, line }))),
);

test('every line that decides is listed as a guard, or as none, with the reason', () => {
  const deciding = allLines().filter(decides).map(nameOf);
  expect([...listed, ...notGuards].map(nameOf).toSorted()).toEqual(deciding.toSorted());
});

test('a mutant differs in its line from the script, and is one of those that are listed', () => {
  for (const mutant of allMutants())
    expect({ mutant, scripts: scriptsWith(mutant).size }).not.toMatchObject({ scripts: 0 });
});

const runs = Number(process.env['MODEL_RUNS'] ?? 3000);
const seed = Number(process.env['MODEL_SEED'] ?? 1);
const only = process.env['MODEL_GUARDS'] ?? '';

test('no guard can be taken out unnoticed', async () => {
  const isRedundant = new Set(redundant.map(nameOf));
  const chosen = allMutants()
    .filter((mutant) => !isRedundant.has(nameOf({ in: mutant.in, line: mutant.without })))
    .filter((mutant) => only === 'all' || mutant.in === only);
  const unnoticed: string[] = [];
  for (const mutant of chosen) {
    const began = performance.now();
    const found = await theatre.check({ runs, seed, mutants: scriptsWith(mutant), isFirstEnough: true });
    process.stderr.write(
      `${found === undefined ? 'UNNOTICED' : 'found'} ${/story \d+/.exec(found ?? '')?.[0]} ${Math.round(performance.now() - began)} ms ${mutant.in}: ${mutant.without}\n`,
    );
    if (found === undefined) unnoticed.push(`${mutant.in}: ${mutant.without}`);
  }
  expect(unnoticed).toEqual([]);
}, 7_200_000);

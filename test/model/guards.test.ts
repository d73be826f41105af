// Every guard of the scripts is needed: without it, the model finds what goes wrong.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testRedis } from '../support/redis.ts';
import { exceptions } from './guards.ts';
import { allMutants, scriptsWith, type Mutant } from './mutants.ts';
import { createTheatre } from './theatre.ts';

const theatre = createTheatre(testRedis());
beforeAll(() => theatre.open());
afterAll(() => theatre.close());

const stories = Number(process.env['MODEL_STORIES'] ?? 3000);
const seed = Number(process.env['MODEL_SEED'] ?? 1);
/** Names of scripts, or all. */
const only = process.env['MODEL_GUARDS'];
/** What a few stories find. */
const plain = [
  "record: if meta[1] ~= '1' then return {-1} end",
  "claim: if meta[1] ~= '1' then return {0} end",
  'pause: if false then return 0 end',
];

const nameOf = ({ in: file, line }: { readonly in: string; readonly line: string }): string =>
  `${file}: ${line}`;
const mutantName = ({ in: file, without }: Mutant): string => nameOf({ in: file, line: without });
const isExcepted = (mutant: Mutant): boolean =>
  exceptions.some((one) => [nameOf(mutant), mutantName(mutant)].includes(nameOf(one)));
const isChosen = (mutant: Mutant): boolean =>
  only === undefined
    ? plain.includes(mutantName(mutant))
    : only === 'all' || only.split(',').includes(mutant.in);

test('a mutant differs in its line from the script', () => {
  for (const mutant of allMutants())
    expect({ mutant, scripts: scriptsWith(mutant).size }).not.toMatchObject({ scripts: 0 });
});

test('what is excepted is there', () => {
  const names = new Set(allMutants().flatMap((mutant) => [nameOf(mutant), mutantName(mutant)]));
  expect(exceptions.map(nameOf).filter((name) => !names.has(name))).toEqual([]);
  expect(plain.filter((name) => !names.has(name))).toEqual([]);
});

test('no guard can be taken out unnoticed', async () => {
  const unnoticed: string[] = [];
  for (const mutant of allMutants().filter((one) => isChosen(one) && !isExcepted(one))) {
    const began = performance.now();
    const found = await theatre.check({ stories, seed, mutants: scriptsWith(mutant), isFirstEnough: true });
    const ms = Math.round(performance.now() - began);
    const outcome = /story \d+/.exec(found ?? '')?.[0] ?? 'UNNOTICED';
    if (only !== undefined) process.stderr.write(`${outcome}, ${ms} ms: ${mutantName(mutant)}\n`);
    if (found === undefined) unnoticed.push(mutantName(mutant));
  }
  expect(unnoticed).toEqual([]);
}, 7_200_000);

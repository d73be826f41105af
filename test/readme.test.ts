// The README holds what the code holds: configuration, failure codes, commands, links.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { failureMeanings } from '../shared/failure.ts';
import { documentedVariables } from './support/variables.ts';

const readme = readFileSync('README.md', 'utf8');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

test('shows every variable with its default and meaning, in the order of the schema', () => {
  const rows = documentedVariables.map(
    (each) => `| \`${each.name}\` | ${each.default === '' ? '–' : `\`${each.default}\``} | ${each.about} |`,
  );
  expect(tableUnder('| variable | default | sets |')).toEqual(rows);
});

test('shows every failure code with its meaning', () => {
  const rows = Object.entries(failureMeanings).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  expect(tableUnder('| failure code | means |')).toEqual(rows);
});

test('names npm scripts that exist', () => {
  const named = [...readme.matchAll(/\bnpm (?:run )?([a-z:-]+)/g)].map((match) => match[1] ?? '');
  expect(named).toContain('start');
  expect(named.filter((name) => name !== 'ci' && !Object.hasOwn(scripts, name))).toEqual([]);
});

test('tells of every npm script a person would run', () => {
  const hooks = /^(pre|post)/;
  const people = Object.keys(scripts).filter((name) => !hooks.test(name));
  expect(people.filter((name) => !new RegExp(`npm (run )?${name}\\b`).test(readme))).toEqual([]);
});

test('starts with the two commands', () => {
  expect(/```sh\n([^]*?)```/.exec(readme)?.[1]).toBe('npm ci\nnpm start\n');
});

test('links to files that exist', () => {
  const links = [...readme.matchAll(/\]\((?!http|#)([^)#]+)/g)].map((match) => match[1] ?? '');
  expect(links.filter((path) => !existsSync(path))).toEqual([]);
});

test('stays within 250 lines', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(250);
});

/** The rows of the table with this header. */
const tableUnder = (header: string): string[] => {
  const after = readme.split(`${header}\n`)[1] ?? '';
  const lines = after.split('\n');
  return lines.slice(1, lines.indexOf(''));
};

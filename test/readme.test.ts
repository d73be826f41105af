// The README holds what the code holds: configuration, commands, links.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readDocument } from './support/markdown.ts';
import { documentedVariables } from './support/variables.ts';

const page = readDocument('README.md');
const readme = page.text;
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

test('shows every variable with its default and meaning, in the order of the schema', () => {
  const rows = documentedVariables.map(
    (each) => `| \`${each.name}\` | ${each.default === '' ? '–' : `\`${each.default}\``} | ${each.about} |`,
  );
  expect(page.rowsUnder('| variable | default | sets |')).toEqual(rows);
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

test('links to what exists', () => {
  expect(page.brokenLinks()).toEqual([]);
});

test('stays within 250 lines', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(250);
});

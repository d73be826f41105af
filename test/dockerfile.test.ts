// The Dockerfile by what a user would lose without it; test/e2e/image.test.ts runs what it builds.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { copiedSources, readStages } from './support/dockerfile.ts';

const stages = readStages();
const image = stages.at(-1);
const inImage = (name: string): string[] =>
  image?.instructions.filter((each) => each.name === name).map(({ value }) => value) ?? [];

test('builds in stages and ships neither sources nor development packages', () => {
  expect(stages.map(({ name }) => name)).toEqual(['manifest', 'dependencies', 'build', undefined]);
  expect(inImage('COPY')).toEqual([
    'package.json LICENSE ./',
    '--from=dependencies /app/node_modules node_modules',
    '--from=build /app/dist dist',
  ]);
  expect(inImage('RUN').join()).not.toContain('npm');
});

test('runs on one supported Node', () => {
  const bases = stages.map(({ base }) => base).filter((base) => stages.every(({ name }) => name !== base));
  expect(new Set(bases)).toEqual(new Set(['node:24-bookworm-slim']));
});

test('runs as a user without rights, who owns the data directory', () => {
  expect(inImage('USER')).toEqual(['node']);
  expect(inImage('RUN')).toEqual(['mkdir /data && chown node:node /data']);
  expect(inImage('ENV').join(' ')).toContain('FETCHFLEET_DATA_DIR=/data');
});

test('starts Node itself, so that SIGTERM arrives', () => {
  expect(inImage('CMD').map((value) => JSON.parse(value) as unknown)).toEqual([['node', 'dist/api/main.js']]);
  expect(inImage('ENTRYPOINT')).toEqual([]);
});

test('sets no secret', () => {
  const set = stages.flatMap(({ instructions }) =>
    instructions.filter(({ name }) => /^(ENV|ARG)$/.test(name)),
  );
  expect(set.map(({ value }) => value).join(' ')).not.toMatch(/key|secret|token|password|redis_url/i);
});

test('sends the builder what it copies and nothing else', () => {
  const copied = copiedSources(stages);
  const rules = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => /^[^#]/.test(line));
  expect(rules).toEqual(['*', ...rules.slice(1)]);
  expect(rules.slice(1).toSorted()).toEqual([...new Set(copied)].map((path) => `!${path}`).toSorted());
});

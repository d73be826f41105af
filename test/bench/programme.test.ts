import { describe, expect, test } from '@jest/globals';
import { installCrawlee } from '../../bench/contenders/crawlee.ts';
import { groups, scenarios } from '../../bench/programme.ts';
import { readDocument } from '../support/markdown.ts';

test('names each scenario once, and no group like one', () => {
  const names = scenarios.map(({ name }) => name);
  expect(new Set([...names, ...Object.keys(groups)]).size).toBe(names.length + Object.keys(groups).length);
  expect(Object.values(groups).flat()).toEqual(names);
});

test('runs the stories and the race where nothing is named, and no gate', () => {
  const [everyday] = Object.values(groups);
  expect(everyday).toEqual(expect.arrayContaining(['story-1', 'story-2', 'throughput']));
  expect(everyday).not.toContain('gate');
});

describe('docs/benchmarks.md', () => {
  const page = readDocument('docs/benchmarks.md');
  const firstCells = (header: string): string[] =>
    page.rowsUnder(header).map((row) => /^\| `([^`]+)`/.exec(row)?.[1] ?? row);

  test('tells of every scenario, in order', () => {
    const rows = firstCells('| scenario | asks | must hold |');
    expect(rows).toEqual(scenarios.map(({ name }) => name));
  });

  test('names commands and groups that exist', () => {
    expect(page.text).toContain(installCrawlee);
    expect(Object.keys(groups).filter((group) => !page.text.includes(`\`${group}\``))).toEqual([]);
  });

  test.each(['docs/benchmarks.md', 'docs/operations.md'])('%s links to what exists', (file) => {
    expect(readDocument(file).brokenLinks()).toEqual([]);
  });
});

// docs/api.md holds what the code holds: failure codes, links.
import { expect, test } from '@jest/globals';
import { failureMeanings } from '../../shared/failure.ts';
import { readDocument } from '../support/markdown.ts';

const page = readDocument('docs/api.md');

test('shows every failure code with its meaning', () => {
  const rows = Object.entries(failureMeanings).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  expect(page.rowsUnder('| failure code | means |')).toEqual(rows);
});

test('links to what exists', () => {
  expect(page.brokenLinks()).toEqual([]);
});

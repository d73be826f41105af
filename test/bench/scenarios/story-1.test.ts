import { expect, test } from '@jest/globals';
import type { Report } from '../../../bench/scenario.ts';
import { withNote } from '../../../bench/scenarios/story-1.ts';

const report: Report = {
  scenario: 'story-1',
  about: '',
  target: '',
  count: 100,
  subject: 'fetchfleet',
  rows: [
    {
      name: 'fetchfleet',
      about: '',
      count: 100,
      durationsMs: [480, 500, 520],
      targetLoad: [0, 0, 0],
      cpuSeconds: [],
    },
  ],
  skipped: [],
  notes: [],
  bounds: [],
};

test('says what a loop would take', () => {
  expect(withNote(report).notes).toEqual([
    'one after the other takes at least 40 s, 80 × as long (computed, not run)',
  ]);
});

test('claims nothing where fetchfleet did not run', () => {
  expect(withNote({ ...report, rows: [] }).notes).toEqual([]);
});

import { expect, test } from '@jest/globals';
import type { Report } from '../../../bench/scenario.ts';
import { withNotes } from '../../../bench/scenarios/story-1.ts';

const report: Report = {
  scenario: 'story-1',
  about: '',
  target: '',
  count: 100,
  subject: 'fetchfleet',
  rows: [
    { name: 'fetchfleet', about: '', durationsMs: [480, 500, 520], targetLoad: [0, 0, 0], cpuSeconds: [] },
  ],
  skipped: [],
  notes: [],
};

test('says how near the target delay it came, and what a loop would take', () => {
  expect(withNotes(report).notes).toEqual([
    "fetchfleet took 1.25 × the target's 400 ms",
    'one after the other takes at least 40 s, 80 × as long (computed, not run)',
  ]);
});

test('claims nothing where fetchfleet did not run', () => {
  expect(withNotes({ ...report, rows: [] }).notes).toEqual([]);
});

import { expect, test } from '@jest/globals';
import { withCpu } from '../../../bench/scenarios/engine.ts';
import type { Report } from '../../../bench/scenario.ts';

const row = (name: string, cpuSeconds: readonly number[]): Report['rows'][number] => ({
  name,
  about: '',
  count: 20_000,
  durationsMs: [],
  targetLoad: [],
  cpuSeconds,
});

const report = (...rows: Report['rows']): Report => ({
  scenario: 'engine',
  about: '',
  target: '',
  count: 20_000,
  subject: 'engine',
  rows,
  skipped: [],
  notes: [],
  bounds: [],
});

test('says what a URL costs each of those that count it', () => {
  const { notes } = withCpu(
    report(row('engine', [0.7, 0.9, 0.8]), row('undici-request', [1.2]), row('other', [])),
  );
  expect(notes).toEqual(['CPU per URL: engine 40 µs, undici-request 60 µs']);
  expect(withCpu(report(row('other', []))).notes).toEqual([]);
});

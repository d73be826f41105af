import { expect, test } from '@jest/globals';
import type { Report, Row } from '../../bench/scenario.ts';
import { formatReport } from '../../bench/table.ts';

const row = (name: string, durationsMs: number[], targetLoad = 0.3): Row => ({
  name,
  about: `about ${name}`,
  durationsMs,
  targetLoad: durationsMs.map(() => targetLoad),
  cpuSeconds: [],
});

const report = (rows: Row[]): Report => ({
  scenario: 'throughput',
  about: 'what was asked',
  target: 'nginx',
  count: 1000,
  subject: 'ours',
  rows,
  skipped: [],
  notes: [],
});

test('shows median, extremes, rate and how many times as fast the subject is', () => {
  const text = formatReport(report([row('ours', [400, 500, 600]), row('theirs', [1600, 2000, 2400])]));
  expect(text).toContain('throughput: what was asked (target: nginx)');
  expect(text).toMatch(/ours +500 ms +400 ms +600 ms +2,000 +1 +30%/);
  expect(text).toMatch(/theirs +2\.00 s +1\.60 s +2\.40 s +500 +ours is 4\.00 × +30%/);
});

test('claims no ratio where the subject did not take part', () => {
  expect(formatReport(report([row('theirs', [100])]))).not.toContain('×');
});

test('names who is missing, and why', () => {
  const text = formatReport({
    ...report([]),
    skipped: [{ name: 'scrapy', reason: 'python3-scrapy is absent' }],
  });
  expect(text).toContain('scrapy: skipped, python3-scrapy is absent');
});

test('warns where the target was what was measured', () => {
  const text = formatReport(report([row('ours', [100], 0.95), row('theirs', [100], 0.5)]));
  expect(text).toContain('with ours the target was the bottleneck');
  expect(text).not.toContain('with theirs the target');
});

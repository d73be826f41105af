import { expect, test } from '@jest/globals';
import type { Report, Row } from '../../bench/scenario.ts';
import { formatReport } from '../../bench/table.ts';

const row = (name: string, durationsMs: number[], targetLoad = 0.3): Row => ({
  name,
  count: 1000,
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
  bounds: [],
});

test('shows median, extremes, rate and how many times as fast the subject is', () => {
  const text = formatReport(report([row('ours', [400, 500, 600]), row('theirs', [1600, 2000, 2400])]));
  expect(text).toContain('throughput: what was asked (target: nginx)');
  expect(text).toMatch(/ours +1,000 +500 ms +400 ms +600 ms +2,000 +1 +30%/);
  expect(text).toMatch(/theirs +1,000 +2\.00 s +1\.60 s +2\.40 s +500 +ours is 4\.00 × +30%/);
});

test('compares those that got fewer URLs by what each took', () => {
  const text = formatReport(report([row('ours', [1000]), { ...row('theirs', [500]), count: 50 }]));
  expect(text).toMatch(/theirs +50 +500 ms .* 100 +ours is 10\.00 ×/);
});

test('says of every bound whether it held', () => {
  const bounds = [{ name: 'speed by that of theirs', value: 3.5, unit: '×', least: 4 }];
  expect(formatReport({ ...report([]), bounds })).toContain(
    'BROKEN  speed by that of theirs  3.5 ×  (at least 4 ×)',
  );
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

import { expect, test } from '@jest/globals';
import { drawChart } from '../../bench/chart.ts';
import type { TrialReport } from '../../bench/trial.ts';
import { reportOf, rowOf } from '../support/bench-report.ts';

const trial: TrialReport = {
  scenario: 'poll',
  about: 'polls <fast>',
  bounds: [
    { name: 'p50', value: 1.1, unit: '×', most: 1.2 },
    { name: 'p99', value: 7, most: 5 },
    { name: 'none', value: Number.NaN, least: 5 },
  ],
  figures: [],
};

/** The length of each bar, by the name beside it. */
const barsOf = (svg: string): Record<string, number> =>
  Object.fromEntries(
    [
      ...svg.matchAll(
        /text-anchor="end">(.*?)<\/text>\n<rect class="bar[^"]*" x="\d+" y="3" width="([\d.]+)"/g,
      ),
    ].map(([, name = '', width]) => [name, Number(width)]),
  );

test('draws a bar as long as the contender is fast, the fastest first', () => {
  const svg = drawChart([reportOf(rowOf('fetchfleet', 500), rowOf('other', 1000))], []);
  const bars = barsOf(svg);
  expect(Object.keys(bars)).toEqual(['other', 'fetchfleet']);
  expect(bars['other']).toBeCloseTo((bars['fetchfleet'] ?? 0) * 2, 0);
  expect(svg).toContain('>1,000 URL/s</text>');
  expect(svg.match(/class="bar ours"/g)).toHaveLength(1);
});

test('says of every bound whether it held', () => {
  const svg = drawChart([trial], ['2 × Some CPU']);
  expect([...svg.matchAll(/>([✓✗])</g)].map(([, mark]) => mark)).toEqual(['✓', '✗', '✗']);
  expect(svg).toContain('p50: 1.1 × <tspan class="quiet">at most 1.2</tspan>');
  expect(svg).toContain('none: not measured');
  expect(svg).toContain('2 × Some CPU');
});

test('is a whole document that can be read on dark ground, whatever the texts say', () => {
  const svg = drawChart([trial, reportOf(rowOf('a & b', 1))], []);
  expect(svg).toContain('polls &lt;fast&gt;');
  expect(svg).toContain('a &amp; b');
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  const open = svg.match(/<(svg|g|text|tspan|title|style)[ >]/g)?.length;
  expect(svg.match(/<\/(svg|g|text|tspan|title|style)>/g)).toHaveLength(open ?? 0);
});

test('has room for a race in which nobody came in', () => {
  expect(drawChart([reportOf()], [])).not.toMatch(/NaN|Infinity/);
});

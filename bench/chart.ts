// The reports as one picture: bars for races, a line for every bound. SVG that is read on light and on dark ground. Pure.
import { perSecond } from './compare.ts';
import type { Report, Row } from './scenario.ts';
import { holds, type Bound, type TrialReport } from './trial.ts';

const width = 860;
const margin = 24;
const labelWidth = 150;
const barLeft = margin + labelWidth;
/** Room for the figure behind the longest bar. */
const barWidth = width - barLeft - 190;
const lineHeight = 24;

/** Pieces of the picture, each drawn from its own top, and how tall they are together. */
type Drawn = { readonly height: number; readonly svg: string };

/** `caption` is what the figures were measured on. */
export const drawChart = (reports: readonly (Report | TrialReport)[], caption: readonly string[]): string => {
  const panels = [
    ...caption.flatMap((line) => wrap(line)).map((line) => drawLine(line, 'quiet')),
    ...reports.flatMap((report) => drawPanel(report)),
  ];
  const { height, svg } = stack(panels, margin);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + margin}" width="${width}" height="${height + margin}" role="img">
<title>Benchmark of Fetchfleet</title>
<style>${style}</style>
<rect class="ground" width="100%" height="100%" rx="8"/>
${svg}
</svg>
`;
};

const style = `
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.ground { fill: #ffffff } .head { font-weight: 600; font-size: 15px } .quiet { fill: #656d76; font-size: 12px }
.bar { fill: #afb8c1 } .ours { fill: #0969da } .range { stroke: #1f2328; stroke-width: 1.5; opacity: .55 }
.good { fill: #1a7f37 } .bad { fill: #cf222e }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .ground { fill: #0d1117 } .quiet { fill: #8d96a0 } .bar { fill: #484f58 } .ours { fill: #4493f8 }
.range { stroke: #e6edf3 } .good { fill: #3fb950 } .bad { fill: #f85149 } }
`;

const drawPanel = (report: Report | TrialReport): readonly Drawn[] => {
  const rows = 'rows' in report ? drawRows(report) : [];
  return [
    { height: 18, svg: '' },
    drawLine(report.scenario, 'head'),
    ...wrap(report.about).map((line) => drawLine(line, 'quiet')),
    ...rows,
    ...report.bounds.map((bound) => drawBound(bound)),
  ];
};

const drawRows = ({ rows, subject }: Report): readonly Drawn[] => {
  const fastest = Math.max(...rows.flatMap((row) => rates(row)));
  const sorted = rows.toSorted((a, b) => perSecond(b) - perSecond(a));
  return sorted.map((row) => drawBar(row, { fastest, isOurs: row.name === subject }));
};

/** URLs a second of each round. */
const rates = ({ durationsMs, count }: Row): readonly number[] =>
  durationsMs.map((ms) => count / (ms / 1000));

const drawBar = (
  row: Row,
  { fastest, isOurs }: { readonly fastest: number; readonly isOurs: boolean },
): Drawn => {
  const x = (rate: number): number => round(barLeft + (rate / fastest) * barWidth);
  const middle = perSecond(row);
  const [least, most] = [Math.min(...rates(row)), Math.max(...rates(row))];
  const length = round(Math.max(1, x(middle) - barLeft));
  const svg = `<text x="${barLeft - 10}" y="15" text-anchor="end">${escape(row.name)}</text>
<rect class="bar${isOurs ? ' ours' : ''}" x="${barLeft}" y="3" width="${length}" height="16" rx="3"/>
<line class="range" x1="${x(least)}" x2="${x(most)}" y1="11" y2="11"/>
<text x="${x(most) + 8}" y="15">${Math.round(middle).toLocaleString('en')} URL/s</text>`;
  return { height: lineHeight, svg };
};

const drawBound = (bound: Bound): Drawn => {
  const isGood = holds(bound);
  const limit = bound.least === undefined ? `at most ${bound.most}` : `at least ${bound.least}`;
  const value = Number.isNaN(bound.value)
    ? 'not measured'
    : Number(bound.value.toPrecision(4)).toLocaleString('en');
  const unit = bound.unit === undefined ? '' : ` ${bound.unit}`;
  const svg = `<text class="${isGood ? 'good' : 'bad'}" x="${margin}" y="15">${isGood ? '✓' : '✗'}</text>
<text x="${margin + 20}" y="15">${escape(`${bound.name}: ${value}${unit}`)} <tspan class="quiet">${escape(limit)}</tspan></text>`;
  return { height: lineHeight, svg };
};

const drawLine = (text: string, kind: 'head' | 'quiet'): Drawn => ({
  height: kind === 'head' ? 22 : 18,
  svg: `<text class="${kind}" x="${margin}" y="14">${escape(text)}</text>`,
});

const stack = (pieces: readonly Drawn[], top: number): Drawn => {
  const state = { y: top };
  const parts = pieces.map(({ height, svg }) => {
    const y = state.y;
    state.y += height;
    return svg === '' ? '' : `<g transform="translate(0 ${y})">${svg}</g>`;
  });
  return { height: state.y, svg: parts.filter((part) => part !== '').join('\n') };
};

const lineLength = 125;

/** At spaces. */
const wrap = (text: string): readonly string[] => {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length > lineLength) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
};

const round = (number: number): number => Math.round(number * 10) / 10;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

// A scenario that is judged: what was measured, and the bounds it must keep. Pure.
import { alignColumns } from './columns.ts';

export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit?: string | undefined;
};

/** A figure that must be at least, or at most, so much; one that is not a number is neither. */
export type Bound = Figure & { readonly least?: number; readonly most?: number };

/** What a scenario came to. */
export type Trial = { readonly bounds: readonly Bound[]; readonly figures: readonly Figure[] };

export type TrialReport = Trial & { readonly scenario: string; readonly about: string };

export const holds = ({
  value,
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
}: Bound): boolean => value >= least && value <= most;

/** The report as lines: the verdict on every bound, then what else was measured. */
export const formatTrial = ({ scenario, about, bounds, figures }: TrialReport): string =>
  [`${scenario}: ${about}`, ...formatBounds(bounds, figures)].join('\n');

/** A line for each. */
export const formatBounds = (
  bounds: readonly Bound[],
  figures: readonly Figure[] = [],
): readonly string[] => {
  const rows = [
    ...bounds.map((bound) => [
      `${holds(bound) ? 'holds ' : 'BROKEN'}  ${bound.name}`,
      quantity(bound),
      limits(bound),
    ]),
    ...figures.map((figure) => [`        ${figure.name}`, quantity(figure), '']),
  ];
  return alignColumns(rows).map((line) => `  ${line}`.trimEnd());
};

const limits = ({ least, most, unit }: Bound): string => {
  const parts = [
    ...(least === undefined ? [] : [`at least ${quantity({ value: least, unit })}`]),
    ...(most === undefined ? [] : [`at most ${quantity({ value: most, unit })}`]),
  ];
  return `(${parts.join(', ')})`;
};

/** Four digits of small numbers, all of large ones up to the point. */
const quantity = ({ value, unit }: Omit<Figure, 'name'>): string => {
  const digits = Math.abs(value) < 1000 ? { maximumSignificantDigits: 4 } : { maximumFractionDigits: 0 };
  const number = value.toLocaleString('en', digits);
  return unit === undefined ? number : `${number} ${unit}`;
};

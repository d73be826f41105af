// The values of a template's variable, by their place: none of a range is made before it is asked for. Pure.

export type Values = { readonly count: number; readonly at: (place: number) => string };

const range = /^(\d{1,15})\.\.(\d{1,15})(?:\.\.(\d{1,15}))?$/;

/** `1..5000`, `10..1`, `0..100..10`; `001..100` is padded with zeros. Undefined for what is no range. */
export const readRange = (text: string): Values | undefined => {
  const [, first, last, by] = range.exec(text) ?? [];
  if (first === undefined || last === undefined) return undefined;
  const [from, to, step] = [Number(first), Number(last), Number(by ?? 1)];
  if (step === 0) return undefined;
  const isPadded = [first, last].some((end) => end.length > 1 && end.startsWith('0'));
  const width = isPadded ? Math.max(first.length, last.length) : 0;
  const direction = from <= to ? 1 : -1;
  return {
    count: Math.floor(Math.abs(to - from) / step) + 1,
    at: (place) => String(from + direction * step * place).padStart(width, '0'),
  };
};

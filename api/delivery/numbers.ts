// Numbers as JSON text, remembered: the same small ones and the same second come back all the time. Pure.

/** Milliseconds, from tenths of them. */
export const writeTenths = (tenths = 0): string =>
  tenths >= 0 && tenths < texts.length ? (texts[tenths] ??= String(tenths / 10)) : String(tenths / 10);

/** Up to 1.6 s. */
const texts: (string | undefined)[] = Array.from({ length: 16_384 });

/** Epoch ms as ISO 8601 in UTC, as `toISOString` has it. */
export const writeDate = (epochMs: number): string => {
  const second = Math.floor(epochMs / 1000);
  if (second !== last.second) {
    last.start = new Date(second * 1000).toISOString().slice(0, -4);
    last.second = second;
  }
  return `${last.start}${String(Math.floor(epochMs - second * 1000)).padStart(3, '0')}Z`;
};

const last = { second: 0, start: '1970-01-01T00:00:00.' };

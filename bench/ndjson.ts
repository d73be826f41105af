// A large submission as it is sent: a line of JSON for each URL.

/** For what is submitted and never fetched. */
export const neverAsked = 'http://127.0.0.1:18080';

const linesAPart = 10_000;

/** `count` URLs under `origin`. */
export const ndjsonOf = (origin: string, count: number): Buffer => {
  const parts: Buffer[] = [];
  for (let first = 0; first < count; first += linesAPart) {
    const length = Math.min(linesAPart, count - first);
    const lines = Array.from({ length }, (_, index) => `{"url":"${origin}/${first + index}"}\n`);
    parts.push(Buffer.from(lines.join('')));
  }
  return Buffer.concat(parts);
};

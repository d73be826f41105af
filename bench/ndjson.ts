// A large submission as it is sent: a line of JSON for each URL.

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

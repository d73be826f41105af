// The protocol of Redis, cut into what stands for itself: commands one way, replies the other. Pure.
// https://redis.io/docs/latest/develop/reference/protocol-spec/

/** Takes bytes as they come, and returns the values that are whole by now, each as it was sent. */
export type Splitter = (chunk: Buffer) => Buffer[];

const lineEnd = '\r\n';
const lineFeed = 0x0a;

export const createSplitter = (): Splitter => {
  /** `left` values are to come until one stands for itself, and `skip` bytes of a string. */
  let [left, skip, line] = [1, 0, ''];
  let parts: Buffer[] = [];
  const endLine = (): void => {
    const count = Number(line.slice(1, -lineEnd.length));
    if (/^[$=!]/.test(line) && count >= 0) skip = count + lineEnd.length;
    else if (/^[*~>]/.test(line)) left += Math.max(0, count) - 1;
    else if (line.startsWith('%')) left += 2 * count - 1;
    else left -= 1;
    line = '';
  };
  /** Where the next line or string, begun before or at `at`, ends. */
  const step = (chunk: Buffer, at: number): number => {
    if (skip > 0) {
      const end = Math.min(chunk.length, at + skip);
      skip -= end - at;
      if (skip === 0) left -= 1;
      return end;
    }
    const feed = chunk.indexOf(lineFeed, at);
    const end = feed === -1 ? chunk.length : feed + 1;
    line += chunk.toString('latin1', at, end);
    if (feed !== -1) endLine();
    return end;
  };
  return (chunk) => {
    const values: Buffer[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length;) {
      at = step(chunk, at);
      if (left > 0) continue;
      values.push(Buffer.concat([...parts, chunk.subarray(start, at)]));
      [left, parts, start] = [1, [], at];
    }
    parts.push(chunk.subarray(start));
    return values;
  };
};

/** The first `count` words of a command, as text. */
export const wordsOf = (command: Buffer, count: number): readonly string[] => {
  const words: string[] = [];
  for (let at = command.indexOf(lineFeed) + 1; at > 0 && words.length < count && at < command.length;) {
    const start = command.indexOf(lineFeed, at) + 1;
    const length = Number(command.toString('latin1', at + 1, start - lineEnd.length));
    words.push(command.toString('utf8', start, start + length));
    at = start + length + lineEnd.length;
  }
  return words;
};

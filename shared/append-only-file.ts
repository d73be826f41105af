// The append-only file of a Redis that is down: its newest part, and what stands at the end of it unfinished.
import { createReadStream } from 'node:fs';
import { readFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';

/** The file that Redis, with this working directory, wrote to last; undefined where there is none. */
export const newestIncrement = async (directory: string): Promise<string | undefined> => {
  const folder = path.join(directory, 'appendonlydir');
  const manifest = await readFile(path.join(folder, 'appendonly.aof.manifest'), 'utf8').catch(ignoreMissing);
  const increments = [...manifest.matchAll(/^file (\S+) seq (\d+) type i$/gm)];
  const newest = increments.toSorted(([, , a], [, , b]) => Number(a) - Number(b)).at(-1)?.[1];
  return newest === undefined ? undefined : path.join(folder, newest);
};

const ignoreMissing = (error: NodeJS.ErrnoException): string => {
  if (error.code === 'ENOENT') return '';
  throw error;
};

/**
 * Cuts off what a machine that lost its power left unfinished at the end, a command or a transaction, and returns how many
 * bytes that were. Redis, which must be down, starts on such a file by itself, but may leave the beginning of the transaction
 * there, and with its next start applies that half (valkey-io/valkey#4342). A file that is damaged otherwise stays as it is.
 */
export const cutUnfinished = async (directory: string): Promise<number> => {
  const file = await newestIncrement(directory);
  if (file === undefined) return 0;
  const { size } = await stat(file);
  const whole = await findWhole(file);
  if (whole === undefined || whole === size) return 0;
  await truncate(file, whole);
  return size - whole;
};

const chunkBytes = 1_048_576;

/** Where the last whole command or transaction ends; undefined for what is no such file. */
const findWhole = async (file: string): Promise<number | undefined> => {
  const scan = createScan();
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes })) {
    if (!scan.read(chunk as Buffer)) return undefined;
  }
  return scan.whole();
};

type Scan = {
  /** Takes the next bytes; false where they are no commands. */
  read(chunk: Buffer): boolean;
  /** How many bytes there are up to the end of the last command that is whole, and so is its transaction. */
  whole(): number;
};

const none = -1;
const bytes = { star: 0x2a, dollar: 0x24, hash: 0x23, zero: 0x30, nine: 0x39, return: 0x0d, feed: 0x0a };

/**
 * Commands are arrays of bulk strings, as clients send them (https://redis.io/docs/latest/develop/reference/protocol-spec/);
 * a line that begins with # is a remark of the server. By bytes, not by lines: that is three times as fast.
 */
const createScan = (): Scan => {
  let [start, whole] = [0, 0];
  /** Of the line that is being read: its first byte, and the number after it. */
  let [type, count] = [none, 0];
  /** Arguments of a command to come, and bytes of the one that has begun. */
  let [left, skip] = [0, 0];
  /** A command without arguments. */
  let [isWord, word] = [false, ''];
  let isInMulti = false;

  const endCommand = (at: number): void => {
    const name = isWord ? word.trim().toUpperCase() : '';
    if (name === 'MULTI') isInMulti = true;
    if (name === 'EXEC') isInMulti = false;
    if (!isInMulti) whole = at;
  };
  const takeArgument = (chunk: Buffer, at: number): number => {
    const end = Math.min(chunk.length, at + skip);
    if (isWord) word += chunk.toString('latin1', at, end);
    skip -= end - at;
    if (skip === 0 && (left -= 1) === 0) endCommand(start + end);
    return end;
  };
  const endLine = (): boolean => {
    const isCommand = left === 0;
    if (type === bytes.dollar && !isCommand) skip = count + '\r\n'.length;
    else if (type === bytes.star && isCommand && count > 0) [left, isWord, word] = [count, count === 1, ''];
    else if (type !== bytes.hash || !isCommand) return false;
    [type, count] = [none, 0];
    return true;
  };
  const takeByte = (byte: number): boolean => {
    if (byte === bytes.feed) return endLine();
    if (type === none) type = byte;
    else if (byte >= bytes.zero && byte <= bytes.nine) count = count * 10 + byte - bytes.zero;
    else return byte === bytes.return || type === bytes.hash;
    return true;
  };
  return {
    read(chunk) {
      for (let at = 0; at < chunk.length;) {
        if (skip > 0) at = takeArgument(chunk, at);
        else if (!takeByte(chunk[at++] ?? 0)) return false;
      }
      start += chunk.length;
      return true;
    },
    whole: () => whole,
  };
};

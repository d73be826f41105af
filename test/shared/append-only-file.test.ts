import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cutUnfinished, newestIncrement } from '../../shared/append-only-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const directory = path.join(folder, 'redis');
const newest = path.join(directory, 'appendonlydir', 'appendonly.aof.10.incr.aof');

const command = (...words: readonly string[]): string =>
  [`*${words.length}`, ...words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word]), ''].join('\r\n');

/** Leaves that as what was written last, and returns it without what was unfinished. */
const trimmed = async (content: string): Promise<string> => {
  await writeFile(newest, content);
  const cut = await cutUnfinished(directory);
  const left = await readFile(newest, 'utf8');
  expect(cut).toBe(Buffer.byteLength(content) - Buffer.byteLength(left));
  return left;
};

beforeAll(async () => {
  await mkdir(path.dirname(newest), { recursive: true });
  const line = (number: number, type: string): string =>
    `file appendonly.aof.${number}.${type === 'b' ? 'base.rdb' : 'incr.aof'} seq ${number} type ${type}\n`;
  const manifest = line(10, 'b') + line(10, 'i') + line(9, 'i') + line(11, 'h');
  await writeFile(path.join(directory, 'appendonlydir', 'appendonly.aof.manifest'), manifest);
});

test('the newest increment is the one with the highest number', async () => {
  expect(await newestIncrement(directory)).toBe(newest);
  expect(await newestIncrement(folder)).toBeUndefined();
});

describe('cuts off what is unfinished, and nothing else', () => {
  const units = [
    command('SELECT', '0'),
    command('SET', 'text', '*1\r\n$5\r\nMULTI\r\n'),
    command('MULTI') + command('HSET', 'é', 'a', '') + command('HSET', 'é', 'b', '2') + command('EXEC'),
    '#TS:1700000000\r\n' + command('FLUSHALL'),
    command('multi') + command('DEL', 'text') + command('exec'),
  ];
  const whole = units.join('');
  const ends = units.map((_, at) => units.slice(0, at + 1).join(''));

  test('wherever the end was lost', async () => {
    const ascii = whole.replaceAll('é', 'ee');
    for (let length = 0; length <= ascii.length; length += 1) {
      const kept = ends.map((end) => end.replaceAll('é', 'ee')).findLast((end) => end.length <= length) ?? '';
      expect(await trimmed(ascii.slice(0, length))).toBe(kept);
    }
    expect(await trimmed(whole)).toBe(whole);
  });

  test('in a large file too, whatever it is read by', async () => {
    const large = Array.from(
      { length: 40 },
      (_, i) => units[2] + command('SET', 'x', 'y'.repeat(70_000 + i)),
    );
    expect(await trimmed(large.join('') + command('MULTI') + command('SET', 'x', 'z'))).toBe(large.join(''));
  });
});

test.each([
  ['a byte that is not there', command('SET', 'a', 'b').replace('$1\r\na', '$2\r\na')],
  ['zeros at the end', command('SET', 'a', 'b') + '\0'.repeat(100)],
  ['what is no file of commands', 'REDIS0011'],
  ['an argument without its command', '$1\r\na\r\n'],
])('leaves %s to Redis to judge', async (_, content) => {
  expect(await trimmed(content)).toBe(content);
});

test('does nothing where there is no file', async () => {
  expect(await cutUnfinished(folder)).toBe(0);
  expect((await stat(newest)).isFile()).toBe(true);
});

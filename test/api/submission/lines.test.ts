import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readLines, type Line } from '../../../api/submission/lines.ts';

const chunksOf = async function* (bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
};

/** Every line with its number, read in chunks of `size`. */
const read = async (bytes: Buffer | string, size = 7, maxBytes = 20): Promise<[number, Line][]> => {
  const found: [number, Line][] = [];
  for await (const { first, lines } of readLines(chunksOf(Buffer.from(bytes), size), maxBytes)) {
    found.push(...lines.map((line, at): [number, Line] => [first + at, line]));
  }
  return found;
};

test.each(['a\nb\n', 'a\nb', 'a\r\nb\r\n', '\ufeffa\nb'])('reads two lines of %j', async (text) => {
  expect(await read(text)).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
});

test('reads nothing of nothing, and keeps blank lines', async () => {
  expect(await read('')).toEqual([]);
  expect((await read('\n\n a\n')).map(([, line]) => line)).toEqual(['', '', ' a']);
});

test('is the same wherever the chunks are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 4 }).filter((line) => !/[\n\r\ufeff]/.test(line))),
      fc.integer({ min: 1, max: 9 }),
      async (lines, size) => {
        const found = await read(lines.map((line) => `${line}\n`).join(''), size, 1000);
        expect(found).toEqual(lines.map((line, at) => [at + 1, line]));
      },
    ),
  );
});

test.each([1, 3, 40, 1000])('drops a line that is too large, in chunks of %d, and no other', async (size) => {
  const bytes = `${'ä'.repeat(10)}\n${'x'.repeat(21)}\ny\n${'z'.repeat(500)}`;
  expect(await read(bytes, size)).toEqual([
    [1, 'ä'.repeat(10)],
    [2, { flaw: 'too_large' }],
    [3, 'y'],
    [4, { flaw: 'too_large' }],
  ]);
});

test('tells of a line without an end before it has come to one', async () => {
  let sent = 0;
  const endless = async function* (): AsyncGenerator<Buffer> {
    for (;;) {
      sent += 1;
      yield Buffer.alloc(10, 'a');
    }
  };
  const { value } = await readLines(endless(), 20).next();
  expect(value).toEqual({ first: 1, lines: [{ flaw: 'too_large' }] });
  expect(sent).toBe(3);
});

test.each([1, 2, 100])('tells of lines that are not UTF-8, in chunks of %d', async (size) => {
  const bytes = Buffer.concat([Buffer.from('ä\n'), Buffer.from([0xff, 0x0a, 0xc3]), Buffer.from('\nb')]);
  expect(await read(bytes, size)).toEqual([
    [1, 'ä'],
    [2, { flaw: 'not_utf8' }],
    [3, { flaw: 'not_utf8' }],
    [4, 'b'],
  ]);
});

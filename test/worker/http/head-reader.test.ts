import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { HeaderList } from '../../../shared/result.ts';
import { HeadReader } from '../../../worker/http/head-reader.ts';

/** Fields as undici has them where a head came in one piece: views of the bytes that were read. */
const inOnePiece = (fields: readonly string[]): Buffer[] => {
  const texts = fields.map((text) => Buffer.from(text, 'latin1'));
  const bytes = Buffer.from(`HTTP/1.1 200 OK\r\n${fields.join('\r\n')}`, 'latin1');
  let at = 'HTTP/1.1 200 OK\r\n'.length;
  return texts.map(({ length }) => {
    const field = bytes.subarray(at, at + length);
    at += length + 2;
    return field;
  });
};

const inPieces = (fields: readonly string[]): Buffer[] =>
  fields.map((text) => Buffer.concat([Buffer.allocUnsafeSlow(0), Buffer.from(text, 'latin1')]));

const pairs = ['Set-Cookie', 'a=1', 'X-One', 'é', '7', '', 'SET-COOKIE', 'b=2'];
const list = ['set-cookie', 'a=1', 'x-one', 'é', '7', '', 'set-cookie', 'b=2'];

test('keeps fields in order with lower-case names and Latin-1 values, repeated ones in their places', () => {
  expect(new HeadReader().read(inOnePiece(pairs))).toEqual(list);
  expect(new HeadReader().read(inPieces(pairs))).toEqual(list);
  expect(new HeadReader().read([])).toEqual([]);
});

test('a head like the one before is the same list', () => {
  const heads = new HeadReader();
  const first = heads.read(inOnePiece(pairs));
  expect(heads.read(inOnePiece(pairs))).toBe(first);
  expect(heads.read(inOnePiece([...pairs, 'x', 'y']))).toEqual([...list, 'x', 'y']);
  expect(heads.read(inOnePiece(pairs))).toEqual(list);
});

test('a head that is very long is not kept', () => {
  const heads = new HeadReader();
  const long = ['x', 'y'.repeat(3000)];
  expect(heads.read(inOnePiece(long))).toEqual(long);
  expect(heads.read(inOnePiece(long))).not.toBe(heads.read(inOnePiece(long)));
});

test('recognizes a head that came twice, until another did; one that was cut is tried once', () => {
  const heads = new HeadReader();
  const came = (text: string): Buffer => Buffer.from(`HTTP/1.1 200 OK\r\nx: ${text}\r\n\r\n`);
  const read = (bytes: Buffer, length = bytes.length): HeaderList =>
    heads.read([bytes.subarray(17, 18), bytes.subarray(20, 23)], bytes.subarray(0, length));
  const [one, two] = [came('one'), came('two')];
  read(one);
  expect(heads.recognize(one)).toBeUndefined();
  const fields = read(one);
  expect(heads.recognize(one)?.fields).toBe(fields);
  expect(heads.recognize(two)).toBeUndefined();
  read(two);
  read(two, 25);
  read(two);
  expect([heads.recognize(one), heads.recognize(two)]).toEqual([undefined, undefined]);
});

test('reads whatever comes in whatever pieces, whatever came before', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'B', '-', ':', ' ', 'ÿ'), maxLength: 4 });
  const head = fc.tuple(fc.array(fc.tuple(text, text), { maxLength: 3 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(head, { maxLength: 6 }), (heads) => {
      const reader = new HeadReader();
      for (const [fields, isWhole] of heads) {
        const raw = isWhole ? inOnePiece(fields.flat()) : inPieces(fields.flat());
        expect(reader.read(raw)).toEqual(fields.flatMap(([name, value]) => [name.toLowerCase(), value]));
      }
    }),
    { numRuns: 2000 },
  );
});

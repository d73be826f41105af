import { array, assert, constantFrom, integer, letrec, oneof, property, string, tuple } from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { createSplitter, wordsOf } from '../../chaos/resp.ts';

const command = (...words: readonly string[]): string =>
  [`*${words.length}`, ...words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word]), ''].join('\r\n');

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

/** What a splitter makes of a text that comes in pieces of these sizes, the last one over and over. */
const split = (text: string, sizes: readonly number[]): string[] => {
  const splitter = createSplitter();
  const bytes = Buffer.from(text);
  const values: string[] = [];
  for (let [at, n] = [0, 0]; at < bytes.length; n += 1) {
    const size = sizes[Math.min(n, sizes.length - 1)] ?? 1;
    values.push(...splitter(bytes.subarray(at, at + size)).map(String));
    at += size;
  }
  return values;
};

describe('a splitter', () => {
  const { value } = letrec<{ value: string }>((tie) => ({
    value: oneof(
      { depthSize: 'small', withCrossShrink: true },
      constantFrom(
        '+OK\r\n',
        '-ERR no\r\n',
        ':-7\r\n',
        '$-1\r\n',
        '*-1\r\n',
        '*0\r\n',
        '_\r\n',
        ',1.5\r\n',
        '#t\r\n',
      ),
      string().map(bulk),
      string().map((text) => `=${Buffer.byteLength(text)}\r\n${text}\r\n`),
      array(tie('value'), { maxLength: 4 }).map((all) => `*${all.length}\r\n${all.join('')}`),
      array(tie('value'), { maxLength: 4 }).map((all) => `>${all.length}\r\n${all.join('')}`),
      array(tuple(tie('value'), tie('value')), { maxLength: 2 }).map(
        (all) => `%${all.length}\r\n${all.flat().join('')}`,
      ),
    ),
  }));

  test('gives back each value as it was sent, however the bytes come', () => {
    assert(
      property(array(value), array(integer({ min: 1, max: 40 }), { minLength: 1 }), (values, sizes) => {
        expect(split(values.join(''), sizes)).toEqual(values);
      }),
    );
  });

  test('keeps what is not whole', () => {
    const whole = command('SET', 'é', '\r\n*1\r\n');
    expect(split(`${whole}${whole.slice(0, -1)}`, [1])).toEqual([whole]);
  });

  test('takes a long string in many pieces', () => {
    const text = command('SET', 'a', 'x'.repeat(3_000_000));
    expect(split(`${text}${text}`, [65_536])).toEqual([text, text]);
  });
});

test('reads the first words of a command', () => {
  const bytes = Buffer.from(command('EVALSHA', 'dé', '', '1'));
  expect(wordsOf(bytes, 2)).toEqual(['EVALSHA', 'dé']);
  expect(wordsOf(bytes, 9)).toEqual(['EVALSHA', 'dé', '', '1']);
  expect(wordsOf(Buffer.from('PING\r\n'), 1)).toEqual([]);
});

import { describe, expect, test } from '@jest/globals';
import { decodeText } from '../../shared/charset.ts';
import type { TextHints } from '../../shared/charset.ts';

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** "한글" in EUC-KR. */
const korean = hex('c7d1 b1db');
const page = (before: string): Uint8Array => Buffer.concat([Buffer.from(before), korean]);
const html = { mediaType: 'text/html' };

const textOf = (bytes: Uint8Array, hints: TextHints = {}): string | undefined =>
  decodeText(bytes, hints)?.text;

describe('the charset', () => {
  test.each([
    ['euc-kr', korean, '한글'],
    ['EUC-KR', korean, '한글'],
    ['ks_c_5601-1987', korean, '한글'],
    ['shift_jis', hex('93fa 967b'), '日本'],
    ['gb18030', hex('d6d0 b9fa'), '中国'],
    ['big5', hex('a4a4 b0ea'), '中國'],
    ['windows-1251', hex('ccee'), 'Мо'],
    ['windows-1252', hex('93e9 94'), '“é”'],
    ['iso-8859-1', hex('e9'), 'é'],
    ['utf-16le', hex('6100 2c6f'), 'a漬'],
  ])('of Content-Type is taken: %s', (charset, bytes, text) => {
    expect(textOf(bytes, { charset })).toBe(text);
  });

  test.each([
    ['UTF-8', hex('efbbbf ed959c'), '한'],
    ['UTF-16LE', hex('fffe 5cd5'), '한'],
    ['UTF-16BE', hex('feff d55c'), '한'],
  ])('of a byte order mark beats all others: %s', (_name, bytes, text) => {
    expect(textOf(bytes, { charset: 'euc-kr' })).toBe(text);
  });

  test.each([
    ['<meta charset=euc-kr>'],
    ['<!doctype html><html><head><META CHARSET = "EUC-KR" >'],
    [`<meta name=x content=y><meta http-equiv="Content-Type" content="text/html; charset=euc-kr">`],
    [`<meta content='text/html;charset=EUC-KR' http-equiv=content-type>`],
    ['<!-- <meta charset=shift_jis> --><meta charset="euc-kr"/>'],
    ['<?xml version="1.0" encoding="euc-kr"?><html>'],
  ])('of the document is found in %s', (before) => {
    expect(textOf(page(before), html)).toBe(`${before}한글`);
  });

  test('of an XML declaration is taken for XML', () => {
    const before = `<?xml version='1.0' encoding='EUC-KR' standalone='yes'?><a>`;
    for (const mediaType of ['application/xml', 'text/xml', 'application/rss+xml', undefined]) {
      expect(textOf(page(before), { mediaType })).toBe(`${before}한글`);
    }
  });

  test('of Content-Type beats what the document says', () => {
    const before = '<meta charset=shift_jis>';
    expect(textOf(page(before), { ...html, charset: 'euc-kr' })).toBe(`${before}한글`);
  });

  test('is what the next in line says where a label means nothing', () => {
    const before = '<meta charset=euc-kr>';
    expect(textOf(page(before), { ...html, charset: 'nonsense' })).toBe(`${before}한글`);
    expect(decodeText(Buffer.from('한'), { charset: 'nonsense' })).toEqual({ text: '한', charset: 'utf-8' });
  });

  test('is not looked for in other types, in comments, or far into the document', () => {
    const before = '<meta charset=euc-kr>';
    expect(textOf(page(before), { mediaType: 'application/json' })).toBeUndefined();
    expect(textOf(page(`<!-- ${before} -->`), html)).toBeUndefined();
    expect(textOf(page(`${' '.repeat(1024)}${before}`), html)).toBeUndefined();
  });

  test('of a document that claims UTF-16 in ASCII is UTF-8', () => {
    const text = '<meta charset="utf-16">한';
    expect(textOf(Buffer.from(text), html)).toBe(text);
  });
});

describe('UTF-16 of unsaid byte order', () => {
  const charset = 'UTF-16';

  test('is read in the order that shows ASCII, as markup and spaces are', () => {
    const text = '<p>한글 漢字</p>';
    expect(textOf(Buffer.from(text, 'utf16le'), { charset })).toBe(text);
    expect(textOf(Buffer.from(text, 'utf16le').swap16(), { charset })).toBe(text);
  });

  test('is big-endian where nothing shows', () => {
    expect(textOf(hex('d55c'), { charset })).toBe('한');
    expect(textOf(hex('d800'), { charset })).toBeUndefined();
  });
});

test.each([
  ['utf-8', hex('e29883 e298'), '☃'],
  ['utf-8', hex('e29883'), '☃'],
  ['euc-kr', hex('c7d1 b1'), '한'],
  ['utf-16le', hex('6100 3d'), 'a'],
  ['windows-1252', hex('93e9'), '“é'],
])('a text in %s that was cut ends before the half character', (charset, bytes, text) => {
  expect(textOf(bytes, { charset, isCut: true })).toBe(text);
});

test('a text that was cut must be valid up to there', () => {
  expect(textOf(hex('c328'), { isCut: true })).toBeUndefined();
});

test.each([
  ['no UTF-8', hex('c328'), {}],
  ['no EUC-KR', hex('c7'), { charset: 'euc-kr' }],
  ['half a UTF-16 character', hex('fffefd'), {}],
  ['a lone surrogate', hex('d800'), { charset: 'utf-16be' }],
])('bytes that are %s are no text', (_what, bytes, hints) => {
  expect(decodeText(bytes, hints)).toBeUndefined();
});

test('nothing is text, and says it is UTF-8', () => {
  expect(decodeText(hex(''), {})).toEqual({ text: '', charset: 'utf-8' });
});

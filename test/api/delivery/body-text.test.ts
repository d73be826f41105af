import { describe, expect, test } from '@jest/globals';
import { toContentMember } from '../../../api/delivery/body-text.ts';
import { parseMediaType } from '../../../api/delivery/media-type.ts';

const member = (bytes: Uint8Array | string, type?: string, isWhole = true): unknown =>
  JSON.parse(`{${toContentMember(Buffer.from(bytes), parseMediaType(type), isWhole)}}`);

describe('json', () => {
  test('goes out as it came, on one line', () => {
    const text = '{\r\n  "big": 12345678901234567890,\n  "text": "a\\nb"\n}';
    const written = toContentMember(Buffer.from(text), { type: 'application/json' }, true);
    expect(written).toBe('"json":{   "big": 12345678901234567890,   "text": "a\\nb" }');
    expect(member('{"a":"b"}', 'application/json; charset=utf-8')).toEqual({ json: { a: 'b' } });
  });

  test.each(['application/problem+json', 'text/json', 'application/json'])('is known by %s', (type) => {
    expect(member('[1]', type)).toEqual({ json: [1] });
  });

  test('is text where it is not valid, or was cut', () => {
    expect(member('{"a":', 'application/json')).toEqual({ text: '{"a":' });
    expect(member('12', 'application/json', false)).toEqual({ text: '12' });
    expect(member('', 'application/json')).toEqual({ text: '' });
  });

  test('may begin with a byte order mark', () => {
    expect(member('\ufeff{"a":1}', 'application/json')).toEqual({ json: { a: 1 } });
  });
});

describe('text', () => {
  test.each([
    ['utf-8', Buffer.from('naïve ☃'), 'naïve ☃'],
    ['iso-8859-1', Buffer.from([0x6e, 0xef]), 'nï'],
    ['shift_jis', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), '日本'],
    ['utf-16le', Buffer.from('hé', 'utf16le'), 'hé'],
    ['no-such-charset', Buffer.from('é'), 'é'],
  ])('is read in %s', (charset, bytes, text) => {
    expect(member(bytes, `text/html; charset=${charset}`)).toEqual({ text });
  });

  test('is what says nothing of itself and is valid UTF-8', () => {
    expect(member('plain')).toEqual({ text: 'plain' });
  });

  test('is kept when it was cut within a character', () => {
    const cut = Buffer.from('snow ☃').subarray(0, -1);
    expect(member(cut, 'text/plain', false)).toEqual({ text: 'snow ' });
    expect(member(Buffer.from('snow ☃'), 'text/plain', false)).toEqual({ text: 'snow ' });
  });
});

describe('base64', () => {
  test('is what is not valid in its charset', () => {
    expect(member(Buffer.from([0xff, 0xfe, 0xfd]), 'text/plain')).toEqual({ base64: '//79' });
    expect(member(Buffer.from([0x93]), 'text/plain; charset=shift_jis')).toEqual({ base64: 'kw==' });
  });

  test('is what is no text by its type', () => {
    expect(member('GIF89a', 'image/gif')).toEqual({ base64: 'R0lGODlh' });
  });
});

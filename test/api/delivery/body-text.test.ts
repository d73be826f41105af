import { describe, expect, test } from '@jest/globals';
import { toContentMember } from '../../../api/delivery/body-text.ts';
import { parseMediaType } from '../../../api/delivery/media-type.ts';

const member = (bytes: Uint8Array | string, type?: string, isWhole = true): unknown =>
  JSON.parse(`{${toContentMember(Buffer.from(bytes), parseMediaType(type), isWhole)}}`);

/** "한글" in EUC-KR. */
const korean = Buffer.from('c7d1b1db', 'hex');

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

  test('is json in other charsets too, as Korean APIs send it', () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), korean, Buffer.from('","b":1.10}')]);
    expect(member(bytes, 'application/json; charset=EUC-KR')).toEqual({ json: { a: '한글', b: 1.1 } });
    const written = toContentMember(bytes, parseMediaType('application/json;charset=euc-kr'), true);
    expect(written).toBe('"json":{"a":"한글","b":1.10}');
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
    ['euc-kr', korean, '한글'],
    ['gb18030', Buffer.from('d6d0b9fa', 'hex'), '中国'],
    ['windows-1252', Buffer.from([0x93, 0x80, 0x94]), '“€”'],
    ['no-such-charset', Buffer.from('é'), 'é'],
  ])('is read in %s', (charset, bytes, text) => {
    expect(member(bytes, `text/html; charset=${charset}`)).toEqual({ text });
  });

  test('is read in the charset that the document names', () => {
    const page = Buffer.concat([Buffer.from('<meta charset="euc-kr">'), korean]);
    expect(member(page, 'text/html')).toEqual({ text: '<meta charset="euc-kr">한글' });
    const feed = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="EUC-KR"?>'), korean]);
    expect(member(feed, 'application/xml')).toEqual({
      text: '<?xml version="1.0" encoding="EUC-KR"?>한글',
    });
  });

  test('is what says nothing of itself and is valid UTF-8', () => {
    expect(member('plain')).toEqual({ text: 'plain' });
  });

  test('is kept when it was cut within a character', () => {
    const cut = Buffer.from('snow ☃').subarray(0, -1);
    expect(member(cut, 'text/plain', false)).toEqual({ text: 'snow ' });
    expect(member(Buffer.from('snow ☃'), 'text/plain', false)).toEqual({ text: 'snow ☃' });
    expect(member(korean.subarray(0, 3), 'text/plain; charset=euc-kr', false)).toEqual({ text: '한' });
  });
});

describe('base64', () => {
  test('is what is not valid in its charset', () => {
    expect(member(Buffer.from([0xff, 0xfe, 0xfd]), 'text/plain')).toEqual({ base64: '//79' });
    expect(member(Buffer.from([0x93]), 'text/plain; charset=shift_jis')).toEqual({ base64: 'kw==' });
    expect(member(Buffer.from([0xd8, 0x00]), 'text/plain; charset=utf-16')).toEqual({ base64: '2AA=' });
  });

  test('is what is no text by its type', () => {
    expect(member('GIF89a', 'image/gif')).toEqual({ base64: 'R0lGODlh' });
  });
});

import { expect, test } from '@jest/globals';
import { isJsonType, isTextType, parseMediaType, safeContentType } from '../../../api/delivery/media-type.ts';

test.each([
  [undefined, { type: '' }],
  ['Text/HTML; Charset="UTF-8"', { type: 'text/html', charset: 'UTF-8' }],
  ['application/json', { type: 'application/json' }],
  ['text/html; charset', { type: 'text/html' }],
  ['', { type: '' }],
  ['nonsense', { type: 'nonsense' }],
])('reads %j', (field, type) => {
  expect(parseMediaType(field)).toEqual(type);
});

test.each([
  ['application/vnd.api+json', true, true],
  ['image/svg+xml', false, true],
  ['text/anything', false, true],
  ['application/pdf', false, false],
])('%s: json %s, text %s', (type, isJson, isText) => {
  expect([isJsonType(type), isTextType(type)]).toEqual([isJson, isText]);
});

test.each([
  ['text/plain; charset=shift_jis', 'text/plain; charset=shift_jis'],
  ['text/plain; charset="a\\"b"', 'text/plain'],
  ['image/png; x=y', 'image/png'],
  ['application/json; charset=utf-8', 'application/json'],
  ['text/html', 'application/octet-stream'],
  ['image/svg+xml', 'application/octet-stream'],
  ['application/javascript', 'application/octet-stream'],
  ['application/xhtml+xml', 'application/octet-stream'],
  [undefined, 'application/octet-stream'],
])('serves %s as %s', (field, type) => {
  expect(safeContentType(field)).toBe(type);
});

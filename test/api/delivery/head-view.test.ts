import { expect, test } from '@jest/globals';
import { viewHead } from '../../../api/delivery/head-view.ts';

test('tells of a head what results show of it', () => {
  expect(viewHead('content-type\ntext/HTML; charset="utf-8"\nvary\na\nvary\nb')).toEqual({
    json: '{"content-type":"text/HTML; charset=\\"utf-8\\"","vary":"a, b"}',
    contentTypeJson: '"text/HTML; charset=\\"utf-8\\""',
    media: { type: 'text/html', charset: 'utf-8' },
    isEncoded: false,
    asciiIs: undefined,
  });
  expect(viewHead('')).toMatchObject({ json: '{}', contentTypeJson: 'null', media: { type: '' } });
});

test('does the work once for heads that are alike, unless they are long', () => {
  const head = (name: string): string => `content-type\napplication/json\nx-name\n${name}`;
  expect(viewHead(head('a'))).toBe(viewHead(head('a')));
  expect(viewHead(head('a'))).not.toBe(viewHead(head('b')));
  const long = head('x'.repeat(3000));
  expect(viewHead(long)).toEqual(viewHead(long));
  expect(viewHead(long)).not.toBe(viewHead(long));
});

test('forgets what it knew before it knows too much', () => {
  const first = viewHead('x-first\n1');
  for (let i = 0; i < 600; i += 1) viewHead(`x-other\n${i}`);
  expect(viewHead('x-first\n1')).not.toBe(first);
  expect(viewHead('x-first\n1')).toEqual(first);
});

test('knows what ASCII is under it, where no look at the bytes could say otherwise', () => {
  const kind = (type: string, ...more: string[]): unknown =>
    viewHead(['content-type', type, ...more].join('\n')).asciiIs;
  expect(kind('application/json')).toBe('json');
  expect(kind('application/problem+json; charset=UTF-8')).toBe('json');
  expect(kind('text/csv; charset=us-ascii')).toBe('text');
  for (const type of ['text/html', 'application/xhtml+xml', 'image/svg+xml', 'text/xml', 'image/png'])
    expect([type, kind(type)]).toEqual([type, undefined]);
  expect(kind('application/json; charset=utf-16le')).toBeUndefined();
  expect(kind('text/plain; charset=iso-2022-jp')).toBeUndefined();
  expect(kind('application/json', 'content-encoding', 'gzip')).toBeUndefined();
  expect(viewHead('x\ny').asciiIs).toBeUndefined();
});

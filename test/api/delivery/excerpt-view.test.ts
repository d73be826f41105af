import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { maxShownBytes, openExcerpt, shownOf } from '../../../api/delivery/excerpt-view.ts';
import { toExcerpt, type Excerpt } from '../../../shared/excerpt.ts';
import type { StoredBody, StoredResult } from '../../../shared/result.ts';
import { storedResult } from '../../support/api.ts';

const excerptOf = (...results: StoredResult[]): Excerpt => toExcerpt(results, () => 0);
const bodyOf = (text: string): StoredBody => {
  const inline = Buffer.from(text);
  return { inline, wireBytes: inline.length, bytes: inline.length, truncated: false };
};

test('finds each body among the others, and those that are not there', async () => {
  const bodies = [bodyOf('one'), undefined, bodyOf(''), bodyOf('three')];
  const results = bodies.map((body, index) => storedResult(index, body && { body }));
  const view = await openExcerpt(excerptOf(...results), true);
  const texts = results.map((_, place) => {
    const inline = view.bodyAt(place)?.inline;
    return inline && Buffer.from(inline).toString();
  });
  expect(texts).toEqual(['one', undefined, '', 'three']);
  expect(results.map((_, place) => view.asciiAt(place))).toEqual(['one', undefined, '', 'three']);
});

test('gives no text for ASCII where one body is not, or is not kept as it came', async () => {
  const mixed = await openExcerpt(
    excerptOf(storedResult(0, { body: bodyOf('a') }), storedResult(1, { body: bodyOf('é') })),
    true,
  );
  expect([mixed.asciiAt(0), mixed.asciiAt(1)]).toEqual([undefined, undefined]);
  const cut = { ...bodyOf('a'), truncated: true };
  expect((await openExcerpt(excerptOf(storedResult(0, { body: cut })), true)).asciiAt(0)).toBeUndefined();
});

test('writes URLs as JSON, also such as no accepted one is', async () => {
  const urls = ['https://example.com/', 'https://example.com/"\\', 'https://example.com/\u{1f600}\ud800'];
  const strange = await openExcerpt(excerptOf(...urls.map((url, i) => storedResult(i, { url }))), false);
  expect(urls.map((_, place) => JSON.parse(strange.urlAt(place) ?? ''))).toEqual(urls);
  const plain = await openExcerpt(excerptOf(storedResult(0), storedResult(1)), false);
  expect(plain.urlAt(1)).toBe('"https://example.com/1"');
});

test('undoes content codings of the results meant, and of no others', async () => {
  const headers = ['content-encoding', 'gzip'];
  const wire = gzipSync('unfolded');
  const body = { inline: wire, wireBytes: wire.length, bytes: 8, truncated: false };
  const large = { ...body, bytes: maxShownBytes + 1 };
  const whole = excerptOf(...[body, body, large].map((each, i) => storedResult(i, { headers, body: each })));
  const view = await openExcerpt({ ...whole, places: [1, 2] }, true);
  expect([...view.decoded.keys()]).toEqual([1]);
  expect(Buffer.from(shownOf(view, 1, body)?.bytes ?? []).toString()).toBe('unfolded');
  expect(shownOf(view, 2, large)).toBeUndefined();
  expect((await openExcerpt(whole, false)).decoded.size).toBe(0);
});

import { expect, test } from '@jest/globals';
import { eventText, resultEvents } from '../../../api/delivery/event-text.ts';
import { toExcerpt } from '../../../shared/excerpt.ts';
import type { ResultPage } from '../../../shared/result-pages.ts';
import { storedResult } from '../../support/api.ts';

const pageOf = (...indexes: number[]): ResultPage => ({
  excerpts: [
    toExcerpt(
      indexes.map((index) => storedResult(index)),
      ({ index }) => index + 1,
    ),
  ],
  size: indexes.length,
  next: 9,
  isLast: true,
  isGone: false,
});

const view = { path: '/results', fields: new Set(['index'] as const) };

test('an event is told by its id, its type and a line of JSON', () => {
  expect(eventText('end', '{"a":1}', '7-end')).toBe('id: 7-end\nevent: end\ndata: {"a":1}\n\n');
});

test('each result of a page is an event of its own, by its cursor', async () => {
  expect(await resultEvents(pageOf(4, 2), view)).toBe(
    'id: 5\nevent: result\ndata: {"index":4}\n\nid: 3\nevent: result\ndata: {"index":2}\n\n',
  );
  expect(await resultEvents({ ...pageOf(), excerpts: [] }, view)).toBe('');
});

test('who is shown the same of the same page shares its text, and who is not has one of their own', async () => {
  const page = pageOf(1);
  const first = resultEvents(page, view);
  expect(resultEvents(page, { ...view, fields: new Set(['index'] as const) })).toBe(first);
  const others = [
    resultEvents(page, { ...view, fields: new Set(['url'] as const) }),
    resultEvents(page, { path: '/results' }),
    resultEvents(pageOf(1), view),
  ];
  expect(others).not.toContain(first);
  expect(new Set(await Promise.all([first, ...others])).size).toBe(3);
});

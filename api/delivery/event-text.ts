// The text of server-sent events, written once for all who are told the same at the same moment.
import type { Excerpt } from '../../shared/excerpt.ts';
import type { ResultPage } from '../../shared/result-pages.ts';
import { writeExcerpt, type ViewOptions } from './result-view.ts';

export const eventTypes = ['progress', 'result', 'end'] as const;
export type EventType = (typeof eventTypes)[number];

/** What the id of an `end` event has behind its cursor. */
export const endMark = '-end';

export const eventText = (type: EventType, json: string, id: number | string): string =>
  `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;

const texts = new WeakMap<ResultPage, Map<string, Promise<string>>>();

/** Every result of the page as an event. */
export const resultEvents = (page: ResultPage, view: ViewOptions): Promise<string> => {
  const known = texts.get(page) ?? new Map<string, Promise<string>>();
  texts.set(page, known);
  const form = [view.path, ...(view.fields ?? [])].join();
  const text = known.get(form) ?? writeEvents(page, view);
  known.set(form, text);
  return text;
};

const writeEvents = async ({ excerpts }: ResultPage, view: ViewOptions): Promise<string> => {
  let text = '';
  for (const excerpt of excerpts) text += toEvents(excerpt, await writeExcerpt(excerpt, view));
  return text;
};

const toEvents = ({ places, cursorAt }: Excerpt, results: readonly string[]): string =>
  results.map((json, at) => eventText('result', json, cursorAt(places[at] ?? 0))).join('');

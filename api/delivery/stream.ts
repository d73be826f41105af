// All results so far as NDJSON, page by page, no faster than the caller reads.
import { once } from 'node:events';
import type { Response } from 'express';
import type { ResultPage } from '../../shared/result-pages.ts';
import { writeExcerpt, type ViewOptions } from './result-view.ts';

const resultsPerPage = 500;

export type StreamSource = {
  /** A page of at most `limit` results after a cursor. */
  page(after: number, limit: number): Promise<ResultPage>;
  readonly after: number;
  /** Results in all. */
  readonly limit: number;
  readonly view: ViewOptions;
};

/** Ends the response when all are sent; returns early where `signal` says that nobody reads any more. */
export const streamResults = async (
  response: Response,
  source: StreamSource,
  signal: AbortSignal,
): Promise<void> => {
  const first = await nextPage(source, source.after, source.limit);
  response.status(200).set('Content-Type', 'application/x-ndjson');
  if (response.req.method === 'HEAD') return void response.end();
  let page = first;
  let left = source.limit;
  let after = source.after;
  while (!signal.aborted) {
    left -= page.size;
    const isDone = page.isLast || left <= 0 || page.next === after;
    after = page.next;
    // The next page is read while this one is written.
    const following = isDone ? undefined : nextPage(source, after, left);
    following?.catch(() => {}); // awaited below, unless the caller has gone
    await writeLines(response, page, { view: source.view, signal });
    if (following === undefined) return void response.end();
    page = await following;
  }
};

const nextPage = (source: StreamSource, after: number, left: number): Promise<ResultPage> =>
  source.page(after, Math.min(resultsPerPage, left));

/** About how much is written at once: a write a line costs five times as much, and a page may be tens of MB. */
const bytesPerWrite = 65_536;

const writeLines = async (
  response: Response,
  { excerpts }: ResultPage,
  { view, signal }: { readonly view: ViewOptions; readonly signal: AbortSignal },
): Promise<void> => {
  let text = '';
  for (const [at, excerpt] of excerpts.entries()) {
    // One string grows, and is encoded once: joining lines, and pages of lines, copied each of them twice.
    for (const line of await writeExcerpt(excerpt, view)) text += `${line}\n`;
    if (signal.aborted) return;
    if (text.length < bytesPerWrite && at < excerpts.length - 1) continue;
    const hasRoom = response.write(toBytes(text));
    text = '';
    if (!hasRoom) await once(response, 'drain', { signal }).catch(() => {}); // aborted: nobody reads
  }
};

/** UTF-8; three times as fast where it is all ASCII, as most is. */
const toBytes = (text: string): Buffer =>
  Buffer.from(text, Buffer.byteLength(text) === text.length ? 'latin1' : 'utf8');

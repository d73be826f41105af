// All results so far as NDJSON, page by page, no faster than the caller reads.
import { once } from 'node:events';
import type { Response } from 'express';
import type { ResultPage } from '../../shared/result-pages.ts';
import { writeResults, type ViewOptions } from './result-view.ts';

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
    left -= page.results.length;
    const isDone = page.isLast || left <= 0 || page.next === after;
    after = page.next;
    // The next page is read while this one is written.
    const following = isDone ? undefined : nextPage(source, after, left);
    following?.catch(() => {}); // awaited below, unless the caller has gone
    await writeLines(response, await writeResults(page.results, source.view), signal);
    if (following === undefined) return void response.end();
    page = await following;
  }
};

const nextPage = (source: StreamSource, after: number, left: number): Promise<ResultPage> =>
  source.page(after, Math.min(resultsPerPage, left));

/** One write a page: a write a line costs five times as much. */
const writeLines = async (
  response: Response,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  if (lines.length === 0 || signal.aborted) return;
  if (response.write(`${lines.join('\n')}\n`)) return;
  await once(response, 'drain', { signal }).catch(() => {}); // aborted: nobody reads
};

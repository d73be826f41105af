// A batch as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): progress, results, end.
import type { Response } from 'express';
import type { BatchRecord } from '../../shared/batch.ts';
import { isTerminal } from '../../shared/batch.ts';
import { batchText } from './batch-text.ts';
import { endMark, eventText, resultEvents, type EventType } from './event-text.ts';
import type { KeepAlive } from './keep-alive.ts';
import { listen, type News, type NewsSource } from './news.ts';
import type { ViewOptions } from './result-view.ts';
import type { SharedPages } from './shared-pages.ts';

export type EventSource = Pick<NewsSource, 'watch' | 'onceOver'> & {
  readonly types: ReadonlySet<EventType>;
  /** Results after this cursor are told; the ids of all events are such cursors. */
  readonly after: number;
  readonly page: SharedPages;
  readonly view: ViewOptions;
  readonly keepAlive: KeepAlive;
  /** Epoch ms, by the clock that batches are dated by. */
  readonly now: () => number;
};

const reconnectMs = 2000;
const resultsPerPage = 200;

/**
 * Tells of `batch`, and of what becomes of it. Ends the response after the `end` event, or where nobody listens, or should,
 * any more. Thousands may listen: none keeps a record of its own while nothing moves.
 */
export const streamEvents = (response: Response, batch: BatchRecord, source: EventSource): Promise<void> => {
  response.status(200).set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
  if (response.req.method === 'HEAD') {
    response.end();
    return Promise.resolve();
  }
  const progress = source.types.has('progress') || source.types.has('result');
  return tellAll(response, source, listen(batch, { ...source, progress }));
};

const tellAll = async (response: Response, source: EventSource, news: News): Promise<void> => {
  const release = source.keepAlive.add(response);
  try {
    response.write(`retry: ${reconnectMs}\n\n`);
    let { after } = source;
    for (let batch = await news.next(); batch !== undefined; batch = await news.next()) {
      after = await tellOf(batch, { response, source, after, news });
      if (isTerminal(batch)) return;
    }
  } finally {
    release();
    news.stop();
    response.end();
  }
};

type Listener = {
  readonly response: Response;
  readonly source: EventSource;
  readonly after: number;
  readonly news: News;
};

/** Resolves with the cursor of the last result that was told of. Of its texts nothing is kept while nothing moves. */
const tellOf = async (batch: BatchRecord, { response, source, news, ...told }: Listener): Promise<number> => {
  const { types, view } = source;
  let { after } = told;
  // Written with what comes behind it: a write costs more than the making of its text.
  let text = '';
  // Of a batch seen as ended there is no result that is not found now.
  while (types.has('result') && !news.isOver()) {
    const page = await source.page(batch, after, resultsPerPage);
    text += await resultEvents(page, view);
    after = page.next;
    if (page.size === 0 || page.isLast) break;
    await write(response, text, news);
    text = '';
  }
  const json = batchText(batch, source.now);
  if (types.has('progress')) text += eventText('progress', json, after);
  if (!isTerminal(batch)) await write(response, text, news);
  else if (types.has('end')) response.end(text + eventText('end', json, `${after}${endMark}`));
  else response.end(text);
  return after;
};

const write = async (response: Response, text: string, news: News): Promise<void> => {
  if (text === '' || news.isOver() || response.write(text)) return;
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.on('drain', settle).on('close', settle);
  });
};

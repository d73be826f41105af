// A batch as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): progress, results, end.
import { once } from 'node:events';
import type { Response } from 'express';
import type { BatchRecord } from '../../shared/batch.ts';
import { isTerminal } from '../../shared/batch.ts';
import { batchText } from './batch-text.ts';
import type { Watch } from './batch-watch.ts';
import { endMark, eventText, resultEvents, type EventType } from './event-text.ts';
import type { KeepAlive } from './keep-alive.ts';
import type { ViewOptions } from './result-view.ts';
import type { SharedPages } from './shared-pages.ts';

export type EventSource = {
  readonly batch: BatchRecord;
  readonly types: ReadonlySet<EventType>;
  /** Results after this cursor are told; the ids of all events are such cursors. */
  readonly after: number;
  readonly page: SharedPages;
  readonly view: ViewOptions;
  readonly watch: Watch;
  readonly keepAlive: KeepAlive;
  /** Epoch ms, by the clock that batches are dated by. */
  readonly now: () => number;
};

const reconnectMs = 2000;
const resultsPerPage = 200;

/** Ends the response after the `end` event, or where `signal` says that nobody listens, or should, any more. */
export const streamEvents = async (
  response: Response,
  source: EventSource,
  signal: AbortSignal,
): Promise<void> => {
  response.status(200).set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
  if (response.req.method === 'HEAD') return void response.end();
  const news = listen(source, signal);
  const release = source.keepAlive.add(response);
  try {
    response.write(`retry: ${reconnectMs}\n\n`);
    await tell(response, source, { news, signal });
  } finally {
    release();
    news.stop();
    response.end();
  }
};

type Telling = { readonly news: News; readonly signal: AbortSignal };

const tell = async (response: Response, source: EventSource, { news, signal }: Telling): Promise<void> => {
  let after = source.after;
  for (let batch: BatchRecord | undefined = source.batch; batch !== undefined; batch = await news.next()) {
    after = await tellOf(batch, { response, source, after }, signal);
    if (isTerminal(batch)) return;
  }
};

type Listener = { readonly response: Response; readonly source: EventSource; readonly after: number };

/** Resolves with the cursor of the last result that was told of. Of its texts nothing is kept while nothing moves. */
const tellOf = async (
  batch: BatchRecord,
  { response, source, ...told }: Listener,
  signal: AbortSignal,
): Promise<number> => {
  const { types, view } = source;
  let { after } = told;
  // Written with what comes behind it: a write costs more than the making of its text.
  let text = '';
  // Of a batch seen as ended there is no result that is not found now.
  while (types.has('result') && !signal.aborted) {
    const page = await source.page(batch, after, resultsPerPage);
    text += await resultEvents(page, view);
    after = page.next;
    if (page.size === 0 || page.isLast) break;
    await write(response, text, signal);
    text = '';
  }
  const json = batchText(batch, source.now);
  if (types.has('progress')) text += eventText('progress', json, after);
  if (!isTerminal(batch)) await write(response, text, signal);
  else if (types.has('end')) response.end(text + eventText('end', json, `${after}${endMark}`));
  else response.end(text);
  return after;
};

const write = async (response: Response, text: string, signal: AbortSignal): Promise<void> => {
  if (text === '' || signal.aborted || response.write(text)) return;
  await once(response, 'drain', { signal }).catch(() => {}); // aborted: nobody reads
};

type News = {
  /** The batch as it was seen last, once that is newer than what came before; undefined where it is gone, or `signal` is aborted. */
  next(): Promise<BatchRecord | undefined>;
  stop(): void;
};

const listen = ({ batch, types, watch }: EventSource, signal: AbortSignal): News => {
  const state: { seen: { batch: BatchRecord | undefined } | undefined; wake: () => void } = {
    seen: undefined,
    wake: () => {},
  };
  const progress = types.has('progress') || types.has('result');
  const stop = watch(
    batch.id,
    (seen) => {
      state.seen = { batch: seen };
      state.wake();
    },
    { progress },
  );
  const wake = (): void => state.wake();
  signal.addEventListener('abort', wake);
  return {
    async next() {
      if (state.seen === undefined && !signal.aborted) {
        await new Promise<void>((resolve) => {
          state.wake = resolve;
        });
      }
      const seen = signal.aborted ? undefined : state.seen?.batch;
      state.seen = undefined;
      return seen;
    },
    stop() {
      signal.removeEventListener('abort', wake);
      stop();
    },
  };
};

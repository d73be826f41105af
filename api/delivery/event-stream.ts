// A batch as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): progress, results, end.
import { once } from 'node:events';
import type { Response } from 'express';
import type { BatchRecord } from '../../shared/batch.ts';
import { isTerminal } from '../../shared/batch.ts';
import type { Excerpt } from '../../shared/excerpt.ts';
import type { Watch } from './batch-watch.ts';
import { toBatchView } from './batch-view.ts';
import type { KeepAlive } from './keep-alive.ts';
import { writeExcerpt, type ViewOptions } from './result-view.ts';
import type { SharedPages } from './shared-pages.ts';

export const eventTypes = ['progress', 'result', 'end'] as const;
export type EventType = (typeof eventTypes)[number];

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
  const { types } = source;
  let after = source.after;
  for (let batch: BatchRecord | undefined = source.batch; batch !== undefined; batch = await news.next()) {
    // Of a batch seen as ended there is no result that is not found now.
    while (types.has('result') && !signal.aborted) {
      const page = await source.page(batch, after, resultsPerPage);
      for (const excerpt of page.excerpts)
        await write(response, await toEvents(excerpt, source.view), signal);
      after = page.next;
      if (page.size === 0) break;
    }
    if (signal.aborted) return;
    const view = viewText(batch, source.now);
    if (isTerminal(batch)) response.cork(); // all that is left goes in one piece
    if (types.has('progress')) await write(response, format('progress', view, after), signal);
    if (!isTerminal(batch)) continue;
    if (types.has('end')) await write(response, format('end', view, `${after}${endMark}`), signal);
    return;
  }
};

const texts = new WeakMap<BatchRecord, string>();

/** Written once for all who are shown the same record. */
const viewText = (batch: BatchRecord, now: () => number): string => {
  const text = texts.get(batch) ?? JSON.stringify(toBatchView(batch, now()));
  texts.set(batch, text);
  return text;
};

/** What the id of an `end` event has behind its cursor. */
export const endMark = '-end';

const toEvents = async (excerpt: Excerpt, view: ViewOptions): Promise<string> => {
  const texts = await writeExcerpt(excerpt, view);
  return texts.map((text, at) => format('result', text, excerpt.cursorAt(excerpt.places[at] ?? 0))).join('');
};

const format = (type: EventType, json: string, id: number | string): string =>
  `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;

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

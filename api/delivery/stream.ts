// Results as lines, page by page: all there are so far, or as they come until the batch ends.
import { setTimeout as delay } from 'node:timers/promises';
import type { Response } from 'express';
import { isRedisOutage } from '../../shared/redis-outage.ts';
import type { ResultPage, Tail } from '../../shared/result-pages.ts';
import type { Bell } from './bell.ts';
import { chooseCoding } from './compression.ts';
import type { LineFormat } from './format.ts';
import { createOutput, type Output } from './output.ts';

/** Results that are read at once. */
export const streamPageResults = 2000;
/** About how much is written at once: a write a line costs five times as much, and a page may be tens of MB. */
const charactersPerWrite = 65_536;
// Events are lost while Redis is away; a look now and then makes up for it.
const lookAgainMs = 5000;
/** Shorter than proxies keep a connection on which nothing comes. */
export const heartbeatMs = 15_000;
/** How long a page may fail to be read before the answer is cut. */
const patienceMs = 60_000;
const tryAgainMs = 200;

export type StreamSource = {
  /** A page of at most `limit` results after a cursor; `tail` spares the reading where it holds them. */
  page(after: number, limit: number, tail?: Tail): Promise<ResultPage>;
  /** That page behind `after`, where it has been read. */
  readonly first?: ResultPage | undefined;
  readonly after: number;
  /** Results in all. */
  readonly limit: number;
  readonly format: LineFormat;
  /** A file of it is offered under this name. */
  readonly name: string;
  /** Goes on until the batch has ended. */
  readonly bell?: Bell | undefined;
  readonly heartbeatMs?: number;
};

/**
 * Ends the response when all are sent. Where `signal` is aborted before, or the batch is gone, the connection ends
 * without an end of the answer. Redis may be away for a while once the first page is read.
 */
export const streamResults = async (
  response: Response,
  source: StreamSource,
  signal: AbortSignal,
): Promise<void> => {
  const first = source.first ?? (await source.page(source.after, Math.min(streamPageResults, source.limit)));
  const { type, extension } = source.format;
  const file = `attachment; filename="${source.name}.${extension}"`;
  response.status(200).set({ 'Content-Type': type, 'Content-Disposition': file });
  const coding = chooseCoding(response);
  if (response.req.method === 'HEAD') return void response.end();
  const output = createOutput(response, signal, coding);
  const heartbeat = source.bell && beat(output, source.heartbeatMs ?? heartbeatMs);
  try {
    // Where the first result may be long in coming; else the head goes out with it.
    if (source.bell !== undefined) response.flushHeaders();
    await output.write(source.format.head);
    if (await sendPages(first, { source, output, signal })) output.end();
    else output.cut();
  } finally {
    clearInterval(heartbeat);
  }
};

type Sending = { readonly source: StreamSource; readonly output: Output; readonly signal: AbortSignal };

/** Whether all were sent. */
const sendPages = async (first: ResultPage, sending: Sending): Promise<boolean> => {
  const { source, output, signal } = sending;
  let page = first;
  let left = source.limit;
  let after = source.after;
  while (!signal.aborted && !page.isGone) {
    left -= page.size;
    const isDone = page.isLast || left <= 0;
    const isDry = page.next === after;
    after = page.next;
    // The next page is read while this one is written.
    const following = isDone || isDry ? undefined : nextPage(sending, after, left);
    following?.catch(() => {}); // awaited below, unless the caller has gone
    await sendPage(page, source.format, output);
    if (isDone || (isDry && source.bell === undefined)) return true;
    if (isDry) {
      output.flush();
      await source.bell?.rung(lookAgainMs);
    }
    page = await (following ?? nextPage(sending, after, left));
  }
  return false;
};

const nextPage = async ({ source, signal }: Sending, after: number, left: number): Promise<ResultPage> => {
  const lastAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await source.page(after, Math.min(streamPageResults, left), source.bell?.tail());
    } catch (error) {
      if (!isRedisOutage(error) || signal.aborted || performance.now() > lastAt) throw error;
      await delay(tryAgainMs, undefined, { signal }).catch(() => {});
    }
  }
};

const sendPage = async (
  { excerpts }: ResultPage,
  { write, lineBreak }: LineFormat,
  output: Output,
): Promise<void> => {
  let text = '';
  for (const excerpt of excerpts) {
    // One string grows, and is encoded once: joining lines, and pages of lines, copied each of them twice.
    for (const line of await write(excerpt)) text += line + lineBreak;
    if (text.length < charactersPerWrite) continue;
    await output.write(text);
    text = '';
  }
  await output.write(text);
};

/** An empty line whenever nothing else was written for so long. */
const beat = (output: Output, ms: number): NodeJS.Timeout => {
  let seen = output.writes();
  return setInterval(() => {
    if (output.writes() === seen) {
      void output.write('\n');
      output.flush();
    }
    seen = output.writes();
  }, ms);
};

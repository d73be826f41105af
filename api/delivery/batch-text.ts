// A batch as JSON text, written once for all who are shown the same record: thousands may wait for the same end.
import type { BatchRecord } from '../../shared/batch.ts';
import { toBatchView } from './batch-view.ts';
import { tagOf } from './settled.ts';

const texts = new WeakMap<BatchRecord, string>();

/** `now` is epoch ms, by the clock that batches are dated by. */
export const batchText = (batch: BatchRecord, now: () => number): string => {
  const text = texts.get(batch) ?? JSON.stringify(toBatchView(batch, now()));
  texts.set(batch, text);
  return text;
};

export type EndText = {
  /** The JSON as a line of its own. */
  readonly line: Buffer;
  /** Its ETag. */
  readonly tag: string;
};

const endTexts = new WeakMap<BatchRecord, EndText>();

/** Of a batch that has ended. */
export const endText = (batch: BatchRecord, now: () => number): EndText => {
  const known = endTexts.get(batch);
  if (known !== undefined) return known;
  const json = batchText(batch, now);
  const text = { line: Buffer.from(`${json}\n`), tag: tagOf(json) };
  endTexts.set(batch, text);
  return text;
};

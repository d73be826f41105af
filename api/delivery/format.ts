// The forms in which results are streamed: what they are called, and how each result becomes a line.
import type { Excerpt } from '../../shared/excerpt.ts';
import { writeExcerpt, type ViewOptions } from './result-view.ts';

export type LineFormat = {
  /** The Content-Type. */
  readonly type: string;
  /** How a file of it is called: what stands behind the dot. */
  readonly extension: string;
  /** Stands before the first result. */
  readonly head: string;
  /** Each result as a line, without the line break. */
  readonly write: (excerpt: Excerpt) => Promise<string[]>;
  readonly lineBreak: '\n' | '\r\n';
};

export const ndjson = (view: ViewOptions): LineFormat => ({
  type: 'application/x-ndjson',
  extension: 'ndjson',
  head: '',
  write: (excerpt) => writeExcerpt(excerpt, view),
  lineBreak: '\n',
});

// The lines of a streamed submission → its requests. Where one is not valid, the rest is only read to say what else is not.
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { plainUrlIn } from '../../shared/plain-url.ts';
import type { RequestDefaults } from '../../shared/request.ts';
import type { UrlRule } from '../../shared/url-rule.ts';
import { ApiError } from '../problem.ts';
import { isObject } from './document.ts';
import { createEntryReader, hasBody, type Entry, type EntryReader } from './entry.ts';
import { createFieldErrors, type FieldErrors } from './field-errors.ts';
import { createFingerprintSet } from './fingerprint-set.ts';
import { readLines, type Flaw, type Line } from './lines.ts';
import { toRefusedEntry } from './refused-entry.ts';
import type { StreamFormat } from './media.ts';

/** Longest line, in bytes. */
export const maxLineBytes = 1_048_576;

export type LineReaderRules = { readonly urlRule: UrlRule; readonly maxRequests: number };

export type LineOptions = {
  readonly format: StreamFormat;
  readonly defaults: RequestDefaults;
  readonly onInvalid?: 'reject' | 'fail' | undefined;
  /** Whether it may have no request at all. */
  readonly open?: boolean | undefined;
  /** How many requests the batch has already. */
  readonly before?: number;
};

/** The requests in order, some at a time. Throws an ApiError where the submission is refused, at its end or before. */
export type LineReader = (
  chunks: AsyncIterable<Buffer>,
  options: LineOptions,
) => AsyncGenerator<readonly Entry[]>;

export const createLineReader = ({ urlRule, maxRequests }: LineReaderRules): LineReader => {
  const reader = createEntryReader(urlRule);
  return async function* (chunks, { format, defaults, onInvalid = 'reject', open = false, before = 0 }) {
    const errors = createFieldErrors();
    const context = { path: [], errors, defaults, ids: createFingerprintSet() };
    const read = format === 'text' ? textReader(reader, context) : jsonReader(reader, context);
    let count = 0;
    for await (const { first, lines } of readLines(chunks, maxLineBytes)) {
      const entries: Entry[] = [];
      for (let at = 0; at < lines.length; at += 1) {
        const line = lines[at] ?? '';
        if (isBlank(line)) continue;
        count += 1;
        if (before + count > maxRequests) throw tooMany(maxRequests);
        errors.enterLine(first + at);
        const entry =
          typeof line === 'string' ? read(line) : refuseFlaw(line, { line: first + at, errors, onInvalid });
        if (entry !== undefined) entries.push(entry);
        else if (onInvalid === 'fail') entries.push(toRefusedEntry(writtenIn(line, format), errors.take()));
      }
      if (errors.count() === 0 && entries.length > 0) yield entries;
      await yieldToOthers();
    }
    if (count === 0 && !open) errors.add([], 'must hold at least one request');
    errors.throwIfAny();
  };
};

const isBlank = (line: Line): boolean =>
  typeof line === 'string' && (line === '' || (line.charCodeAt(0) <= 0x20 && line.trim() === ''));

const tooMany = (limit: number): ApiError =>
  new ApiError('too_many_requests_in_batch', `the batch has more than ${limit} requests`, {
    members: { limit },
  });

type Context = Parameters<EntryReader['readRequest']>[1];
/** Undefined where it added errors. */
type ReadLine = (line: string) => Entry | undefined;

const textReader =
  (reader: EntryReader, context: Context): ReadLine =>
  (line) =>
    reader.readUrl(line, context);

const jsonReader = (reader: EntryReader, context: Context): ReadLine => {
  const isUrlEnough = !hasBody(context.defaults);
  return (line) => {
    const url = isUrlEnough ? plainUrlIn(line) : undefined;
    if (url !== undefined) return url;
    try {
      const value: unknown = JSON.parse(line);
      if (isWholeSubmission(value)) throw notByLines();
      return typeof value === 'string' ? reader.readUrl(value, context) : reader.readRequest(value, context);
    } catch (error) {
      if (error instanceof SyntaxError)
        context.errors.add([], `the line is not valid JSON: ${error.message}`);
      else if (error instanceof ApiError && error.code === 'body_too_deep')
        context.errors.add([], error.message);
      else throw error;
      return undefined;
    }
  };
};

const isWholeSubmission = (value: unknown): boolean =>
  isObject(value) && !('url' in value) && (Array.isArray(value['requests']) || Array.isArray(value['urls']));

const notByLines = (): ApiError =>
  new ApiError(
    'unsupported_media_type',
    'a line holds a whole submission: send it as Content-Type: application/json',
    {
      headers: { 'Accept-Post': 'application/json' },
    },
  );

const refuseFlaw = (
  { flaw }: Flaw,
  at: { readonly line: number; readonly errors: FieldErrors; readonly onInvalid: 'reject' | 'fail' },
): undefined => {
  if (flaw === 'too_large' && at.onInvalid === 'reject') throw lineTooLarge(at.line);
  at.errors.add([], flaw === 'too_large' ? tooLarge : 'the line is not valid UTF-8');
  return undefined;
};

const tooLarge = `the line is larger than ${maxLineBytes} bytes`;

const lineTooLarge = (line: number): ApiError =>
  new ApiError('line_too_large', `line ${line} is larger than ${maxLineBytes} bytes`, {
    members: { limit: maxLineBytes, line, errors: [{ pointer: '', line, message: tooLarge }] },
  });

/** What an entry that is not valid was written as, as far as that can be told. */
const writtenIn = (line: Line, format: StreamFormat): unknown => {
  if (typeof line !== 'string' || format === 'text') return line;
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return line;
  }
};

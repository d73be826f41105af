// The JSON body of POST /v1/batches → a submission, or one error that names everything wrong with it.
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { z } from 'zod';
import type { Metadata } from '../../shared/batch.ts';
import { findConflict, requestDefaultsSchema, type RequestDefaults } from '../../shared/request.ts';
import type { UrlRule } from '../../shared/url-rule.ts';
import { ApiError } from '../problem.ts';
import { parseDocument, refuseUnsafe, type JsonObject } from './document.ts';
import { createEntryReader, type Entry, type EntryReader } from './entry.ts';
import { createFieldErrors, type FieldErrors } from './field-errors.ts';
import { parseField } from './field-rules.ts';

/** What a caller submitted, checked. Durations in seconds. */
export type Submission = {
  readonly name?: string | undefined;
  readonly metadata?: Metadata | undefined;
  readonly defaults: RequestDefaults;
  readonly expiresIn?: number | undefined;
  readonly retention?: number | undefined;
  readonly entries: readonly Entry[];
};

export const maxMetadataBytes = 16_384;
const maxSeconds = 31_536_000;
const entriesPerTurn = 1000; // some 10 ms, where each has headers

const invisible = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

const settingsSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .refine((name) => !invisible.test(name) && name.isWellFormed(), 'no control or invisible characters')
    .optional(),
  metadata: z
    .custom<Metadata>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
      message: 'expected an object',
    })
    .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= maxMetadataBytes, {
      message: `at most ${maxMetadataBytes} bytes of JSON are allowed`,
      abort: true,
    })
    .optional(),
  expiresIn: z.int().min(1).max(maxSeconds).optional(),
  retention: z.int().min(1).max(maxSeconds).optional(),
  defaults: requestDefaultsSchema.default({}),
});

export type SubmissionReader = (bytes: Buffer) => Promise<Submission>;

/** Reads a body; rejects with an ApiError. Lets others run between windows of entries. */
export const createJsonReader = (limits: {
  readonly urlRule: UrlRule;
  readonly maxRequests: number;
}): SubmissionReader => {
  const reader = createEntryReader(limits.urlRule);
  return async (bytes) => {
    const { requests, urls, ...written } = parseDocument(bytes);
    const errors = createFieldErrors();
    const settings = readSettings(written, errors);
    const list = pickList({ requests, urls }, errors);
    if (list.values.length > limits.maxRequests) throw tooMany(list.values.length, limits.maxRequests);
    const entries = await readEntries(list, { reader, errors, defaults: settings?.defaults ?? {} });
    errors.throwIfAny();
    if (settings === undefined) throw new Error('settings were refused without an error');
    return { ...settings, entries };
  };
};

type Settings = z.output<typeof settingsSchema>;

const readSettings = (written: JsonObject, errors: FieldErrors): Settings | undefined => {
  refuseUnsafe(written, [], errors);
  const settings = parseField(settingsSchema, written, { path: [], errors });
  const conflict = settings === undefined ? undefined : findConflict(settings.defaults);
  if (conflict !== undefined) errors.add(['defaults', conflict.field], conflict.message);
  return settings;
};

type EntryList = { readonly field: 'requests' | 'urls'; readonly values: readonly unknown[] };

const pickList = (
  { requests, urls }: { requests: unknown; urls: unknown },
  errors: FieldErrors,
): EntryList => {
  const field = requests === undefined && urls !== undefined ? 'urls' : 'requests';
  const values = requests ?? urls;
  if (requests !== undefined && urls !== undefined) errors.add(['urls'], 'give either requests or urls');
  else if (values === undefined) errors.add([field], 'is required: a list of requests, or urls');
  else if (!Array.isArray(values)) errors.add([field], 'expected an array');
  else if (values.length === 0) errors.add([field], 'must hold at least one');
  return { field, values: Array.isArray(values) ? (values as unknown[]) : [] };
};

const tooMany = (count: number, limit: number): ApiError =>
  new ApiError(
    'too_many_requests_in_batch',
    `the batch has ${count} requests; at most ${limit} are allowed`,
    { members: { limit } },
  );

const readEntries = async (
  { field, values }: EntryList,
  context: { reader: EntryReader; errors: FieldErrors; defaults: RequestDefaults },
): Promise<Entry[]> => {
  const { reader, errors, defaults } = context;
  const ids = new Set<string>();
  const entries: Entry[] = [];
  for (const [index, value] of values.entries()) {
    const path = [field, index];
    const entry =
      field === 'urls'
        ? reader.readUrl(value, { path, errors })
        : reader.readRequest(value, { path, errors, defaults, ids });
    if (entry !== undefined) entries.push(entry);
    if (index % entriesPerTurn === entriesPerTurn - 1) await yieldToOthers();
  }
  return entries;
};

// The JSON body of POST /v1/batches → a submission, or one error that names everything wrong with it.
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { RequestDefaults } from '../../shared/request.ts';
import { ApiError } from '../problem.ts';
import { parseDocument } from './document.ts';
import { createEntryReader, type Entry, type EntryReader } from './entry.ts';
import { createFieldErrors, type FieldErrors } from './field-errors.ts';
import { readSettings, type Settings, type SettingsRules } from './settings.ts';

/** What a caller submitted, checked. */
export type Submission = Settings & { readonly entries: readonly Entry[] };

const entriesPerTurn = 1000; // some 10 ms, where each has headers

export type SubmissionRules = SettingsRules & { readonly maxRequests: number };

export type SubmissionReader = (bytes: Buffer) => Promise<Submission>;

/** Reads a body; rejects with an ApiError. Lets others run between windows of entries. */
export const createJsonReader = (rules: SubmissionRules): SubmissionReader => {
  const reader = createEntryReader(rules.urlRule);
  return async (bytes) => {
    const { requests, urls, ...written } = parseDocument(bytes);
    const errors = createFieldErrors();
    const settings = readSettings(written, errors, rules);
    const list = pickList({ requests, urls }, errors);
    if (list.values.length > rules.maxRequests) throw tooMany(list.values.length, rules.maxRequests);
    const entries = await readEntries(list, { reader, errors, defaults: settings?.defaults ?? {} });
    errors.throwIfAny();
    if (settings === undefined) throw new Error('settings were refused without an error');
    return { ...settings, entries };
  };
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

// The JSON body of POST /v1/batches → a submission, or one error that names everything wrong with it.
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { RequestDefaults } from '../../shared/request.ts';
import { ApiError } from '../problem.ts';
import { parseDocument, refuseUnsafe } from './document.ts';
import { createEntryReader, type Entry, type EntryReader } from './entry.ts';
import { createFieldErrors, type FieldErrors, type FieldPath } from './field-errors.ts';
import { createFingerprintSet } from './fingerprint-set.ts';
import type { EntrySource } from './intake.ts';
import { toRefusedEntry } from './refused-entry.ts';
import { readSettings, type Settings, type SettingsRules } from './settings.ts';
import { readTemplate } from './template.ts';

/** What stands in the body; the requests of a template are made, and judged, as they are read. */
export type JsonSubmission = Settings & {
  readonly entries: readonly Entry[] | AsyncIterable<readonly Entry[]>;
};

const entriesPerTurn = 1000; // some 10 ms, where each has headers

export type SubmissionRules = SettingsRules & { readonly maxRequests: number };

export type JsonReader = (
  bytes: Buffer,
  options?: { readonly toleratesInvalid: boolean },
) => Promise<JsonSubmission>;

/** Reads a body; rejects with an ApiError. Lets others run between windows of entries. */
export const createJsonReader = (rules: SubmissionRules): JsonReader => {
  const reader = createEntryReader(rules.urlRule);
  return async (bytes, { toleratesInvalid } = { toleratesInvalid: false }) => {
    const { requests, urls, template, ...written } = parseDocument(bytes);
    const errors = createFieldErrors();
    const settings = readSettings(written, errors, rules);
    const list = pickList({ requests, urls, template }, { mayBeEmpty: settings?.open === true, errors });
    if (list.count > rules.maxRequests) throw tooMany(list.count, rules.maxRequests);
    const { defaults = {}, onInvalid } = toleratesInvalid
      ? { ...settings, onInvalid: 'fail' as const }
      : (settings ?? {});
    if (onInvalid === 'fail') errors.throwIfAny();
    const entries = await readList(list, { reader, errors, defaults, onInvalid });
    errors.throwIfAny();
    if (settings === undefined) throw new Error('settings were refused without an error');
    return { ...settings, entries };
  };
};

export type AppendOptions = {
  readonly defaults: RequestDefaults;
  /** How many requests the batch has already. */
  readonly before: number;
  readonly onInvalid: Settings['onInvalid'];
};

export type JsonAppendReader = (bytes: Buffer, options: AppendOptions) => Promise<EntrySource>;

/** Reads the body of an append: its requests, and nothing else. */
export const createJsonAppendReader = ({ urlRule, maxRequests }: SubmissionRules): JsonAppendReader => {
  const reader = createEntryReader(urlRule);
  return async (bytes, { before, ...options }) => {
    const { requests, urls, template, ...others } = parseDocument(bytes);
    const errors = createFieldErrors();
    for (const name of Object.keys(others)) errors.add([name], 'not a field that is known here');
    const list = pickList({ requests, urls, template }, { mayBeEmpty: false, errors });
    const total = before + list.count;
    if (total > maxRequests) throw tooMany(total, maxRequests);
    errors.throwIfAny();
    const entries = await readList(list, { reader, errors, ...options });
    errors.throwIfAny();
    return toSource(entries);
  };
};

/** A list, as one window. */
export const toSource = (entries: JsonSubmission['entries']): EntrySource =>
  Symbol.asyncIterator in entries ? entries : [entries];

type EntryList = {
  readonly count: number;
  readonly at: (index: number) => unknown;
  /** Where the field is that holds the entry of this index. */
  readonly pathOf: (index: number) => FieldPath;
  readonly isOfUrls: boolean;
  /** Whether entries are made when they are asked for. */
  readonly isMade: boolean;
};

type Written = Readonly<Record<'requests' | 'urls' | 'template', unknown>>;

const pickList = (
  written: Written,
  { mayBeEmpty, errors }: { readonly mayBeEmpty: boolean; readonly errors: FieldErrors },
): EntryList => {
  const [field, second] = fields.filter((name) => written[name] !== undefined);
  if (field === undefined && !mayBeEmpty)
    errors.add(['requests'], 'is required: a list of requests, or urls, or a template');
  if (field !== undefined && second !== undefined) errors.add([second], `give either ${field} or ${second}`);
  if (field === 'template') return templateList(written.template, errors);
  const values = field === undefined ? [] : written[field];
  if (!Array.isArray(values)) errors.add([field ?? 'requests'], 'expected an array');
  else if (values.length === 0 && !mayBeEmpty && field !== undefined)
    errors.add([field], 'must hold at least one');
  const list = Array.isArray(values) ? (values as unknown[]) : [];
  return {
    count: list.length,
    at: (index) => list[index],
    pathOf: (index) => [field ?? 'requests', index],
    isOfUrls: field === 'urls',
    isMade: false,
  };
};

const fields = ['requests', 'urls', 'template'] as const;

const templateList = (written: unknown, errors: FieldErrors): EntryList => {
  refuseUnsafe(written, ['template'], errors);
  const template = readTemplate(written, errors);
  return {
    count: template?.count ?? 0,
    at: (index) => template?.at(index),
    pathOf: () => ['template'],
    isOfUrls: false,
    isMade: true,
  };
};

const tooMany = (count: number, limit: number): ApiError =>
  new ApiError(
    'too_many_requests_in_batch',
    `the batch has ${count} requests; at most ${limit} are allowed`,
    { members: { limit } },
  );

type ListContext = {
  readonly reader: EntryReader;
  readonly errors: FieldErrors;
  readonly defaults: RequestDefaults;
  readonly onInvalid: Settings['onInvalid'];
};

const readList = async (list: EntryList, context: ListContext): Promise<JsonSubmission['entries']> => {
  if (list.isMade) return readEntries(list, context);
  const entries: Entry[] = [];
  for await (const some of readEntries(list, context)) entries.push(...some);
  return entries;
};

const readEntries = async function* (
  { count, at, pathOf, isOfUrls }: EntryList,
  { reader, errors, defaults, onInvalid }: ListContext,
): AsyncGenerator<readonly Entry[]> {
  const ids = createFingerprintSet();
  let entries: Entry[] = [];
  for (let index = 0; index < count; index += 1) {
    const [value, path] = [at(index), pathOf(index)];
    const entry = isOfUrls
      ? reader.readUrl(value, { path, errors })
      : reader.readRequest(value, { path, errors, defaults, ids });
    if (entry !== undefined) entries.push(entry);
    else if (onInvalid === 'fail') entries.push(toRefusedEntry(value, errors.take()));
    if (index % entriesPerTurn !== entriesPerTurn - 1) continue;
    if (errors.count() === 0) yield entries;
    entries = [];
    await yieldToOthers();
  }
  errors.throwIfAny();
  yield entries;
};

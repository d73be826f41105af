// A batch's meta hash ⇄ its record. Field names are short words; numbers are decimal text. Pure.
import { Packr } from 'msgpackr';
import {
  defaultPriority,
  type BatchId,
  type BatchRecord,
  type Counts,
  type Metadata,
  type NewBatch,
  type Pace,
} from './batch.ts';
import type { HostLimits } from './host-limits.ts';
import type { SliceOptions } from './request.ts';
import { UnknownVersionError } from './unknown-version.ts';
import { readTallies } from './tally.ts';
import { decodeWebhook, encodeWebhook } from './webhook.ts';

const batchVersion = 1;
const packr = new Packr({ useRecords: false });

/** The fields of a batch that is not sealed yet. */
export const encodeNewBatch = (batch: NewBatch): Record<string, string | number> => ({
  v: batchVersion,
  sealed: 0,
  owner: batch.owner,
  retentionSeconds: batch.retentionSeconds,
  defaults: packr.pack(batch.defaults).toString('base64'),
  priority: batch.priority,
  ...(batch.perHost !== undefined && { perHost: JSON.stringify(batch.perHost) }),
  ...(batch.notBefore !== undefined && { notBefore: batch.notBefore }),
  ...(batch.webhook !== undefined && encodeWebhook(batch.webhook)),
  ...(batch.name !== undefined && { name: batch.name }),
  ...(batch.metadata !== undefined && { metadata: JSON.stringify(batch.metadata) }),
});

/** Reads a meta hash; undefined for a batch that is not there or not sealed. Throws UnknownVersionError on a later version. */
export const decodeBatch = (
  id: BatchId,
  fields: Readonly<Record<string, string>>,
): BatchRecord | undefined => {
  if (fields['sealed'] !== '1') return undefined;
  if (Number(fields['v'] ?? 1) > batchVersion) throw new UnknownVersionError('a batch', fields['v']);
  const number = (name: string): number => Number(fields[name] ?? 0);
  const optional = (name: string): number | undefined =>
    fields[name] === undefined ? undefined : number(name);
  const { name, metadata, perHost, closedAs } = fields;
  const notBefore = optional('notBefore');
  const webhook = decodeWebhook(fields);
  const generation = optional('generation');
  const startedAt = optional('startedAt');
  const endedAt = optional('endedAt');
  return {
    id,
    owner: fields['owner'] ?? '',
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata: JSON.parse(metadata) as Metadata }),
    defaults: decodeDefaults(fields['defaults']),
    priority: optional('priority') ?? defaultPriority,
    ...(perHost !== undefined && { perHost: JSON.parse(perHost) as HostLimits }),
    ...(notBefore !== undefined && { notBefore }),
    ...(webhook !== undefined && { webhook }),
    ...(generation !== undefined && { generation }),
    counts: countsOf(number),
    tallies: readTallies(fields),
    ...(fields['paceAt'] !== undefined && { pace: paceOf(number, optional('paceBefore')) }),
    slices: number('sliceCount'),
    createdAt: number('createdAt'),
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    expiresAt: number('expiresAt'),
    retentionSeconds: number('retentionSeconds'),
    ...(fields['paused'] !== undefined && { isPaused: true }),
    ...((closedAs === 'cancelled' || closedAs === 'expired') && { closedAs }),
  };
};

/** What is neither recorded nor held by a worker is pending, so the counts always sum to the total. */
const countsOf = (number: (name: string) => number): Counts => {
  const total = number('total');
  const [running, succeeded, failed] = [number('running'), number('succeeded'), number('failed')];
  const [cancelled, expired] = [number('cancelled'), number('expired')];
  const pending = total - running - succeeded - failed - cancelled - expired;
  return { total, pending, running, succeeded, failed, cancelled, expired };
};

const paceOf = (number: (name: string) => number, before: number | undefined): Pace => ({
  at: number('paceAt'),
  done: number('paceDone'),
  ...(before !== undefined && { before: { done: before, lastedMs: number('paceBeforeMs') } }),
});

const decodeDefaults = (packed: string | undefined): SliceOptions =>
  packed === undefined ? {} : (packr.unpack(Buffer.from(packed, 'base64')) as SliceOptions);

// What is to come of the scripts by which a worker takes a slice, records results of it and gives it back.
import { unpackSegment } from '../../shared/segment.ts';
import {
  bytesOf,
  indexesOf,
  numberOf,
  ofKeys,
  textOf,
  unrecordedFrom,
  type Rule,
  type ScriptCall,
} from './call.ts';
import { drop, unended, type Meta, type ModelBatch, type World } from './world.ts';

export const endBatch = (world: World, batch: ModelBatch, meta: Meta): void => {
  meta.running = 0;
  meta.endedAt = world.now;
  meta.paused = undefined;
  drop(batch, 'claims', 'attempts', 'suspects');
  const gone = world.now + Number(meta.given['retentionSeconds']) * 1000;
  for (const part of ['meta', 'index', 'segments', 'slices'] as const) batch.vanishes.set(part, gone);
  world.deadlines.delete(batch.id);
  world.unfinished.delete(`${meta.given['owner']}:${batch.id}`);
  world.retained.set(`${meta.given['owner']}:${batch.id}`, gone);
};

export const isUnrecorded = (batch: ModelBatch, index: number): boolean =>
  (batch.index[index] ?? 0) >= unrecordedFrom;

const claim: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const meta = unended(batch);
  if (meta === undefined) return [0];
  const [slice, generation] = [textOf(call, 0), numberOf(call, 3)];
  const held = batch.claims.get(slice) ?? 0;
  const holder = batch.claims.get(`g${slice}`) ?? 0;
  if (meta.paused !== undefined || generation !== (meta.generation ?? 0)) {
    if (held > 0 && holder === generation) unclaim(batch, meta, slice);
    return [0];
  }
  if (held > 0 && holder < generation && world.jobs.all.has(jobId(batch.id, slice, holder))) return [-1];
  const indexes = textOf(call, 1) === '' ? batch.slices.get(slice) : indexesOf(call, 1);
  if (indexes === undefined) return [-2];
  const left = indexes.filter((index) => isUnrecorded(batch, index));
  batch.claims.set(slice, left.length);
  if (generation > 0) batch.claims.set(`g${slice}`, generation);
  meta.running = (meta.running ?? 0) + left.length - held;
  meta.startedAt ??= world.now;
  raiseClock(world, numberOf(call, 2));
  return left.length === indexes.length ? [left.length] : [left.length, ...left];
};

const jobId = (batchId: string, slice: string, generation: number): string =>
  generation === 0 ? `${batchId}-${slice}` : `${batchId}-${slice}-${generation}`;

const raiseClock = (world: World, tag: number): void => {
  if (tag > (world.clock ?? 1)) world.clock = tag;
};

const unclaim = (batch: ModelBatch, meta: Meta, slice: string): void => {
  const held = batch.claims.get(slice) ?? 0;
  batch.claims.delete(slice);
  batch.claims.delete(`g${slice}`);
  if (held > 0) meta.running = (meta.running ?? 0) - held;
};

const record: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const meta = unended(batch);
  if (meta === undefined) return [-1];
  const generation = textOf(call, 6);
  if (generation !== '' && Number(generation) < (meta.retryGeneration ?? 0)) return [-1];
  const indexes = indexesOf(call, 5);
  const known = indexes.filter((index) => !isUnrecorded(batch, index));
  if (known.length > 0) return [0, ...known];
  const results = unpackSegment(bytesOf(call, 2));
  const segment = (meta.segments ?? 0) + 1;
  meta.segments = segment;
  batch.segments.set(segment, results);
  for (const index of indexes) batch.index[index] = segment;
  const succeeded = results.filter(({ outcome }) => outcome === 'succeeded').length;
  meta.succeeded = (meta.succeeded ?? 0) + succeeded;
  meta.failed = (meta.failed ?? 0) + results.length - succeeded;
  const freed = freeClaims(batch, call);
  if (freed > 0) meta.running = (meta.running ?? 0) - freed;
  countResults(world, 'succeeded', succeeded);
  countResults(world, 'failed', results.length - succeeded);
  countTallies(world, meta, textOf(call, 7));
  if (meta.succeeded + meta.failed === meta.total && meta.open === undefined) endBatch(world, batch, meta);
  else keepPace(world, meta, meta.succeeded + meta.failed);
  return [1, segment];
};

export const countResults = ({ results }: World, name: string, count: number): void => {
  if (count > 0) results.set(name, (results.get(name) ?? 0) + count);
};

const countTallies = (world: World, meta: Meta, tallies: string): void => {
  for (const [, field = '', count] of tallies.matchAll(/t:(\S+) (\d+)/g)) {
    meta[`t:${field}`] = (meta[`t:${field}`] ?? 0) + Number(count);
    if (/^[a-z]/.test(field)) countResults(world, `t:${field}`, Number(count));
  }
};

const paceWindowMs = 10_000;

const keepPace = (world: World, meta: Meta, done: number): void => {
  const { paceAt, paceDone = 0 } = meta;
  if (paceAt !== undefined && world.now - paceAt < paceWindowMs) return;
  meta.paceAt = world.now;
  meta.paceDone = done;
  if (paceAt === undefined) return;
  meta.paceBefore = Math.max(0, done - paceDone);
  meta.paceBeforeMs = world.now - paceAt;
};

const freeClaims = (batch: ModelBatch, call: ScriptCall): number => {
  let freed = 0;
  for (let at = 8; at < call.args.length; at += 2) {
    const held = batch.claims.get(textOf(call, at)) ?? 0;
    const done = Math.min(held, numberOf(call, at + 1));
    if (done > 0) batch.claims.set(textOf(call, at), held - done);
    freed += done;
  }
  return freed;
};

const release: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const meta = unended(batch);
  if (meta === undefined) return 0;
  unclaim(batch, meta, textOf(call, 0));
  if (bytesOf(call, 1).length > 0) batch.attempts.add(textOf(call, 0));
  return 1;
};

const suspect: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const meta = unended(batch);
  if (meta === undefined) return 0;
  if ((meta.expiresAt ?? 0) <= world.now) drop(batch, 'suspects');
  else {
    batch.suspects.set(textOf(call, 0), `${textOf(call, 1)} ${textOf(call, 2)}`);
    batch.vanishes.set('suspects', meta.expiresAt ?? 0);
  }
  return 1;
};

const acquit: Rule = (world, call) => {
  const { suspects } = ofKeys(world, call);
  if (suspects.get(textOf(call, 0)) !== `${textOf(call, 1)} ${textOf(call, 2)}`) return 0;
  suspects.delete(textOf(call, 0));
  return 1;
};

const blame: Rule = (world, call) => {
  const { suspects } = ofKeys(world, call);
  const slice = textOf(call, 0);
  const [index = '', stalls] = suspects.get(slice)?.split(' ') ?? [];
  if (stalls !== undefined && stalls !== textOf(call, 1)) {
    const name = `${slice}:${index}`;
    suspects.set(name, String(Number(suspects.get(name) ?? '0') + 1));
    suspects.delete(slice);
  }
  return [...suspects].flatMap(([name, deaths]) =>
    name.startsWith(`${slice}:`) ? [Number(name.slice(slice.length + 1)), Number(deaths)] : [],
  );
};

export const runningRules = { acquit, blame, claim, record, release, suspect };

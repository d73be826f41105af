// What is to come of the scripts by which users and duties steer, end and remove a batch.
import { failureCodes } from '../../shared/failure.ts';
import { lineUp } from './intake-rules.ts';
import { numberOf, ofKeys, textOf, unrecordedFrom, wordsOf, type Rule, type ScriptCall } from './call.ts';
import { countResults, endBatch } from './running-rules.ts';
import { drop, parts, unended, type Meta, type ModelBatch, type World } from './world.ts';

const close: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const meta = unended(batch);
  if (meta === undefined) return 0;
  const as = textOf(call, 2) === 'expired' ? 'expired' : 'cancelled';
  if (as === 'expired' && world.now < (meta.expiresAt ?? 0)) return 0;
  meta.closedAs = as;
  const left = (meta.total ?? 0) - (meta.succeeded ?? 0) - (meta.failed ?? 0);
  meta[as] = left;
  countResults(world, as, left);
  endBatch(world, batch, meta);
  drop(batch, 'appended', 'appends');
  world.outbox.delete(batch.id);
  return 1;
};

const remove: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  if (batch.meta !== undefined && batch.meta.endedAt === undefined) return 0;
  world.listed.get(call.keys[1] ?? '')?.delete(batch.id);
  world.retained.delete(`${textOf(call, 1)}:${batch.id}`);
  drop(batch, ...parts);
  world.gone.add(batch.id);
  return 1;
};

const pause: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const meta = unended(batch);
  if (meta === undefined) return 0;
  meta.paused = 1;
  world.outbox.delete(batch.id);
  return 1;
};

const resume: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const { meta } = batch;
  if (meta?.paused === undefined) return meta?.resumedBy === textOf(call, 1) ? 1 : 0;
  meta.paused = undefined;
  meta.resumedBy = textOf(call, 1);
  lineUp(world, batch, meta);
  return 1;
};

const reopen: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const { meta } = batch;
  if (meta?.sealed !== 1) return -2;
  if (meta.closedAs !== undefined) return -1;
  const hadEnded = meta.endedAt !== undefined;
  if (!hadEnded && meta.retry !== textOf(call, 1)) return 0;
  const opened = openResults(batch, meta, call);
  if (opened === 0) return 1;
  meta.failed = (meta.failed ?? 0) - opened;
  if (hadEnded) liveAgain(world, batch, meta, textOf(call, 1));
  lineUp(world, batch, meta);
  if (hadEnded) meta.retryGeneration = meta.generation ?? 0;
  return 1;
};

const openResults = (batch: ModelBatch, meta: Meta, call: ScriptCall): number => {
  const words = wordsOf(call, 2);
  let opened = 0;
  for (let at = 0; at < words.length; at += 5) {
    const [index = 0, segment, slice = 0, status = 0, code = 0] = words.slice(at);
    if (batch.index[index] !== segment) continue;
    batch.index[index] = unrecordedFrom + slice;
    opened += 1;
    const tallies = [...(status > 0 ? [`t:${status}` as const] : []), `t:${failureCodes[code]}` as const];
    for (const tally of tallies) meta[tally] = (meta[tally] ?? 0) - 1;
  }
  return opened;
};

const liveAgain = (world: World, batch: ModelBatch, meta: Meta, retry: string): void => {
  const lifetime = meta.expiresInMs ?? (meta.expiresAt ?? 0) - (meta.createdAt ?? 0);
  meta.endedAt = undefined;
  meta.paceAt = undefined;
  meta.paceDone = undefined;
  meta.paceBefore = undefined;
  meta.paceBeforeMs = undefined;
  meta.retry = retry;
  meta.expiresInMs = lifetime;
  meta.expiresAt = world.now + lifetime;
  drop(batch, 'suspects');
  for (const part of ['meta', 'index', 'segments', 'slices'] as const) batch.vanishes.delete(part);
  world.deadlines.set(batch.id, meta.expiresAt);
  world.unfinished.add(`${meta.given['owner']}:${batch.id}`);
  world.retained.delete(`${meta.given['owner']}:${batch.id}`);
};

const watchProgress: Rule = (world, call) => {
  const meta = unended(ofKeys(world, call));
  if (meta === undefined || meta.paused !== undefined || meta.startTag === undefined) return 0;
  const counts = [meta.succeeded, meta.failed, meta.running, meta.generation];
  const progress = counts.map((count) => `${count ?? 0} `).join('');
  const isStill = progress === meta.progress;
  if (isStill && world.now - (meta.progressAt ?? 0) < numberOf(call, 0)) return 0;
  meta.progress = progress;
  meta.progressAt = world.now;
  return isStill ? 1 : 0;
};

export const controlRules = { close, pause, remove, reopen, resume, watchProgress };

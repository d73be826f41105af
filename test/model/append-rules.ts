// What is to come of the scripts by which requests are appended to an open batch, and by which it is sealed.
import { bytesOf, numberOf, ofKeys, textOf, type Rule, type ScriptCall } from './call.ts';
import { enterOutbox, readSlices, writeLocators } from './intake-rules.ts';
import { endBatch } from './running-rules.ts';
import { drop, type ModelBatch, type World } from './world.ts';

const leaseMs = 5000;

const refusal = (world: World, { meta }: ModelBatch, name: string): string[] | undefined => {
  if (meta?.sealed !== 1) return ['gone'];
  if (meta.endedAt !== undefined) return ['ended'];
  if (meta.open === undefined) return ['sealed'];
  const isOthers = meta.appender !== undefined && meta.appender !== name;
  return isOthers && world.now < (meta.appendUntil ?? 0) ? ['busy'] : undefined;
};

const dropAppended = (batch: ModelBatch): void => {
  const { meta } = batch;
  if (meta === undefined) return;
  for (let slice = meta.sliceCount ?? 0; slice < (meta.staged ?? 0); slice++)
    batch.slices.delete(String(slice));
  drop(batch, 'appended');
  meta.appender = undefined;
  meta.appendUntil = undefined;
  meta.staged = undefined;
};

const beginAppend: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const name = textOf(call, 0);
  const refused = refusal(world, batch, name);
  if (refused !== undefined || batch.meta === undefined) return refused;
  if (batch.meta.appender !== name) dropAppended(batch);
  batch.meta.appender = name;
  batch.meta.appendUntil = world.now + leaseMs;
  return ['begun', batch.meta.total, batch.meta.sliceCount];
};

const saveAppend: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const { meta } = batch;
  const refused = refusal(world, batch, textOf(call, 0));
  if (refused !== undefined || meta === undefined) return refused;
  if (meta.appender !== textOf(call, 0)) return ['busy'];
  meta.appendUntil = world.now + leaseMs;
  if (bytesOf(call, 2).length === 0) return ['saved'];
  writeLocators(batch.appended, numberOf(call, 1) / 4, bytesOf(call, 2));
  readSlices(call, batch, 4);
  meta.staged = Math.max(meta.staged ?? 0, numberOf(call, 3));
  return ['saved'];
};

const commitAppend: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const { meta } = batch;
  const [name, mark, digest] = [textOf(call, 0), textOf(call, 5), textOf(call, 6)];
  if (meta?.lastAppend === name) return ['appended'];
  const known = batch.appends.get(mark);
  if (known !== undefined) {
    if (meta?.appender === name) dropAppended(batch);
    const [count, its] = known.split(' ');
    return its === digest ? ['known', count] : ['reused'];
  }
  const refused = refusal(world, batch, name);
  if (refused !== undefined || meta === undefined) return refused;
  if (meta.appender !== name) return ['busy'];
  commit(batch, call);
  if (numberOf(call, 3) > 0 && meta.paused === undefined) enterOutbox(world, batch, meta);
  return ['appended'];
};

const commit = (batch: ModelBatch, call: ScriptCall): void => {
  const { meta } = batch;
  const [first, count, mark] = [numberOf(call, 2), numberOf(call, 3), textOf(call, 5)];
  for (const [at, locator] of batch.appended.entries()) batch.index[first + at] = locator;
  if (meta === undefined) return;
  meta.total = first + count;
  meta.sliceCount = numberOf(call, 4);
  meta.lastAppend = textOf(call, 0);
  meta.staged = undefined;
  if (mark !== '') batch.appends.set(mark, `${count} ${textOf(call, 6)}`);
  dropAppended(batch);
};

const dropAppend: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  if (batch.meta?.appender === textOf(call, 0)) dropAppended(batch);
  return ['dropped'];
};

const sealOpen: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const { meta } = batch;
  const [refused] = refusal(world, batch, '') ?? [];
  if (refused === 'busy' || refused === 'gone') return [refused];
  if (refused !== undefined || meta === undefined) return ['sealed'];
  dropAppended(batch);
  meta.open = undefined;
  meta.lastAppend = undefined;
  drop(batch, 'appends');
  if ((meta.total ?? 0) === (meta.succeeded ?? 0) + (meta.failed ?? 0)) endBatch(world, batch, meta);
  return ['sealed'];
};

export const appendRules = { beginAppend, commitAppend, dropAppend, saveAppend, sealOpen };

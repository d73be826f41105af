// What is to come of the scripts by which a batch comes in.
import { bytesOf, numberOf, textOf, type Rule, type ScriptCall } from './call.ts';
import { indexesAhead } from './slice-form.ts';
import { batchOf, drop, type Meta, type ModelBatch, type World } from './world.ts';

const leaseMs = 5000;
const unsealedMs = 3_600_000;
export const outboxPatienceMs = 5000;

type Claim = { readonly key: string; readonly fingerprint: string; readonly id: string };

const refusal = (world: World, { key, fingerprint, id }: Claim): string[] | undefined => {
  const known = world.idempotency.get(key);
  if (known === undefined || known.batch === id) return undefined;
  if (known.fingerprint !== fingerprint) return ['reused'];
  if (known.until === undefined) return ['done', known.batch, known.digest ?? ''];
  return world.now < known.until ? ['busy'] : undefined;
};

const hold = (world: World, { key, fingerprint, id }: Claim): void => {
  const [until, vanishes] = [world.now + leaseMs, world.now + unsealedMs];
  const digest = world.idempotency.get(key)?.digest;
  world.idempotency.set(key, { fingerprint, batch: id, until, digest, vanishes });
};

const settle = (
  world: World,
  key: string,
  { seconds, digest }: { readonly seconds: number; readonly digest: string },
): void => {
  const known = world.idempotency.get(key);
  if (known === undefined) return;
  known.until = undefined;
  if (digest !== '') known.digest = digest;
  known.vanishes = world.now + seconds * 1000;
};

/** What was submitted of a batch, from field and value, ... */
const readMeta = (world: World, call: ScriptCall, from: number, count: number): Meta => {
  const flat = Array.from({ length: count }, (_, i) => textOf(call, from + i));
  const given = Object.fromEntries(
    flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])),
  );
  const { notBefore, open, duplicates, sealed: _, ...rest } = given;
  return {
    given: rest,
    sealed: 0,
    ...(open !== undefined && { open: 1 }),
    ...(duplicates !== undefined && { duplicates: Number(duplicates) }),
    ...(notBefore !== undefined && { notBefore: Number(notBefore) - world.redisNow + world.now }),
  };
};

export const readSlices = (call: ScriptCall, batch: ModelBatch, from: number): void => {
  for (let at = from; at < call.args.length; at += 2)
    batch.slices.set(textOf(call, at), indexesAhead(bytesOf(call, at + 1)));
};

export const writeLocators = (index: number[], first: number, bytes: Buffer): void => {
  for (let at = 0; at < bytes.length; at += 4) index[first + at / 4] = bytes.readUInt32BE(at);
};

export const lineUp = (world: World, batch: ModelBatch, meta: Meta): void => {
  if (meta.startTag !== undefined) {
    meta.generation = (meta.generation ?? 0) + 1;
    meta.startTag = undefined;
    meta.tagSpacing = undefined;
    meta.linedUp = undefined;
  }
  enterOutbox(world, batch, meta);
};

export const enterOutbox = (world: World, batch: ModelBatch, meta: Meta): void => {
  world.outbox.set(
    batch.id,
    Math.max(meta.notBefore ?? 0, world.now) + (isLater(world, meta) ? 0 : outboxPatienceMs),
  );
};

export const giveTurn = (world: World, meta: Meta, weight: number): void => {
  meta.startTag = readClock(world);
  const owned = [...world.unfinished].filter((name) => name.startsWith(`${meta.given['owner']}:`)).length;
  meta.tagSpacing = Math.max(owned, 1) / weight;
};

const clockTurnsOver = 1_048_576;

const readClock = (world: World): number => {
  const { active, wait, inLine } = world.jobs;
  const isEmpty = active.length + wait.length + inLine.size === 0;
  if ((world.clock ?? 1) > clockTurnsOver && isEmpty) world.clock = 1;
  return world.clock ?? 1;
};

const isLater = (world: World, meta: Meta): boolean => (meta.notBefore ?? 0) > world.now;

const sealBatch = (world: World, call: ScriptCall, batch: ModelBatch, weight: number): void => {
  const { meta, id } = batch;
  if (meta === undefined) return;
  const listed = call.keys[3] ?? '';
  meta.sealed = 1;
  meta.total = numberOf(call, 1);
  meta.sliceCount = numberOf(call, 2);
  meta.createdAt = world.now;
  meta.expiresAt = world.now + numberOf(call, 3) * 1000;
  world.listed.set(listed, (world.listed.get(listed) ?? new Set()).add(id));
  lineUp(world, batch, meta);
  world.deadlines.set(id, meta.expiresAt);
  world.unfinished.add(`${meta.given['owner']}:${id}`);
  if (meta.notBefore === undefined) giveTurn(world, meta, weight);
};

const begin: Rule = (world, call) => {
  const id = textOf(call, 0);
  const claim = { key: call.keys[1] ?? '', fingerprint: textOf(call, 2), id };
  const refused = claim.key === '' ? undefined : refusal(world, claim);
  if (refused !== undefined) return refused;
  const batch = batchOf(world, id);
  if (batch.meta !== undefined) return ['begun'];
  world.gone.delete(id);
  batch.meta = readMeta(world, call, 3, call.args.length - 3);
  batch.vanishes.set('meta', world.now + unsealedMs);
  if (claim.key !== '') hold(world, claim);
  return ['begun'];
};

const savePart: Rule = (world, call) => {
  const batch = batchOf(world, textOf(call, 0));
  if (batch.meta?.sealed !== 0) return ['gone'];
  const known = world.idempotency.get(call.keys[3] ?? '');
  if (call.keys[3] !== undefined) {
    if (known?.batch !== batch.id) return ['busy'];
    known.until = world.now + leaseMs;
    known.vanishes = world.now + unsealedMs;
  }
  writeLocators(batch.index, numberOf(call, 2) / 4, bytesOf(call, 3));
  readSlices(call, batch, 4);
  for (const part of ['meta', 'slices', 'index'] as const) batch.vanishes.set(part, world.now + unsealedMs);
  return ['saved'];
};

const seal: Rule = (world, call) => {
  const batch = batchOf(world, textOf(call, 0));
  if (batch.meta === undefined) return ['gone'];
  const key = call.keys[12];
  if (key !== undefined && world.idempotency.get(key)?.batch !== batch.id) return ['busy'];
  if (batch.meta.sealed === 1) return ['sealed'];
  if (batch.slices.size !== numberOf(call, 2)) return ['gone'];
  sealBatch(world, call, batch, numberOf(call, 6));
  for (const part of ['meta', 'slices', 'index'] as const) batch.vanishes.delete(part);
  if (textOf(call, 7) !== '') batch.meta.duplicates = numberOf(call, 7);
  if (key !== undefined) settle(world, key, { seconds: numberOf(call, 4), digest: textOf(call, 5) });
  return ['sealed'];
};

const accept: Rule = (world, call) => {
  const id = textOf(call, 0);
  const claim = { key: call.keys[12] ?? '', fingerprint: textOf(call, 5), id };
  const refused = claim.key === '' ? undefined : refusal(world, claim);
  if (refused !== undefined) return refused;
  const batch = batchOf(world, id);
  if (batch.meta !== undefined) return ['sealed'];
  world.gone.delete(id); // what is sent again that late is new
  batch.meta = readMeta(world, call, 10, numberOf(call, 9));
  writeLocators(batch.index, 0, bytesOf(call, 8));
  readSlices(call, batch, 10 + numberOf(call, 9));
  sealBatch(world, call, batch, numberOf(call, 7));
  if (claim.key !== '') {
    hold(world, claim);
    settle(world, claim.key, { seconds: numberOf(call, 4), digest: textOf(call, 6) });
  }
  return ['sealed'];
};

const discard: Rule = (world, call) => {
  const batch = batchOf(world, textOf(call, 0));
  if (batch.meta?.sealed === 1) return ['sealed'];
  drop(batch, 'meta', 'slices', 'index');
  const key = call.keys[3] ?? '';
  const known = world.idempotency.get(key);
  if (known?.batch === batch.id && known.until !== undefined) world.idempotency.delete(key);
  return ['discarded'];
};

const lookUp: Rule = (world, call) =>
  refusal(world, { key: call.keys[0] ?? '', fingerprint: textOf(call, 0), id: '' }) ?? ['free'];

export const intakeRules = { accept, begin, discard, lookUp, savePart, seal };

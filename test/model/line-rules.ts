// What is to come of the scripts on the way to the queue, and of those by which workers watch one another.
import { giveTurn, outboxPatienceMs } from './intake-rules.ts';
import { numberOf, ofKeys, textOf, type Rule } from './call.ts';
import { putBack } from './jobs.ts';
import { unended, type World } from './world.ts';

const silenceMs = 1500;
const truceMs = 5000;

const takeDue: Rule = (world) => {
  const due = [...world.outbox].flatMap(([id, at]) => (at <= world.now ? [id] : []));
  for (const id of due) world.outbox.set(id, world.now + outboxPatienceMs);
  return due;
};

const takeTurn: Rule = (world, call) => {
  const batch = ofKeys(world, call);
  const meta = unended(batch);
  if (meta === undefined || meta.paused !== undefined) {
    world.outbox.delete(batch.id);
    return [];
  }
  const generation = meta.generation ?? 0;
  if (meta.startTag === undefined) {
    if (world.now < (meta.notBefore ?? 0)) return [];
    giveTurn(world, meta, numberOf(call, 1));
  }
  return [meta.startTag, meta.tagSpacing, generation, meta.linedUp ?? 0, world.clock ?? 1];
};

const leaveOutbox: Rule = (world, call) => {
  const { id, meta } = ofKeys(world, call);
  const [generation, slices] = [numberOf(call, 1), numberOf(call, 2)];
  if (meta !== undefined) {
    if (meta.startTag === undefined || (meta.generation ?? 0) !== generation) return 0;
    if (meta.open === 1 && slices > (meta.linedUp ?? 0)) meta.linedUp = slices;
    if ((meta.sliceCount ?? 0) > slices) return 0;
  }
  world.outbox.delete(id);
  return 1;
};

const isDead = (world: World, worker: string): boolean =>
  world.now - (world.workers.get(worker) ?? 0) > silenceMs && !world.listening.has(worker);

const signOfLife: Rule = (world, call) => {
  const worker = textOf(call, 0);
  const seen = world.workers.get(worker);
  if (seen !== undefined && world.now - seen > silenceMs) world.truce = world.now + truceMs;
  world.workers.set(worker, world.now);
  const wasThere = seen === undefined ? 0 : 1;
  if (world.truce !== undefined) return [wasThere];
  return [wasThere, ...[...world.workers.keys()].filter((name) => isDead(world, name))];
};

const takeOver: Rule = (world, call) => {
  const worker = textOf(call, 0);
  if (!world.workers.has(worker) || !isDead(world, worker)) return [];
  const moved = [...world.jobs.active].flatMap((id) => world.jobs.all.get(id) ?? []);
  const held = moved.filter(({ lock }) => lock?.startsWith(textOf(call, 2)));
  for (const job of held) {
    putBack(world.jobs, job, false);
    world.jobs.stalled.delete(job.id);
  }
  world.workers.delete(worker);
  return held.map(({ id }) => id);
};

const putBackStalled: Rule = (world, call) => {
  if (world.looked !== undefined) return [];
  world.looked = world.now + numberOf(call, 1);
  const last = Math.max(...world.workers.values());
  if (world.workers.size > 0 && world.now - last > silenceMs) world.truce = world.now + truceMs;
  const { jobs } = world;
  const moved = [...jobs.stalled].filter(
    (id) => jobs.active.includes(id) && jobs.all.get(id)?.lock === undefined,
  );
  for (const id of moved) {
    const job = jobs.all.get(id);
    if (job !== undefined) putBack(jobs, job, world.truce !== undefined);
  }
  jobs.stalled.clear();
  for (const id of jobs.active) jobs.stalled.add(id);
  return moved;
};

const renewLocks: Rule = ({ jobs, now }, call) => {
  const refused: string[] = [];
  for (let at = 2; at < call.args.length; at += 2) {
    const id = textOf(call, at);
    const job = jobs.all.get(id);
    if (job?.lock === textOf(call, at + 1)) {
      job.lockedUntil = now + numberOf(call, 1);
      jobs.stalled.delete(id);
    } else refused.push(id);
  }
  return refused;
};

const dropJobs: Rule = (world, call) => {
  const { meta } = ofKeys(world, call);
  if (meta !== undefined && meta.endedAt === undefined) return -1;
  const { jobs } = world;
  const dropped = call.args
    .slice(1)
    .map(String)
    .filter((id) => jobs.inLine.delete(id));
  for (const id of dropped) jobs.all.delete(id);
  return dropped.length;
};

export const lineRules = {
  dropJobs,
  leaveOutbox,
  putBack: putBackStalled,
  renewLocks,
  signOfLife,
  takeDue,
  takeOver,
  takeTurn,
};

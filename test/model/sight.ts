// What Redis holds, read in one step, and how it differs from what it must hold. Times may be late by what really passed.
import { defineScript, type Script } from '../../shared/script.ts';
import { queueKey } from '../../shared/queue.ts';
import { isThere, parts, timeFields, type Meta, type ModelBatch, type World } from './world.ts';

/** Reads it all: one word each way, since what a client writes and reads piece by piece is what such a call costs. */
export const look: Script = defineScript(`
-- ARGV  1 keys of batches, of what they share and of jobs, each list between spaces, on a line of its own  returns JSON
local lines = {}
for line in string.gmatch(ARGV[1], '([^\\n]*)\\n') do
  local words = {}
  for word in string.gmatch(line, '%S+') do words[#words + 1] = word end
  lines[#lines + 1] = words
end
local batches, rest, jobs = unpack(lines)
local function words(key)
  local bytes, found = redis.call('GET', key) or '', {}
  for at = 1, #bytes, 4 do found[#found + 1] = struct.unpack('>I4', bytes, at) end
  return found
end
local reply = {redis.call('TIME'), {}, {}, {}}
for b = 0, #batches - 1, 9 do
  local key = function(n) return batches[b + n] end
  local ttl = {}
  for n = 1, 9 do ttl[n] = redis.call('PTTL', key(n)) end
  reply[2][#reply[2] + 1] = {redis.call('HGETALL', key(1)), redis.call('HKEYS', key(2)), words(key(3)),
    redis.call('HKEYS', key(4)), redis.call('HGETALL', key(5)), redis.call('HKEYS', key(6)), redis.call('HGETALL', key(7)),
    words(key(8)), redis.call('HGETALL', key(9)), ttl}
end
for _, key in ipairs(rest) do
  local kind = redis.call('TYPE', key).ok
  local value = kind == 'zset' and redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') or kind == 'hash' and redis.call('HGETALL', key)
    or kind == 'list' and redis.call('LRANGE', key, 0, -1) or kind == 'set' and redis.call('SMEMBERS', key) or kind == 'string' and {redis.call('GET', key)} or {}
  reply[3][#reply[3] + 1] = {value, redis.call('PTTL', key)}
end
for _, job in ipairs(jobs) do
  reply[4][#reply[4] + 1] = {redis.call('EXISTS', job), redis.call('HGET', job, 'stc') or '0', redis.call('GET', job .. ':lock') or '',
    redis.call('PTTL', job .. ':lock')}
end
return (string.gsub(cjson.encode(reply), '{}', '[]'))`);

type Reply = readonly [
  time: readonly [string, string],
  /** What is in each part, in the order of `parts`, and for how long it stays. */
  batches: readonly (readonly (readonly (string | number)[])[])[],
  rest: readonly [string[], number][],
  jobs: readonly [isThere: number, stalls: string, lock: string, lockedMs: number][],
];

export type Sight = {
  readonly redisNow: number;
  readonly reply: Reply;
  readonly scope: Scope;
};

/** What is looked at beside what batches share. */
export type Scope = {
  readonly batches: readonly ModelBatch[];
  readonly jobs: readonly string[];
  /** Keys that batches share → what they must hold. */
  readonly shared: ReadonlyMap<string, Expected>;
};

/** What `look` is to be given. */
export const placesOf = (world: World, { batches, jobs, shared }: Scope): string => {
  const ofJobs = jobs.map((id) => queueKey(world.keys.queuePrefix, id));
  const lines = [batches.flatMap(({ all }) => all), [...shared.keys()], ofJobs];
  return lines.map((names) => `${names.join(' ')}\n`).join('');
};

export type Expected = {
  readonly value: readonly Value[];
  /** Pairs of a name and a value, and members, may stand in any order. */
  readonly form: 'list' | 'members' | 'pairs';
  readonly vanishes?: number | undefined;
};
type Value = string | number | { readonly at: number } | { readonly lasted: number };

export const sharedPlaces = (world: World): Map<string, Expected> => {
  const { keys, jobs } = world;
  const times = (set: ReadonlyMap<string, number>): Expected => ({
    value: [...set].flatMap(([id, at]): Value[] => [id, { at }]),
    form: 'pairs',
  });
  const once = (until: number | undefined): Expected => ({
    value: until === undefined ? [] : [1],
    form: 'list',
    vanishes: until,
  });
  const queue = (name: string): string => queueKey(keys.queuePrefix, name);
  return new Map<string, Expected>([
    [keys.outbox, times(world.outbox)],
    [keys.deadlines, times(world.deadlines)],
    [keys.workers, times(world.workers)],
    [keys.retained, times(world.retained)],
    [keys.unfinished, { value: [...world.unfinished].flatMap((name) => [name, 0]), form: 'pairs' }],
    [keys.clock, { value: world.clock === undefined ? [] : [world.clock], form: 'list' }],
    [keys.truce, once(world.truce)],
    [queue('active'), { value: jobs.active, form: 'list' }],
    [queue('stalled'), { value: [...jobs.stalled], form: 'members' }],
    [queue('stalled-check'), once(world.looked)],
    [queue('wait'), { value: jobs.wait, form: 'list' }],
    [
      queue('prioritized'),
      { value: [...jobs.inLine].flatMap((id) => [id, jobs.all.get(id)?.tag ?? 0]), form: 'pairs' },
    ],
    ...[...world.listed].map(([key, ids]): [string, Expected] => [
      key,
      { value: [...ids].flatMap((id) => [id, 0]), form: 'pairs' },
    ]),
    ...[...world.idempotency].map(([key, known]): [string, Expected] => [
      key,
      {
        value: [
          'fingerprint',
          known.fingerprint,
          'batch',
          known.batch,
          ...(known.until === undefined ? [] : ['until', { at: known.until }]),
          ...(known.digest === undefined ? [] : ['digest', known.digest]),
        ],
        vanishes: known.vanishes,
        form: 'pairs',
      },
    ]),
  ]);
};

export const toSight = (reply: unknown, scope: Scope): Sight => {
  const seen = JSON.parse(String(reply)) as Reply;
  const [seconds, microseconds] = seen[0];
  return { redisNow: Number(seconds) * 1000 + Number(microseconds) / 1000, reply: seen, scope };
};

/** Ways in which Redis is not what it must be; none where it is. `lateMs` is what really passed since the story began. */
export const differences = (world: World, { reply, redisNow, scope }: Sight, lateMs: number): string[] => {
  const isNear = (left: number, at: number): boolean =>
    left <= at - world.now + 2 && left >= at - world.now - lateMs - 2;
  const same = (seen: string | undefined, value: Value): boolean => {
    if (typeof value !== 'object') return seen === String(value);
    if ('at' in value) return isNear(Number(seen) - redisNow, value.at);
    return Number(seen) >= value.lasted - 2 && Number(seen) <= value.lasted + lateMs + 2;
  };
  const compare = (
    name: string,
    [seen, ttl]: readonly [readonly string[], number],
    must: Expected,
  ): string[] => {
    const { value, vanishes } = must;
    const isSame = readers[must.form](seen, value, same);
    const isKept = value.length === 0 || (vanishes === undefined ? ttl === -1 : isNear(ttl, vanishes));
    if (isSame && isKept) return [];
    return [
      `${name}: ${JSON.stringify(seen)} for ${ttl} ms, not ${JSON.stringify(value)} until ${vanishes} at ${world.now}`,
    ];
  };
  const ofBatches = scope.batches.flatMap((batch, i) => {
    const seen = reply[1][i];
    return seen === undefined ? ['a batch was not looked at'] : compareBatch(batch, seen, compare);
  });
  const ofRest = [...scope.shared].flatMap(([key, must], i) => compare(key, reply[2][i] ?? [[], -2], must));
  const ofJobs = scope.jobs.flatMap((id, i) => {
    const job = world.jobs.all.get(id);
    const must = job === undefined ? '0,0,' : `1,${job.stalls},${job.lock ?? ''}`;
    const [lockedMs, ...others] = reply[3][i]?.toReversed() ?? [];
    const seen = others.toReversed().join();
    const isHeld = job?.lockedUntil === undefined || isNear(Number(lockedMs), job.lockedUntil);
    return seen === must && isHeld ? [] : [`job ${id}: ${seen}, not ${must}`];
  });
  return [...ofBatches, ...ofRest, ...ofJobs];
};

type Same = (seen: string | undefined, value: Value) => boolean;

const sameList = (seen: readonly string[], value: readonly Value[], same: Same): boolean =>
  seen.length === value.length && value.every((one, i) => same(seen[i], one));

const sameMembers = (seen: readonly string[], value: readonly Value[], same: Same): boolean =>
  sameList(seen.toSorted(), value.map(String).toSorted(), same);

const samePairs = (seen: readonly string[], value: readonly Value[], same: Same): boolean => {
  if (seen.length !== value.length) return false;
  for (let at = 0; at < value.length; at += 2) {
    const name = value[at];
    const place = typeof name === 'string' ? findPair(seen, name) : -1;
    if (place < 0 || !same(seen[place + 1], value[at + 1] ?? '')) return false;
  }
  return true;
};

const findPair = (seen: readonly string[], name: string): number => {
  for (let at = 0; at < seen.length; at += 2) if (seen[at] === name) return at;
  return -1;
};

const readers = { list: sameList, members: sameMembers, pairs: samePairs } as const;

type Seen = Reply['1'][number];
type Compare = (name: string, seen: readonly [readonly string[], number], must: Expected) => string[];

const compareBatch = (batch: ModelBatch, seen: Seen, compare: Compare): string[] => {
  const values: Readonly<Record<(typeof parts)[number], Expected>> = {
    meta: { value: batch.meta === undefined ? [] : fieldsOf(batch.meta), form: 'pairs' },
    slices: { value: [...batch.slices], form: 'members' },
    index: { value: batch.index, form: 'list' },
    segments: { value: [...batch.segments.keys()], form: 'members' },
    claims: { value: [...batch.claims].flat(), form: 'pairs' },
    attempts: { value: [...batch.attempts], form: 'members' },
    suspects: { value: [...batch.suspects].flat(), form: 'pairs' },
    appended: { value: batch.appended, form: 'list' },
    appends: { value: [...batch.appends].flat(), form: 'pairs' },
  };
  return parts.flatMap((part, i) => {
    const must = { ...values[part], vanishes: isThere(batch, part) ? batch.vanishes.get(part) : undefined };
    const [texts, ttl] = [seen[i]?.map(String) ?? [], seen[parts.length]?.[i]];
    return compare(`${part} of ${batch.id}`, [texts, Number(ttl ?? -2)], must);
  });
};

const times = new Set<string>(timeFields);

const fieldsOf = ({ given, ...own }: Meta): Value[] => [
  ...Object.entries(given).flat(),
  ...Object.entries(own).flatMap(([name, value]): Value[] => {
    if (value === undefined) return [];
    if (name === 'paceBeforeMs') return [name, { lasted: Number(value) }];
    return [name, times.has(name) ? { at: Number(value) } : value];
  }),
];

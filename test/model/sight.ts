// What Redis holds, read in one step, and how it differs from what it must hold. Times may be late by what really passed.
import { queueKey } from '../../shared/queue.ts';
import { defineScript, type Script } from '../../shared/script.ts';
import type { Expected, Places, Reading, Value } from './places.ts';
import type { ModelBatch, World } from './world.ts';

/** Reads it all: one word each way, since what a client writes and reads piece by piece is what such a call costs. */
export const look: Script = defineScript(`
-- ARGV  1 how a key is read, key, ... between spaces  2 keys of jobs between spaces  returns JSON
local read = {
  hash = function(key) return redis.call('HGETALL', key) end,
  names = function(key) return redis.call('HKEYS', key) end,
  scores = function(key) return redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end,
  list = function(key) return redis.call('LRANGE', key, 0, -1) end,
  set = function(key) return redis.call('SMEMBERS', key) end,
  text = function(key) return redis.call('EXISTS', key) == 1 and {redis.call('GET', key)} or {} end,
  words = function(key)
    local bytes, found = redis.call('GET', key) or '', {}
    for at = 1, #bytes, 4 do found[#found + 1] = struct.unpack('>I4', bytes, at) end
    return found
  end,
}
local places, jobs = {}, {}
for reading, key in string.gmatch(ARGV[1], '(%S+) (%S+)') do
  places[#places + 1] = {read[reading](key), redis.call('PTTL', key)}
end
for job in string.gmatch(ARGV[2], '%S+') do
  local lock = job .. ':lock'
  jobs[#jobs + 1] = {redis.call('EXISTS', job), redis.call('HGET', job, 'stc') or '0', redis.call('GET', lock) or '',
    redis.call('PTTL', lock)}
end
return (string.gsub(cjson.encode({redis.call('TIME'), places, jobs}), '{}', '[]'))`);

export type Seen = readonly [content: readonly (string | number)[], vanishesInMs: number];

type Reply = readonly [
  time: readonly [string, string],
  places: readonly Seen[],
  jobs: readonly (readonly [isThere: number, stalls: string, lock: string, lockedMs: number])[],
];

/** What is looked at: keys with what they must hold, jobs by their ids, and the batches whose laws are to hold. */
export type Scope = {
  readonly places: Places;
  readonly jobs: readonly string[];
  readonly batches: readonly ModelBatch[];
};

export type Sight = { readonly redisNow: number; readonly reply: Reply; readonly scope: Scope };

/** What `look` is to be given. */
export const wordsFor = (world: World, { places, jobs }: Scope): [places: string, jobs: string] => [
  [...places].map(([key, { reading }]) => `${reading} ${key}`).join(' '),
  jobs.map((id) => queueKey(world.keys.queuePrefix, id)).join(' '),
];

export const toSight = (reply: unknown, scope: Scope): Sight => {
  const seen = JSON.parse(String(reply)) as Reply;
  const [seconds, microseconds] = seen[0];
  return { redisNow: Number(seconds) * 1000 + Number(microseconds) / 1000, reply: seen, scope };
};

/** Ways in which Redis is not what it must be; none where it is. `lateMs` is what really passed since the story began. */
export const differences = (world: World, { reply, redisNow, scope }: Sight, lateMs: number): string[] => {
  const isNear = (left: number, at: number): boolean =>
    left <= at - world.now + 2 && left >= at - world.now - lateMs - 2;
  const same: Same = (seen, value) => {
    if (typeof value !== 'object') return String(seen) === String(value);
    if ('at' in value) return isNear(Number(seen) - redisNow, value.at);
    return Number(seen) >= value.lasted - 2 && Number(seen) <= value.lasted + lateMs + 2;
  };
  const wrong: string[] = [];
  for (const [i, [key, must]] of [...scope.places].entries()) {
    const [content, ttl] = reply[1][i] ?? nothing;
    const { value, vanishes } = must;
    const isKept = value.length === 0 || (vanishes === undefined ? ttl === -1 : isNear(ttl, vanishes));
    if (isKept && readers[must.reading](content, value, same)) continue;
    const [is, shouldBe] = [JSON.stringify(content), JSON.stringify(value)];
    wrong.push(`${key}: ${is} for ${ttl} ms, not ${shouldBe} until ${vanishes} at ${world.now}`);
  }
  for (const [i, id] of scope.jobs.entries()) {
    const job = world.jobs.all.get(id);
    const must = job === undefined ? '0,0,' : `1,${job.stalls},${job.lock ?? ''}`;
    const [isThere, stalls, lock, lockedMs = 0] = reply[2][i] ?? [];
    const seen = `${isThere},${stalls},${lock}`;
    const isHeld = job?.lockedUntil === undefined || isNear(lockedMs, job.lockedUntil);
    if (seen !== must || !isHeld) wrong.push(`job ${id}: ${seen} for ${lockedMs} ms, not ${must}`);
  }
  return wrong;
};

const nothing: Seen = [[], -2];

type Content = readonly (string | number)[];
type Same = (seen: string | number | undefined, value: Value) => boolean;
type Reader = (seen: Content, value: Expected['value'], same: Same) => boolean;

const sameList: Reader = (seen, value, same) =>
  seen.length === value.length && value.every((one, i) => same(seen[i], one));

/** They may stand in any order. */
const sameMembers: Reader = (seen, value) => {
  const names = new Set<unknown>(seen);
  return (
    names.size === value.length &&
    value.every((name) => names.has(typeof name === 'number' ? String(name) : name))
  );
};

/** Pairs of a name and a value may, too. */
const samePairs: Reader = (seen, value, same) => {
  if (seen.length !== value.length) return false;
  const found = new Map<unknown, string | number | undefined>();
  for (let at = 0; at < seen.length; at += 2) found.set(seen[at], seen[at + 1]);
  for (let at = 0; at < value.length; at += 2) {
    if (!found.has(value[at]) || !same(found.get(value[at]), value[at + 1] ?? '')) return false;
  }
  return true;
};

const readers: Readonly<Record<Reading, Reader>> = {
  hash: samePairs,
  scores: samePairs,
  names: sameMembers,
  set: sameMembers,
  list: sameList,
  text: sameList,
  words: sameList,
};

// Gives a batch its place in line, once a generation: behind what has been taken so far, and in proportion to its weight.
import { defineScript } from '../script.ts';

// The clock starts again when it is past half of BullMQ's priorities and nothing is on the queue. On a queue that is never
// empty it would come to the end of them after some two million slices: from there on the order is that of arrival.
export const takeTurn = defineScript(`
-- KEYS  1 meta  2 unfinished  3 clock  4 outbox  5.. keys that exist while a slice is on the queue
-- ARGV  1 batch id  2 weight
-- returns {start, spacing, generation, slices that are on the queue already, clock}, as text; {} it is not to be dispatched: it has ended, is paused or gone, and has
-- left the outbox, or it may not start yet
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt', 'owner', 'startTag', 'tagSpacing', 'generation', 'notBefore', 'paused', 'linedUp')
if meta[1] ~= '1' or meta[2] or meta[8] then
  redis.call('ZREM', KEYS[4], ARGV[1])
  return {}
end
local generation = meta[6] or '0'
local clock = tonumber(redis.call('GET', KEYS[3]) or '1')
if meta[4] then return {meta[4], meta[5], generation, meta[9] or '0', tostring(clock)} end
local time = redis.call('TIME')
if meta[7] and time[1] * 1000 + time[2] / 1000 < tonumber(meta[7]) then return {} end
if clock > 1048576 and redis.call('EXISTS', unpack(KEYS, 5)) == 0 then
  clock = 1
  redis.call('SET', KEYS[3], clock)
end
local batches = redis.call('ZLEXCOUNT', KEYS[2], '[' .. meta[3] .. ':', '(' .. meta[3] .. ';')
local spacing = string.format('%.17g', math.max(batches, 1) / ARGV[2])
redis.call('HSET', KEYS[1], 'startTag', clock, 'tagSpacing', spacing)
return {tostring(clock), spacing, generation, '0', tostring(clock)}
`);

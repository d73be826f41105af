// Gives a batch that may start its place in line, once a generation.
import { defineScript } from '../script.ts';
import { giveTurn } from './give-turn.ts';

export const takeTurn = defineScript(`
-- KEYS  1 meta  2 unfinished  3 clock  4 outbox  5.. keys that exist while a slice is on the queue
-- ARGV  1 batch id  2 weight
-- returns {start, spacing, generation, slices that are on the queue already, clock}, as text; {} it is not to be dispatched: it has ended, is paused or gone, and has
-- left the outbox, or it may not start yet
${giveTurn}
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt', 'owner', 'startTag', 'tagSpacing', 'generation', 'notBefore', 'paused', 'linedUp')
if meta[1] ~= '1' or meta[2] or meta[8] then
  redis.call('ZREM', KEYS[4], ARGV[1])
  return {}
end
local generation = meta[6] or '0'
if meta[4] then return {meta[4], meta[5], generation, meta[9] or '0', redis.call('GET', KEYS[3]) or '1'} end
local time = redis.call('TIME')
if meta[7] and time[1] * 1000 + time[2] / 1000 < tonumber(meta[7]) then return {} end
local keys = {meta = KEYS[1], unfinished = KEYS[2], clock = KEYS[3], queue = {unpack(KEYS, 5)}}
local start, spacing = giveTurn(keys, meta[3], ARGV[2])
return {start, spacing, generation, '0', start}
`);

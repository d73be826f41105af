// Ends a batch before its requests are done: what is left is cancelled or expired, at once.
import { defineScript } from '../script.ts';
import { endBatch } from './end-batch.ts';

export const close = defineScript(`#!lua flags=allow-oom
-- KEYS  1 meta  2 index  3 segments  4 claims  5 slices  6 attempts  7 deadlines  8 outbox  9 unfinished
--       10 suspects  11 retained  12 events of its webhook  13 undelivered events
--       14 appended  15 appends  16 results of all batches
-- ARGV  1 batch id  2 channel  3 cancelled | expired  4 channel of ended batches
-- returns 1 closed now; 0 it had ended before, is gone, or is not to expire yet
${endBatch}
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt', 'expiresAt', 'total', 'succeeded', 'failed')
if meta[1] ~= '1' or meta[2] then return 0 end
if ARGV[3] == 'expired' then
  local time = redis.call('TIME')
  if time[1] * 1000 + time[2] / 1000 < tonumber(meta[3]) then return 0 end
end
local left = meta[4] - (meta[5] or 0) - (meta[6] or 0)
redis.call('HSET', KEYS[1], 'closedAs', ARGV[3], ARGV[3], left)
if left > 0 then redis.call('HINCRBY', KEYS[16], ARGV[3], left) end
endBatch({
  meta = KEYS[1], kept = {KEYS[1], KEYS[2], KEYS[3], KEYS[5], KEYS[12]}, 
  dropped = {KEYS[4], KEYS[6], KEYS[10], KEYS[14], KEYS[15]},
  deadlines = KEYS[7], unfinished = KEYS[9], retained = KEYS[11], events = KEYS[12], undelivered = KEYS[13],
  id = ARGV[1], channel = ARGV[2],
})
redis.call('ZREM', KEYS[8], ARGV[1])
redis.call('PUBLISH', ARGV[4], ARGV[1])
return 1
`);

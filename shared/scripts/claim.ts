// A worker takes a slice: which of its requests are not recorded yet?
import { defineScript } from '../script.ts';

export const claim = defineScript(`
-- KEYS  1 meta  2 index  3 claims
-- ARGV  1 slice  2.. the index of each of its requests
-- returns the places in the slice (from 1) of the requests to run; none if the batch has ended or is gone
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt', 'startedAt')
if meta[1] ~= '1' or meta[2] then return {} end
local reads = {}
for i = 2, #ARGV do
  reads[#reads + 1] = 'GET'
  reads[#reads + 1] = 'u32'
  reads[#reads + 1] = '#' .. ARGV[i]
end
local unrecorded = {}
for place, locator in ipairs(redis.call('BITFIELD', KEYS[2], unpack(reads))) do
  if locator >= 0x80000000 then unrecorded[#unrecorded + 1] = place end
end
local held = tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '0')
redis.call('HSET', KEYS[3], ARGV[1], #unrecorded)
redis.call('HINCRBY', KEYS[1], 'running', #unrecorded - held)
if not meta[3] then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'startedAt', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
end
return unrecorded
`);

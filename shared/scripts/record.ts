// Records a segment of results: all of them or none, each index once, counts in the same step.
import { defineScript } from '../script.ts';
import { endBatch } from './end-batch.ts';

export const record = defineScript(`#!lua flags=allow-oom
-- KEYS  1 meta  2 index  3 segments  4 claims  5 slices  6 attempts  7 deadlines
-- ARGV  1 batch id  2 channel  3 packed segment  4 how many succeeded  5 how many failed
--       6 how many indexes follow  7.. the indexes, then slice, how many of them, ...
-- returns {1, segment} recorded; {0, index, ...} nothing recorded, these are already; {-1} the batch has ended or is gone
${endBatch}
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt')
if meta[1] ~= '1' or meta[2] then return {-1} end
local last = 6 + ARGV[6]
local reads = {}
for i = 7, last do
  reads[#reads + 1] = 'GET'
  reads[#reads + 1] = 'u32'
  reads[#reads + 1] = '#' .. ARGV[i]
end
local known = {0}
for place, locator in ipairs(redis.call('BITFIELD', KEYS[2], unpack(reads))) do
  if locator < 0x80000000 then known[#known + 1] = ARGV[6 + place] end
end
if #known > 1 then return known end
local segment = redis.call('HINCRBY', KEYS[1], 'segments', 1)
redis.call('HSET', KEYS[3], segment, ARGV[3])
local writes = {}
for i = 7, last do
  writes[#writes + 1] = 'SET'
  writes[#writes + 1] = 'u32'
  writes[#writes + 1] = '#' .. ARGV[i]
  writes[#writes + 1] = segment
end
redis.call('BITFIELD', KEYS[2], unpack(writes))
local freed = 0
for i = last + 1, #ARGV, 2 do
  local held = tonumber(redis.call('HGET', KEYS[4], ARGV[i]) or '0')
  local done = math.min(held, tonumber(ARGV[i + 1]))
  if done > 0 then redis.call('HINCRBY', KEYS[4], ARGV[i], -done) end
  freed = freed + done
end
local succeeded = redis.call('HINCRBY', KEYS[1], 'succeeded', ARGV[4])
local failed = redis.call('HINCRBY', KEYS[1], 'failed', ARGV[5])
if freed > 0 then redis.call('HINCRBY', KEYS[1], 'running', -freed) end
if succeeded + failed == tonumber(redis.call('HGET', KEYS[1], 'total')) then
  endBatch(KEYS[1], {KEYS[1], KEYS[2], KEYS[3], KEYS[5]}, {KEYS[4], KEYS[6]}, KEYS[7], ARGV[1], ARGV[2])
else
  redis.call('PUBLISH', ARGV[2], 'progress')
end
return {1, segment}
`);

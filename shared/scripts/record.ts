// Records a segment of results: all of them or none, each index once, counts in the same step.
import { defineScript } from '../script.ts';
import { endBatch } from './end-batch.ts';
import { keepPace } from './keep-pace.ts';
import { locatorFunctions } from './locators.ts';

/** A segment up to this size is told to who waits for the end, and need not be read. */
const maxToldBytes = 16_384;

export const record = defineScript(`#!lua flags=allow-oom
-- KEYS  1 meta  2 index  3 segments  4 claims  5 slices  6 attempts  7 deadlines  8 unfinished
--       9 suspects  10 retained  11 events of its webhook  12 undelivered events  13 results of all batches
-- ARGV  1 batch id  2 channel  3 packed segment  4 how many succeeded  5 how many failed
--       6 runs of their indexes  7 generation of the job, or empty where that is not known
--       8 tallies: field, how many of them, ... with spaces between  9.. slice, how many of them, ...
-- returns {1, segment} recorded; {0, index, ...} nothing recorded, these are already; {-1} the batch has ended or is
-- gone, or was retried since, so that these are old results
${locatorFunctions}
${endBatch}
${keepPace}
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt', 'total', 'retryGeneration', 'webhookStep', 'open')
if meta[1] ~= '1' or meta[2] then return {-1} end
if meta[4] and ARGV[7] ~= '' and tonumber(ARGV[7]) < tonumber(meta[4]) then return {-1} end
local known = {0}
eachRun(KEYS[2], ARGV[6], function(first, count, locators)
  for offset = 0, count - 1 do
    if not isUnrecorded(locators, offset) then known[#known + 1] = first + offset end
  end
end)
if #known > 1 then return known end
local segment = redis.call('HINCRBY', KEYS[1], 'segments', 1)
redis.call('HSET', KEYS[3], segment, ARGV[3])
local locator = struct.pack('>I4', segment)
for at = 1, #ARGV[6], 8 do
  local first, count = struct.unpack('>I4I4', ARGV[6], at)
  redis.call('SETRANGE', KEYS[2], first * 4, string.rep(locator, count))
end
local freed = 0
for i = 9, #ARGV, 2 do
  local held = tonumber(redis.call('HGET', KEYS[4], ARGV[i]) or '0')
  local done = math.min(held, tonumber(ARGV[i + 1]))
  if done > 0 then redis.call('HINCRBY', KEYS[4], ARGV[i], -done) end
  freed = freed + done
end
local succeeded = redis.call('HINCRBY', KEYS[1], 'succeeded', ARGV[4])
local failed = redis.call('HINCRBY', KEYS[1], 'failed', ARGV[5])
if freed > 0 then redis.call('HINCRBY', KEYS[1], 'running', -freed) end
for outcome, count in pairs({succeeded = ARGV[4], failed = ARGV[5]}) do
  if count ~= '0' then redis.call('HINCRBY', KEYS[13], outcome, count) end
end
for field, count in ARGV[8]:gmatch('(%S+) (%d+)') do
  redis.call('HINCRBY', KEYS[1], field, count)
  if field:find('^t:%a') then redis.call('HINCRBY', KEYS[13], field, count) end
end
if succeeded + failed == tonumber(meta[3]) and not meta[6] then
  endBatch({
    meta = KEYS[1], kept = {KEYS[1], KEYS[2], KEYS[3], KEYS[5], KEYS[11]}, dropped = {KEYS[4], KEYS[6], KEYS[9]},
    deadlines = KEYS[7], unfinished = KEYS[8], retained = KEYS[10], events = KEYS[11], undelivered = KEYS[12],
    id = ARGV[1], channel = ARGV[2], last = #ARGV[3] <= ${maxToldBytes} and ARGV[3] or nil,
  })
else
  keepPace(KEYS[1], succeeded + failed)
  if meta[5] then tellProgress(KEYS[1], KEYS[11], KEYS[12], ARGV[1], (succeeded + failed) * 100 / meta[3], meta[5]) end
  redis.call('PUBLISH', ARGV[2], 'progress')
end
return {1, segment}
`);

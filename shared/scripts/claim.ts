// A worker takes a slice: which of its requests are not recorded yet?
import { defineScript } from '../script.ts';
import { runsAhead } from '../slice.ts';
import { locatorFunctions } from './locators.ts';

export const claim = defineScript(`
-- KEYS  1 meta  2 index  3 claims  4 clock  5 slices
-- ARGV  1 slice  2 runs of its indexes, or empty  3 tag of the slice, 0 where it has none
--       4 generation of the job  5 key of the slice's job of generation 0, the start of those of later ones
-- returns the number of requests to run, and, where those are not all, the index of each; 0 if the batch has ended, is
-- paused or gone, or the job is of an older generation; -1 if a job of an older generation still holds the slice; -2 if
-- no runs are given, and the slice has none ahead of it
${locatorFunctions}
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt', 'startedAt', 'generation', 'paused')
if meta[1] ~= '1' or meta[2] then return {0} end
local generation = tonumber(ARGV[4])
local held = tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '0')
local holder = tonumber(redis.call('HGET', KEYS[3], 'g' .. ARGV[1]) or '0')
if meta[5] or generation ~= tonumber(meta[4] or '0') then
  -- This very job held it, and its worker fell silent.
  if held > 0 and holder == generation then
    redis.call('HDEL', KEYS[3], ARGV[1], 'g' .. ARGV[1])
    redis.call('HINCRBY', KEYS[1], 'running', -held)
  end
  return {0}
end
if held > 0 and holder < generation then
  local job = holder == 0 and ARGV[5] or ARGV[5] .. '-' .. holder
  if redis.call('EXISTS', job) == 1 then return {-1} end
end
local runs = ARGV[2]
if runs == '' then
  local packed = redis.call('HGET', KEYS[5], ARGV[1]) or ''
  runs = packed:byte() == ${runsAhead} and packed:sub(4, 3 + 8 * struct.unpack('>I2', packed, 2))
end
if not runs then return {-2} end
local total = 0
local reply = {0}
eachRun(KEYS[2], runs, function(first, count, locators)
  total = total + count
  for offset = 0, count - 1 do
    if isUnrecorded(locators, offset) then reply[#reply + 1] = first + offset end
  end
end)
local unrecorded = #reply - 1
redis.call('HSET', KEYS[3], ARGV[1], unrecorded)
if generation > 0 then redis.call('HSET', KEYS[3], 'g' .. ARGV[1], generation) end
redis.call('HINCRBY', KEYS[1], 'running', unrecorded - held)
if not meta[3] then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'startedAt', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
end
if tonumber(ARGV[3]) > tonumber(redis.call('GET', KEYS[4]) or '1') then
  redis.call('SET', KEYS[4], ARGV[3])
end
reply[1] = unrecorded
if unrecorded == total then return {unrecorded} end
return reply
`);

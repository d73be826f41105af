// A worker takes a slice: which of its requests are not recorded yet?
import { defineScript } from '../script.ts';
import { locatorFunctions } from './locators.ts';

export const claim = defineScript(`
-- KEYS  1 meta  2 index  3 claims  4 clock
-- ARGV  1 slice  2 how many requests it has  3 runs of their indexes  4 tag of the slice, 0 where it has none
-- returns the number of requests to run, and, where those are not all, the index of each; 0 if the batch has ended or is gone
${locatorFunctions}
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt', 'startedAt')
if meta[1] ~= '1' or meta[2] then return {0} end
local reply = {0}
eachRun(KEYS[2], ARGV[3], function(first, count, locators)
  for offset = 0, count - 1 do
    if isUnrecorded(locators, offset) then reply[#reply + 1] = first + offset end
  end
end)
local unrecorded = #reply - 1
local held = tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '0')
redis.call('HSET', KEYS[3], ARGV[1], unrecorded)
if unrecorded ~= held then redis.call('HINCRBY', KEYS[1], 'running', unrecorded - held) end
if not meta[3] then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'startedAt', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
end
if unrecorded > 0 and tonumber(ARGV[4]) > tonumber(redis.call('GET', KEYS[4]) or '1') then
  redis.call('SET', KEYS[4], ARGV[4])
end
reply[1] = unrecorded
if unrecorded == tonumber(ARGV[2]) then return {unrecorded} end
return reply
`);

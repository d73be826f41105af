// Counts a worker that died against the request it had under way alone, and tells of all such deaths in a slice.
import { defineScript } from '../script.ts';

export const blame = defineScript(`#!lua flags=allow-oom
-- KEYS  1 suspects
-- ARGV  1 slice  2 how often the slice has lost its worker by now
-- returns {index, deaths, ...}
local underWay = redis.call('HGET', KEYS[1], ARGV[1])
if underWay then
  local index, stalls = string.match(underWay, '^(%d+) (%d+)$')
  if stalls ~= ARGV[2] then
    redis.call('HINCRBY', KEYS[1], ARGV[1] .. ':' .. index, 1)
    redis.call('HDEL', KEYS[1], ARGV[1])
  end
end
local reply = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local slice, index = string.match(all[i], '^(%d+):(%d+)$')
  if slice == ARGV[1] then
    reply[#reply + 1] = tonumber(index)
    reply[#reply + 1] = tonumber(all[i + 1])
  end
end
return reply
`);

// Writes what the controller decided about a host: its limit, and whether its breaker is open.
import { defineScript } from '../script.ts';

export const adaptHost = defineScript(`#!lua flags=allow-oom
-- KEYS  1 state of the host
-- ARGV  1 host  2 channel of hosts' events  3 limit  4 state of the controller
--       5 ms until the breaker lets a probe through, or -1 where it is closed  6 ms until outcomes speak of the new limit
-- returns 1 written; 0 nothing is kept of this host any more
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'limit', ARGV[3], 'ctl', ARGV[4], 'since', string.format('%.0f', now + ARGV[6]),
  'c', '0', 'e', '0', 'r', '0', 'm', '1000000000')
if tonumber(ARGV[5]) < 0 then redis.call('HDEL', KEYS[1], 'open')
else redis.call('HSET', KEYS[1], 'open', string.format('%.0f', now + ARGV[5])) end
redis.call('PUBLISH', ARGV[2], 'limit ' .. ARGV[1])
return 1
`);

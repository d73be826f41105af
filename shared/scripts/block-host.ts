// Leaves a host alone for a while, on every worker: it asked for it.
import { defineScript } from '../script.ts';

export const blockHost = defineScript(`#!lua flags=allow-oom
-- KEYS  1 state of the host  2 hosts
-- ARGV  1 host  2 channel of hosts' events  3 ms from now  4 why
-- returns the ms from now for which it is blocked, which an earlier call may have made longer
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local till = math.max(now + ARGV[3], tonumber(redis.call('HGET', KEYS[1], 'until') or '0'))
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', till), 'why', ARGV[4])
redis.call('PEXPIRE', KEYS[1], math.max(600000, till - now))
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('PUBLISH', ARGV[2], 'blocked ' .. string.format('%.0f', till - now) .. ' ' .. ARGV[1])
return till - now
`);

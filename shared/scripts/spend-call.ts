// Takes a call out of a bucket that holds the calls of a minute and fills evenly.
import { defineScript } from '../script.ts';

export const spendCall = defineScript(`#!lua flags=allow-oom
-- KEYS  1 when the bucket is full again, epoch ms
-- ARGV  1 calls a minute
-- returns {calls left, or -1 where there was none; ms until there is one more}
local perCall = 60000 / ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0')) + perCall
local left = math.floor((60000 - (full - now)) / perCall + 0.001)
if left < 0 then return {-1, math.ceil(full - now - 60000)} end
redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil(full - now))
return {left, math.ceil((full - now) % perCall)}
`);

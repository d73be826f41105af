// Notes whether anything of a batch has moved, for whoever looks next.
import { defineScript } from '../script.ts';

export const watchProgress = defineScript(`
-- KEYS  1 meta
-- ARGV  1 patience, ms
-- returns 1 nothing has moved for so long, and nobody was told so in that time; 0 otherwise, or it has ended, is paused
-- or gone, or was not dispatched yet
local meta = redis.call('HMGET', KEYS[1], 'endedAt', 'paused', 'startTag', 'progress', 'progressAt')
if meta[1] or meta[2] or not meta[3] then return 0 end
local counts = redis.call('HMGET', KEYS[1], 'succeeded', 'failed', 'running', 'generation')
local progress = ''
for i = 1, 4 do progress = progress .. (counts[i] or '0') .. ' ' end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if progress == meta[4] and now - meta[5] < tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'progress', progress, 'progressAt', string.format('%.0f', now))
return progress == meta[4] and 1 or 0
`);

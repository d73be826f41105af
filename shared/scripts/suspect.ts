// Says which request of a slice is under way alone, before it is: whoever finds that later knows what a worker died of.
import { defineScript } from '../script.ts';

export const suspect = defineScript(`#!lua flags=allow-oom
-- KEYS  1 meta  2 suspects
-- ARGV  1 slice  2 index of the request  3 how often the slice had lost its worker
-- returns 1 written; 0 the batch has ended or is gone
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt', 'expiresAt')
if meta[1] ~= '1' or meta[2] then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
redis.call('PEXPIREAT', KEYS[2], meta[3])
return 1
`);

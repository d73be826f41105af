// Pauses a batch: from here on no slice of it is taken.
import { defineScript } from '../script.ts';

export const pause = defineScript(`#!lua flags=allow-oom
-- KEYS  1 meta  2 outbox
-- ARGV  1 batch id  2 channel of paused batches
-- returns 1 it is paused; 0 it has ended or is gone
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt')
if meta[1] ~= '1' or meta[2] then return 0 end
redis.call('HSET', KEYS[1], 'paused', '1')
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[1])
return 1
`);

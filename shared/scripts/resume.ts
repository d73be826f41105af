// Lines a paused batch up again.
import { defineScript } from '../script.ts';
import { lineUp } from './line-up.ts';

export const resume = defineScript(`
-- KEYS  1 meta  2 outbox
-- ARGV  1 batch id  2 a name of this call, the same when it is sent again
-- returns 1 it goes on, by this call; 0 it is not paused
${lineUp}
local meta = redis.call('HMGET', KEYS[1], 'paused', 'resumedBy')
if not meta[1] then return meta[2] == ARGV[2] and 1 or 0 end
redis.call('HDEL', KEYS[1], 'paused')
redis.call('HSET', KEYS[1], 'resumedBy', ARGV[2])
lineUp(KEYS[1], KEYS[2], ARGV[1])
return 1
`);

// Takes a dispatched batch out of the outbox, unless it was put there anew meanwhile.
import { defineScript } from '../script.ts';

export const leaveOutbox = defineScript(`
-- KEYS  1 meta  2 outbox
-- ARGV  1 batch id  2 generation that was dispatched
-- returns 1 it is not in the outbox; 0 it is, for a newer generation, or since nothing is known of its turn
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'generation', 'startTag')
-- A Redis that went back in time knows nothing of what was dispatched after.
if meta[1] and (not meta[3] or tonumber(meta[2] or '0') ~= tonumber(ARGV[2])) then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
`);

// Takes a dispatched batch out of the outbox, unless it was put there anew meanwhile, and tells the workers of it.
import { defineScript } from '../script.ts';

export const leaveOutbox = defineScript(`
-- KEYS  1 meta  2 outbox
-- ARGV  1 batch id  2 generation that was dispatched  3 how many slices were, from the first on
--       4 channel of batches that have come to the queue
-- returns 1 it is not in the outbox; 0 it is, for a newer generation, for slices that were appended meanwhile, or since
-- nothing is known of its turn
redis.call('PUBLISH', ARGV[4], ARGV[1])
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'generation', 'open', 'linedUp', 'sliceCount', 'startTag')
if meta[1] then
  -- A Redis that went back in time knows nothing of what was dispatched after.
  if not meta[6] or tonumber(meta[2] or '0') ~= tonumber(ARGV[2]) then return 0 end
  if meta[3] and tonumber(ARGV[3]) > tonumber(meta[4] or '0') then redis.call('HSET', KEYS[1], 'linedUp', ARGV[3]) end
  if tonumber(meta[5] or '0') > tonumber(ARGV[3]) then return 0 end
end
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
`);

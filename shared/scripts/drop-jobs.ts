// Takes jobs of an ended batch off the queue that nobody has taken: nothing of it is to run any more.
import { defineScript } from '../script.ts';

// One that stands among the waiting ones of BullMQ, without a priority, is taken at once anyway, and dies then.
export const dropJobs = defineScript(`#!lua flags=allow-oom
-- KEYS  1 meta  2 delayed  3 prioritized
-- ARGV  1 prefix of the keys of jobs  2.. ids of jobs
-- returns how many were dropped; -1 the batch has not ended, or goes on after a retry
if redis.call('EXISTS', KEYS[1]) == 1 and not redis.call('HGET', KEYS[1], 'endedAt') then return -1 end
local dropped = 0
for i = 2, #ARGV do
  if redis.call('ZREM', KEYS[2], ARGV[i]) + redis.call('ZREM', KEYS[3], ARGV[i]) > 0 then
    redis.call('UNLINK', ARGV[1] .. ARGV[i])
    dropped = dropped + 1
  end
end
return dropped
`);

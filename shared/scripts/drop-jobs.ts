// Takes jobs off the queue that nobody needs any more and nobody has taken.
import { defineScript } from '../script.ts';

// One that stands among the waiting ones of BullMQ, without a priority, is taken at once anyway, and dies then.
export const dropJobs = defineScript(`#!lua flags=allow-oom
-- KEYS  1 delayed  2 prioritized
-- ARGV  1 prefix of the keys of jobs  2.. ids of jobs
-- returns how many were dropped
local dropped = 0
for i = 2, #ARGV do
  if redis.call('ZREM', KEYS[1], ARGV[i]) + redis.call('ZREM', KEYS[2], ARGV[i]) > 0 then
    redis.call('UNLINK', ARGV[1] .. ARGV[i])
    dropped = dropped + 1
  end
end
return dropped
`);

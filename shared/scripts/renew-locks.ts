// A worker holds on to its jobs: renews their locks.
import { defineScript } from '../script.ts';

// What extendLocks-1.lua of BullMQ 6.7 does, but for its SET, which a full Redis refuses: running work would lose its slices.
export const renewLocks = defineScript(`#!lua flags=allow-oom
-- KEYS  1 stalled
-- ARGV  1 prefix of the keys of jobs  2 ms for which they hold  3.. job id, its token, ...
-- returns the ids of jobs that are not held with that token any more
local refused = {}
for i = 3, #ARGV, 2 do
  local lock = ARGV[1] .. ARGV[i] .. ':lock'
  if redis.call('GET', lock) == ARGV[i + 1] then
    redis.call('PEXPIRE', lock, ARGV[2])
    redis.call('SREM', KEYS[1], ARGV[i])
  else
    refused[#refused + 1] = ARGV[i]
  end
end
return refused
`);

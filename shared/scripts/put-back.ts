// Puts jobs back in line that nobody holds any more.
import { defineScript } from '../script.ts';
import { deadWorkers, silenceMs, truceMs } from './dead-workers.ts';

// What moveStalledJobsToWait-9.lua of BullMQ 6.7 does, but on a full Redis too, and without counting as a stall what was lost
// because Redis was away: nobody died of that job.
export const putBack = defineScript(`#!lua flags=allow-oom
-- KEYS  1 active  2 stalled  3 wait  4 marker  5 events  6 there until it is to be looked again  7 workers  8 truce
-- ARGV  1 prefix of the keys of jobs  2 ms from one look to the next  3 how many events are kept
-- returns the ids of the jobs put back; {} it is too soon to look again
${deadWorkers}
if redis.call('EXISTS', KEYS[6]) == 1 then return {} end
redis.call('SET', KEYS[6], '1', 'PX', ARGV[2])
-- Where none of them could give a sign, none could hold on to what it had.
local last = redis.call('ZRANGE', KEYS[7], 0, 0, 'REV', 'WITHSCORES')[2]
if last and nowMs() - last > ${silenceMs} then redis.call('SET', KEYS[8], '1', 'PX', ${truceMs}) end
local isExcused = redis.call('EXISTS', KEYS[8]) == 1 or hasJustStarted()
local moved = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  local job = ARGV[1] .. id
  if redis.call('EXISTS', job .. ':lock') == 0 and redis.call('LREM', KEYS[1], 1, id) > 0 then
    if not isExcused then redis.call('HINCRBY', job, 'stc', 1) end
    redis.call('RPUSH', KEYS[3], id)
    redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[3], '*', 'event', 'waiting', 'jobId', id, 'prev', 'active')
    redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[3], '*', 'event', 'stalled', 'jobId', id)
    moved[#moved + 1] = id
  end
end
if #moved > 0 then redis.call('ZADD', KEYS[4], 0, '0') end
redis.call('DEL', KEYS[2])
-- Who holds one of these still takes it off the list when it renews its lock.
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do redis.call('SADD', KEYS[2], id) end
return moved
`);

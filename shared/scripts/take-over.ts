// Puts every slice that a dead worker held back in line, as BullMQ does with stalled ones, and strikes it off the roll.
import { defineScript } from '../script.ts';
import { deadWorkers } from './dead-workers.ts';

// What is done to the queue is what moveStalledJobsToWait-9.lua of BullMQ 6.7 does to a job whose lock has run out.
export const takeOver = defineScript(`#!lua flags=allow-oom
-- KEYS  1 workers  2 active  3 stalled  4 wait  5 marker  6 events
-- ARGV  1 dead worker  2 prefix of the channels that workers listen to  3 start of its locks  4 prefix of the keys of jobs
--       5 how many events are kept
-- returns the ids of the jobs put back; {} it is not on the roll, or it lives
${deadWorkers}
local seen = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not seen or not isDead(ARGV[1], seen, nowMs(), ARGV[2]) then return {} end
local moved = {}
-- The newest stands first, and comes to stand behind those before it.
for _, id in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  local job = ARGV[4] .. id
  local lock = redis.call('GET', job .. ':lock')
  if lock and string.sub(lock, 1, #ARGV[3]) == ARGV[3] then
    redis.call('DEL', job .. ':lock')
    redis.call('SREM', KEYS[3], id)
    redis.call('LREM', KEYS[2], 1, id)
    redis.call('HINCRBY', job, 'stc', 1)
    redis.call('RPUSH', KEYS[4], id)
    redis.call('XADD', KEYS[6], 'MAXLEN', '~', ARGV[5], '*', 'event', 'waiting', 'jobId', id, 'prev', 'active')
    redis.call('XADD', KEYS[6], 'MAXLEN', '~', ARGV[5], '*', 'event', 'stalled', 'jobId', id)
    moved[#moved + 1] = id
  end
end
if #moved > 0 then redis.call('ZADD', KEYS[5], 0, '0') end
redis.call('ZREM', KEYS[1], ARGV[1])
return moved
`);

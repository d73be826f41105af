// Puts every slice that a dead worker held back in line, as BullMQ does with stalled ones, and strikes it off the roll.
import { defineScript } from '../script.ts';
import { backInLine } from './back-in-line.ts';
import { deadWorkers } from './dead-workers.ts';

export const takeOver = defineScript(`#!lua flags=allow-oom
-- KEYS  1 workers  2 active  3 stalled  4 wait  5 marker  6 events
-- ARGV  1 dead worker  2 prefix of the channels that workers listen to  3 start of its locks  4 prefix of the keys of jobs
--       5 how many events are kept
-- returns the ids of the jobs put back; {} it is not on the roll, or it lives
${deadWorkers}
${backInLine}
local seen = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not seen or not isDead(ARGV[1], seen, nowMs(), ARGV[2]) then return {} end
local queue = {
  active = KEYS[2], stalled = KEYS[3], wait = KEYS[4], marker = KEYS[5], events = KEYS[6],
  jobs = ARGV[4], kept = ARGV[5],
}
local moved = {}
-- The newest stands first, and comes to stand behind those before it.
for _, id in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  local lock = redis.call('GET', ARGV[4] .. id .. ':lock')
  local isHeld = lock and string.sub(lock, 1, #ARGV[3]) == ARGV[3]
  if isHeld and putBackInLine(queue, id, true) then moved[#moved + 1] = id end
end
redis.call('ZREM', KEYS[1], ARGV[1])
return moved
`);

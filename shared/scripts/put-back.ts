// Puts jobs back in line that nobody holds any more.
import { defineScript } from '../script.ts';
import { backInLine } from './back-in-line.ts';
import { deadWorkers, silenceMs, truceMs } from './dead-workers.ts';

export const putBack = defineScript(`#!lua flags=allow-oom
-- KEYS  1 active  2 stalled  3 wait  4 marker  5 events  6 there until it is to be looked again  7 workers  8 truce
-- ARGV  1 prefix of the keys of jobs  2 ms from one look to the next  3 how many events are kept
-- returns the ids of the jobs put back; {} it is too soon to look again
${deadWorkers}
${backInLine}
if redis.call('EXISTS', KEYS[6]) == 1 then return {} end
redis.call('SET', KEYS[6], '1', 'PX', ARGV[2])
-- Where none of them could give a sign, none could hold on to what it had.
local last = redis.call('ZRANGE', KEYS[7], 0, 0, 'REV', 'WITHSCORES')[2]
if last and nowMs() - last > ${silenceMs} then redis.call('SET', KEYS[8], '1', 'PX', ${truceMs}) end
local isExcused = redis.call('EXISTS', KEYS[8]) == 1 or hasJustStarted()
local queue = {
  active = KEYS[1], stalled = KEYS[2], wait = KEYS[3], marker = KEYS[4], events = KEYS[5],
  jobs = ARGV[1], kept = ARGV[3],
}
local moved = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  local isHeld = redis.call('EXISTS', ARGV[1] .. id .. ':lock') == 1
  if not isHeld and putBackInLine(queue, id, not isExcused) then moved[#moved + 1] = id end
end
redis.call('DEL', KEYS[2])
-- Who holds one of these still takes it off the list when it renews its lock.
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do redis.call('SADD', KEYS[2], id) end
return moved
`);

// What an attempt to tell an event came to, and what that makes of the event.
import { defineScript } from '../script.ts';

/** Attempts are kept in so many bytes: the oldest go first. */
const logBytes = 16_384;
/** When a worker looks whether an attempt that should have been made was lost. */
const patienceMs = 60_000;

// Fields of an event with the number n: n what happened, n:status once it is settled, n:round how often it was sent again on
// request, n:tries attempts in this round, n:next when the next is due, n:log attempts, a line each, n:noted the last of them,
// n:resent the last request. Fields of all: busy the attempt under way, busyUntil.
export const noteDelivery = defineScript(`#!lua flags=allow-oom
-- KEYS  1 events of the webhook  2 meta  3 undelivered events
-- ARGV  1 number of the event  2 round that the job is of  3 name of the attempt  4 the attempt, empty where it was given up
--       5 pending | delivered | failed | abandoned  6 ms until the next  7 the event among the undelivered
--       8 1 where the receiver wants nothing more, else empty
-- returns 1 noted, now or before; 0 the event is gone
local n = ARGV[1]
local known = redis.call('HMGET', KEYS[1], n, n .. ':round', n .. ':log', n .. ':noted', 'busy')
if not known[1] then return 0 end
if known[5] == ARGV[3] then redis.call('HDEL', KEYS[1], 'busy', 'busyUntil') end
if ARGV[4] == '' or known[4] == ARGV[3] then return 1 end
local log = (known[3] or '') .. ARGV[4] .. '\\n'
while #log > ${logBytes} do log = string.gsub(log, '^[^\\n]*\\n', '', 1) end
redis.call('HSET', KEYS[1], n .. ':log', log, n .. ':noted', ARGV[3])
if ARGV[8] == '1' and redis.call('EXISTS', KEYS[2]) == 1 then redis.call('HSET', KEYS[2], 'webhookGone', '1') end
if tonumber(known[2] or '0') ~= tonumber(ARGV[2]) then return 1 end
if ARGV[5] == 'pending' then
  local time = redis.call('TIME')
  local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[6]
  redis.call('HINCRBY', KEYS[1], n .. ':tries', 1)
  redis.call('HSET', KEYS[1], n .. ':next', string.format('%.0f', due))
  redis.call('ZADD', KEYS[3], 'XX', due + ${patienceMs}, ARGV[7])
else
  redis.call('HSET', KEYS[1], n .. ':status', ARGV[5])
  redis.call('HDEL', KEYS[1], n .. ':next')
  redis.call('ZREM', KEYS[3], ARGV[7])
end
return 1
`);

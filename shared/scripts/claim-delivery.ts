// A worker is about to tell an event: may it, and now? One event of a batch at a time, so that none overtakes another.
import { defineScript } from '../script.ts';

/** How soon to ask again while another event of the batch is being told. */
const busyMs = 250;

export const claimDelivery = defineScript(`#!lua flags=allow-oom
-- KEYS  1 events of the webhook  2 meta  3 undelivered events
-- ARGV  1 number of the event  2 round that the job is of  3 name of this attempt  4 how long it may take, ms  5 the event
--       among the undelivered
-- returns {'tell', event, attempts so far in this round}; {'later', ms}; {'done'} it is settled, gone, or sent again since
local n = ARGV[1]
local known = redis.call('HMGET', KEYS[1], n, n .. ':status', n .. ':round', n .. ':next', n .. ':tries', 'busy', 'busyUntil')
if not known[1] or known[2] then
  redis.call('ZREM', KEYS[3], ARGV[5])
  return {'done'}
end
local round = tonumber(known[3] or '0')
if round ~= tonumber(ARGV[2]) then return {'done'} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local meta = redis.call('HMGET', KEYS[2], 'webhookGone', 'webhookCount')
local isOutdated = round == 0 and string.find(known[1], 'batch.progress', 1, true) and tonumber(meta[2]) > tonumber(n)
if meta[1] or isOutdated then
  redis.call('HSET', KEYS[1], n .. ':status', 'abandoned')
  redis.call('HDEL', KEYS[1], n .. ':next')
  redis.call('ZREM', KEYS[3], ARGV[5])
  return {'done'}
end
if known[4] and now < tonumber(known[4]) then return {'later', known[4] - now} end
if known[6] and known[6] ~= ARGV[3] and now < tonumber(known[7]) then return {'later', ${busyMs}} end
redis.call('HSET', KEYS[1], 'busy', ARGV[3], 'busyUntil', string.format('%.0f', now + ARGV[4]))
return {'tell', known[1], tonumber(known[5] or '0')}
`);

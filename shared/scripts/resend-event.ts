// Sends an event of a webhook again on request, whatever became of it: a new round of attempts, the first of them now.
import { defineScript } from '../script.ts';

export const resendEvent = defineScript(`
-- KEYS  1 events of the webhook  2 meta  3 undelivered events
-- ARGV  1 number of the event  2 a name of this request  3 the event among the undelivered
-- returns 1 it waits to be delivered, by this request; 0 it is not there
local n = ARGV[1]
local known = redis.call('HMGET', KEYS[1], n, n .. ':resent')
if not known[1] then return 0 end
if known[2] == ARGV[2] then return 1 end
redis.call('HSET', KEYS[1], n .. ':resent', ARGV[2])
redis.call('HINCRBY', KEYS[1], n .. ':round', 1)
redis.call('HDEL', KEYS[1], n .. ':status', n .. ':next', n .. ':tries')
redis.call('HDEL', KEYS[2], 'webhookGone')
local time = redis.call('TIME')
redis.call('ZADD', KEYS[3], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[3])
redis.call('PUBLISH', KEYS[3], '')
return 1
`);

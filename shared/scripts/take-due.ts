// Takes batches whose time in the outbox has come; they stay in it, due again later, in case the taker dies.
import { defineScript } from '../script.ts';
import { outboxPatienceMs } from './line-up.ts';

export const takeDue = defineScript(`
-- KEYS  1 outbox
-- ARGV  1 how many at most
-- returns their ids
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], now + ${outboxPatienceMs}, id) end
return due
`);

// Makes a saved batch visible and accepted, in one step.
import { defineScript } from '../script.ts';
import { lineUp } from './line-up.ts';

export const seal = defineScript(`
-- KEYS  1 meta  2 slices  3 index  4 batches of the owner  5 outbox  6 deadlines  7 unfinished
-- ARGV  1 batch id  2 total  3 slices  4 seconds until it expires
-- returns 1 sealed, now or before; 0 there is no such batch
${lineUp}
local sealed = redis.call('HGET', KEYS[1], 'sealed')
if not sealed then return 0 end
if sealed == '1' then return 1 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local expiresAt = now + ARGV[4] * 1000
redis.call('HSET', KEYS[1], 'sealed', '1', 'total', ARGV[2], 'sliceCount', ARGV[3],
  'createdAt', string.format('%.0f', now), 'expiresAt', string.format('%.0f', expiresAt))
for i = 1, 3 do redis.call('PERSIST', KEYS[i]) end
redis.call('ZADD', KEYS[4], 0, ARGV[1])
lineUp(KEYS[1], KEYS[5], ARGV[1])
redis.call('ZADD', KEYS[6], expiresAt, ARGV[1])
redis.call('ZADD', KEYS[7], 0, redis.call('HGET', KEYS[1], 'owner') .. ':' .. ARGV[1])
return 1
`);

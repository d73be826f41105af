// Makes a saved batch visible and accepted, in one step.
import { defineScript } from '../script.ts';
import { idempotency } from './idempotency.ts';
import { sealBatch } from './seal-batch.ts';

export const seal = defineScript(`
-- KEYS  1 meta  2 slices  3 index  4 batches of the owner  5 outbox  6 deadlines  7 unfinished  8 clock
--       9-12 keys that exist while a slice is on the queue  13 its Idempotency-Key, if any
-- ARGV  1 batch id  2 total  3 slices  4 seconds until it expires  5 seconds its key is kept  6 digest of its body, or empty
--       7 weight  8 how many requests were left out, or empty
-- returns {'sealed', field, value, ...} of meta, sealed now or before; {'gone'} there is no such batch, or not all of it;
-- {'busy'} another writes, or wrote, the batch of its key
${idempotency}
${sealBatch}
local sealed = redis.call('HGET', KEYS[1], 'sealed')
if not sealed then return {'gone'} end
if KEYS[13] and not isHolder(KEYS[13], ARGV[1]) then return {'busy'} end
if sealed == '0' then
  -- A Redis that went back in time, while parts were saved, has lost those it had before.
  if redis.call('HLEN', KEYS[2]) ~= tonumber(ARGV[3]) then return {'gone'} end
  sealBatch(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[7])
  for i = 1, 3 do redis.call('PERSIST', KEYS[i]) end
  if ARGV[8] ~= '' then redis.call('HSET', KEYS[1], 'duplicates', ARGV[8]) end
  if KEYS[13] then settle(KEYS[13], ARGV[5], ARGV[6]) end
end
return {'sealed', unpack(redis.call('HGETALL', KEYS[1]))}
`);

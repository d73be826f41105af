// Makes a saved batch visible and accepted, in one step.
import { defineScript } from '../script.ts';
import { idempotency } from './idempotency.ts';
import { sealBatch } from './seal-batch.ts';

export const seal = defineScript(`
-- KEYS  1 meta  2 slices  3 index  4 batches of the owner  5 outbox  6 deadlines  7 unfinished  8 its Idempotency-Key, if any
-- ARGV  1 batch id  2 total  3 slices  4 seconds until it expires  5 seconds its key is kept
-- returns {'sealed', field, value, ...} of meta, sealed now or before; {'gone'} there is no such batch, or not all of it;
-- {'busy'} another writes, or wrote, the batch of its key
${idempotency}
${sealBatch}
local sealed = redis.call('HGET', KEYS[1], 'sealed')
if not sealed then return {'gone'} end
if KEYS[8] and not isHolder(KEYS[8], ARGV[1]) then return {'busy'} end
if sealed == '0' then
  -- A Redis that went back in time, while parts were saved, has lost those it had before.
  if redis.call('HLEN', KEYS[2]) ~= tonumber(ARGV[3]) then return {'gone'} end
  sealBatch(KEYS[1], KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[1], ARGV[2], ARGV[3], ARGV[4])
  for i = 1, 3 do redis.call('PERSIST', KEYS[i]) end
  if KEYS[8] then settle(KEYS[8], ARGV[5]) end
end
return {'sealed', unpack(redis.call('HGETALL', KEYS[1]))}
`);

// Saves a run of consecutive requests of a batch that is not sealed yet.
import { defineScript } from '../script.ts';
import { idempotency } from './idempotency.ts';

export const savePart = defineScript(`
-- KEYS  1 meta  2 slices  3 index  4 its Idempotency-Key, if any
-- ARGV  1 batch id  2 seconds an unsealed batch lives  3 first byte of the locators  4 locators
--       5.. slice number, packed slice, ...; none of them, and no locators, to say that parts are still coming
-- returns {'saved'}; {'gone'} there is no such batch, or it is sealed; {'busy'} another writes the batch of its key
${idempotency}
local sealed = redis.call('HGET', KEYS[1], 'sealed')
if sealed ~= '0' then return {'gone'} end
if KEYS[4] then
  if not isHolder(KEYS[4], ARGV[1]) then return {'busy'} end
  extendLease(KEYS[4])
end
redis.call('SETRANGE', KEYS[3], ARGV[3], ARGV[4])
for i = 5, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
return {'saved'}
`);

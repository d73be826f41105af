// A batch that comes in one piece: saved, visible and accepted in one step, and in line, unless it is to start later.
import { defineScript } from '../script.ts';
import { idempotency } from './idempotency.ts';
import { sealBatch } from './seal-batch.ts';

export const accept = defineScript(`
-- KEYS  1 meta  2 slices  3 index  4 batches of the owner  5 outbox  6 deadlines  7 unfinished  8 clock
--       9-12 keys that exist while a slice is on the queue  13 its Idempotency-Key, if any
-- ARGV  1 batch id  2 total  3 slices  4 seconds until it expires  5 seconds its key is kept  6 fingerprint of what is submitted
--       7 digest of its body, or empty  8 weight  9 locators  10 how many values follow: field and value of meta, ...; then
--       slice number, packed slice, ...
-- returns {'sealed', field, value, ...} of meta, sealed now or before; {'busy'} another writes the batch of its key;
-- {'done', batch, digest} it is there; {'reused'} the fingerprint is another
${idempotency}
${sealBatch}
if KEYS[13] then
  local refused = refusal(KEYS[13], ARGV[6], ARGV[1])
  if refused then return refused end
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  local last = 10 + ARGV[10]
  redis.call('HSET', KEYS[1], unpack(ARGV, 11, last))
  redis.call('SET', KEYS[3], ARGV[9])
  for i = last + 1, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
  sealBatch(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[8])
  if KEYS[13] then
    hold(KEYS[13], ARGV[6], ARGV[1])
    settle(KEYS[13], ARGV[5], ARGV[7])
  end
end
return {'sealed', unpack(redis.call('HGETALL', KEYS[1]))}
`);

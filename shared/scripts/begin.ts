// Begins a batch that comes in parts. Nobody sees it until it is sealed.
import { defineScript } from '../script.ts';
import { idempotency } from './idempotency.ts';

export const begin = defineScript(`
-- KEYS  1 meta  2 its Idempotency-Key, if any
-- ARGV  1 batch id  2 seconds an unsealed batch lives  3 fingerprint of what is submitted  4.. field and value of meta, ...
-- returns {'begun'}, now or before; {'busy'} another writes the batch of this key; {'done', batch, digest} it is there;
-- {'reused'} its fingerprint is another
${idempotency}
if KEYS[2] then
  local refused = refusal(KEYS[2], ARGV[3], ARGV[1])
  if refused then return refused end
end
if redis.call('EXISTS', KEYS[1]) == 1 then return {'begun'} end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('EXPIRE', KEYS[1], ARGV[2])
if KEYS[2] then hold(KEYS[2], ARGV[3], ARGV[1]) end
return {'begun'}
`);

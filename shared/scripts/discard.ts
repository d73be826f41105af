// Removes what was saved of a batch that will not be sealed.
import { defineScript } from '../script.ts';
import { idempotency } from './idempotency.ts';

export const discard = defineScript(`
-- KEYS  1 meta  2 slices  3 index  4 its Idempotency-Key, if any
-- ARGV  1 batch id
-- returns {'discarded'}, now or before; {'sealed'} it was sealed after all, and stays
${idempotency}
if redis.call('HGET', KEYS[1], 'sealed') == '1' then return {'sealed'} end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
-- A batch that was sealed, and removed since, keeps its key: it is not to be made again.
if KEYS[4] and isHolder(KEYS[4], ARGV[1]) and not isSettled(KEYS[4]) then redis.call('DEL', KEYS[4]) end
return {'discarded'}
`);

// Removes an ended batch with all it has.
import { defineScript } from '../script.ts';

export const remove = defineScript(`#!lua flags=allow-oom
-- KEYS  1 meta  2 batches of the owner  3 retained  4.. every other key of the batch
-- ARGV  1 batch id  2 owner
-- returns 1 removed, or nothing was there; 0 the batch has not ended
if redis.call('EXISTS', KEYS[1]) == 1 and not redis.call('HGET', KEYS[1], 'endedAt') then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[2] .. ':' .. ARGV[1])
redis.call('UNLINK', KEYS[1])
for i = 4, #KEYS do redis.call('UNLINK', KEYS[i]) end
return 1
`);

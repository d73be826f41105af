// Saves a run of consecutive requests of a batch that is not sealed yet.
import { defineScript } from '../script.ts';

export const savePart = defineScript(`
-- KEYS  1 meta  2 slices  3 index
-- ARGV  1 seconds an unsealed batch lives  2 first byte of the locators  3 locators
--       4.. slice number, packed slice, ...
-- returns 1 saved; 0 there is no such batch, or it is sealed
local sealed = redis.call('HGET', KEYS[1], 'sealed')
if sealed ~= '0' then return 0 end
redis.call('SETRANGE', KEYS[3], ARGV[2], ARGV[3])
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[1]) end
return 1
`);

// Saves a part of an append, which nobody sees before all of it is there.
import { defineScript } from '../script.ts';
import { appending } from './appending.ts';

export const saveAppend = defineScript(`
-- KEYS  1 meta  2 slices  3 appended
-- ARGV  1 name of the append  2 first byte of the locators, from where the append begins  3 locators
--       4 number of the slice after the last of this part  5.. slice number, packed slice, ...; with no locators, no slices:
--       says that parts are still coming
-- returns {'saved'}; {'busy'} it was taken for dead, and another took its place; {'sealed'}; {'ended'}; {'gone'}
${appending}
local refused = refusal(KEYS[1], ARGV[1])
if refused then return refused end
if not isAppender(KEYS[1], ARGV[1]) then return {'busy'} end
extendLease(KEYS[1])
redis.call('SETRANGE', KEYS[3], ARGV[2], ARGV[3])
for i = 5, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
local staged = tonumber(redis.call('HGET', KEYS[1], 'staged') or '0')
if tonumber(ARGV[4]) > staged then redis.call('HSET', KEYS[1], 'staged', ARGV[4]) end
return {'saved'}
`);

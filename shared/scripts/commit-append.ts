// Makes what was appended part of its batch, in one step: from here on it is in the counts, and may run.
import { defineScript } from '../script.ts';
import { appending } from './appending.ts';
import { lineUp } from './line-up.ts';

export const commitAppend = defineScript(`
-- KEYS  1 meta  2 slices  3 appended  4 index  5 appends  6 outbox
-- ARGV  1 name of the append  2 batch id  3 requests the batch had  4 how many are appended  5 slices it has from now on
--       6 what the append is known by, or empty  7 digest of its body
-- returns {'appended', field, value, ...} of meta, appended now or before; {'known', how many} it was appended under another
-- name; {'reused'} something else was; {'busy'}; {'sealed'}; {'ended'}; {'gone'}
${appending}
${lineUp}
if redis.call('HGET', KEYS[1], 'lastAppend') == ARGV[1] then return {'appended', unpack(redis.call('HGETALL', KEYS[1]))} end
local known = redis.call('HGET', KEYS[5], ARGV[6])
if known then
  if isAppender(KEYS[1], ARGV[1]) then dropAppend(KEYS[1], KEYS[2], KEYS[3]) end
  local count, digest = string.match(known, '^(%d+) (.*)$')
  if digest ~= ARGV[7] then return {'reused'} end
  return {'known', count}
end
local refused = refusal(KEYS[1], ARGV[1])
if refused then return refused end
if not isAppender(KEYS[1], ARGV[1]) then return {'busy'} end
local locators = redis.call('GET', KEYS[3])
if locators then redis.call('SETRANGE', KEYS[4], ARGV[3] * 4, locators) end
redis.call('HSET', KEYS[1], 'total', string.format('%.0f', ARGV[3] + ARGV[4]), 'sliceCount', ARGV[5], 'lastAppend', ARGV[1])
if ARGV[6] ~= '' then redis.call('HSET', KEYS[5], ARGV[6], ARGV[4] .. ' ' .. ARGV[7]) end
dropAppend(KEYS[1], KEYS[2], KEYS[3])
if ARGV[4] ~= '0' and not redis.call('HGET', KEYS[1], 'paused') then enterOutbox(KEYS[1], KEYS[6], ARGV[2]) end
return {'appended', unpack(redis.call('HGETALL', KEYS[1]))}
`);

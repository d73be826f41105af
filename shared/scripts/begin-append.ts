// Begins an append to an open batch, where no other is under way.
import { defineScript } from '../script.ts';
import { appending } from './appending.ts';

export const beginAppend = defineScript(`
-- KEYS  1 meta  2 slices  3 appended
-- ARGV  1 name of the append, the same when it is sent again
-- returns {'begun', requests the batch has, its slices}; {'busy'} another is under way; {'sealed'}; {'ended'}; {'gone'}
${appending}
local refused = refusal(KEYS[1], ARGV[1])
if refused then return refused end
if not isAppender(KEYS[1], ARGV[1]) then
  dropAppend(KEYS[1], KEYS[2], KEYS[3])
  redis.call('HSET', KEYS[1], 'appender', ARGV[1])
end
extendLease(KEYS[1])
return {'begun', unpack(redis.call('HMGET', KEYS[1], 'total', 'sliceCount'))}
`);

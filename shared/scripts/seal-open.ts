// Seals an open batch: nothing can be appended any more, and it ends with the last of its results.
import { defineScript } from '../script.ts';
import { appending } from './appending.ts';
import { endBatch } from './end-batch.ts';

export const sealOpen = defineScript(`#!lua flags=allow-oom
-- KEYS  1 meta  2 slices  3 appended  4 index  5 segments  6 claims  7 attempts  8 appends  9 deadlines  10 unfinished
--       11 suspects  12 retained  13 events of its webhook  14 undelivered events
-- ARGV  1 batch id  2 channel
-- returns {'sealed', field, value, ...} of meta, sealed now or before, or ended; {'busy'} an append is under way; {'gone'}
${appending}
${endBatch}
local refused = refusal(KEYS[1], '')
if refused and (refused[1] == 'busy' or refused[1] == 'gone') then return refused end
if not refused then
  dropAppend(KEYS[1], KEYS[2], KEYS[3])
  redis.call('HDEL', KEYS[1], 'open', 'lastAppend')
  redis.call('DEL', KEYS[8])
  local counts = redis.call('HMGET', KEYS[1], 'total', 'succeeded', 'failed')
  if tonumber(counts[1]) == tonumber(counts[2] or '0') + tonumber(counts[3] or '0') then
    endBatch({
      meta = KEYS[1], kept = {KEYS[1], KEYS[4], KEYS[5], KEYS[2], KEYS[13]}, dropped = {KEYS[6], KEYS[7], KEYS[11]},
      deadlines = KEYS[9], unfinished = KEYS[10], retained = KEYS[12], events = KEYS[13], undelivered = KEYS[14],
      id = ARGV[1], channel = ARGV[2],
    })
  end
end
return {'sealed', unpack(redis.call('HGETALL', KEYS[1]))}
`);

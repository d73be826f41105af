// Opens requests of a completed batch again, whose results had failed: the batch goes on, and lives as long as at first.
import { failureCodes } from '../failure.ts';
import { defineScript } from '../script.ts';
import { lineUp } from './line-up.ts';

export const reopen = defineScript(`
-- KEYS  1 meta  2 index  3 segments  4 slices  5 deadlines  6 unfinished  7 outbox  8 suspects  9 retained
--       10 events of its webhook
-- ARGV  1 batch id  2 a name of this retry, which may go on while what it opened runs  3 index, segment, slice,
--       status or 0, place of its failure code, index, ...
-- returns 1 they are open, now or before; 0 the batch runs; -1 it was ended early; -2 it is gone
${lineUp}
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt', 'closedAs', 'retry', 'owner', 'createdAt', 'expiresAt', 'expiresInMs')
if meta[1] ~= '1' then return -2 end
if meta[3] then return -1 end
if not meta[2] and meta[4] ~= ARGV[2] then return 0 end
local codes = {${failureCodes.map((code) => `'${code}'`).join()}}
local opened = 0
for at = 1, #ARGV[3], 20 do
  local index, segment, slice, status, code = struct.unpack('>I4I4I4I4I4', ARGV[3], at)
  -- Elsewhere by now: it was opened before, and may have a new result.
  if redis.call('GETRANGE', KEYS[2], index * 4, index * 4 + 3) == struct.pack('>I4', segment) then
    redis.call('SETRANGE', KEYS[2], index * 4, struct.pack('>I4', 2147483648 + slice))
    opened = opened + 1
    if status > 0 then redis.call('HINCRBY', KEYS[1], 't:' .. status, -1) end
    redis.call('HINCRBY', KEYS[1], 't:' .. codes[code + 1], -1)
  end
end
if opened == 0 then return 1 end
redis.call('HINCRBY', KEYS[1], 'failed', -opened)
if meta[2] then
  local lifetime = tonumber(meta[8] or meta[7] - meta[6])
  local time = redis.call('TIME')
  local expiresAt = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + lifetime)
  redis.call('HDEL', KEYS[1], 'endedAt', 'paceAt', 'paceDone', 'paceBefore', 'paceBeforeMs', 'webhookTold', 'webhookToldAt')
  redis.call('DEL', KEYS[8])
  redis.call('HSET', KEYS[1], 'retry', ARGV[2], 'expiresInMs', string.format('%.0f', lifetime), 'expiresAt', expiresAt)
  for i = 1, 4 do redis.call('PERSIST', KEYS[i]) end
  redis.call('PERSIST', KEYS[10])
  redis.call('ZADD', KEYS[5], expiresAt, ARGV[1])
  redis.call('ZADD', KEYS[6], 0, meta[5] .. ':' .. ARGV[1])
  redis.call('ZREM', KEYS[9], meta[5] .. ':' .. ARGV[1])
end
lineUp(KEYS[1], KEYS[7], ARGV[1])
-- What a worker that was cut off brings from before the retry is refused.
if meta[2] then redis.call('HSET', KEYS[1], 'retryGeneration', redis.call('HGET', KEYS[1], 'generation') or '0') end
return 1
`);

// How a batch becomes visible and accepted, as a Lua function that the scripts which may do so share.
import { giveTurn } from './give-turn.ts';
import { lineUp } from './line-up.ts';

export const sealBatch = `
${lineUp}
${giveTurn}
-- KEYS  1 meta  4 batches of the owner  5 outbox  6 deadlines  7 unfinished  8 clock  9-12 as the queue of giveTurn
local function sealBatch(id, total, slices, expiresInSeconds, weight)
  local keys = {
    meta = KEYS[1], batches = KEYS[4], outbox = KEYS[5], deadlines = KEYS[6], unfinished = KEYS[7], clock = KEYS[8],
    queue = {unpack(KEYS, 9, 12)},
  }
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local expiresAt = now + expiresInSeconds * 1000
  redis.call('HSET', keys.meta, 'sealed', '1', 'total', total, 'sliceCount', slices,
    'createdAt', string.format('%.0f', now), 'expiresAt', string.format('%.0f', expiresAt))
  local meta = redis.call('HMGET', keys.meta, 'owner', 'notBefore')
  redis.call('ZADD', keys.batches, 0, id)
  lineUp(keys.meta, keys.outbox, id)
  redis.call('ZADD', keys.deadlines, expiresAt, id)
  redis.call('ZADD', keys.unfinished, 0, meta[1] .. ':' .. id)
  if not meta[2] then giveTurn(keys, meta[1], weight) end
end
`;

// How a batch becomes visible and accepted, as a Lua function that the scripts which may do so share.
import { giveTurn } from './give-turn.ts';
import { lineUp } from './line-up.ts';

export const sealBatch = `
${lineUp}
${giveTurn}
-- keys: as of giveTurn; batches, outbox, deadlines
local function sealBatch(keys, id, total, slices, expiresInSeconds, weight)
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

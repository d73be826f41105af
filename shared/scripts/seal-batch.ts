// How a batch becomes visible and accepted, as a Lua function that the scripts which may do so share.
import { lineUp } from './line-up.ts';

export const sealBatch = `
${lineUp}
local function sealBatch(meta, batches, outbox, deadlines, unfinished, id, total, slices, expiresInSeconds)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local expiresAt = now + expiresInSeconds * 1000
  redis.call('HSET', meta, 'sealed', '1', 'total', total, 'sliceCount', slices,
    'createdAt', string.format('%.0f', now), 'expiresAt', string.format('%.0f', expiresAt))
  redis.call('ZADD', batches, 0, id)
  lineUp(meta, outbox, id)
  redis.call('ZADD', deadlines, expiresAt, id)
  redis.call('ZADD', unfinished, 0, redis.call('HGET', meta, 'owner') .. ':' .. id)
end
`;

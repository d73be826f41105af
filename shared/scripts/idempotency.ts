// Who may write the batch of an Idempotency-Key, as Lua functions that the scripts on the way of a batch share.

/** Whoever writes a batch has this long for each of its parts, or is taken for dead. Ms. */
export const leaseMs = 5000;
/** A key whose batch was never sealed is forgotten with it. */
const unsealedSeconds = 3600;

export const idempotency = `
-- Its hash: fingerprint; batch, the one written under it last; until, by when its writer is dead, absent once it is sealed;
-- digest, from then on, of a body that is not in the fingerprint.
-- Nil where the batch may be written, or else the reply that says why not.
local function refusal(key, fingerprint, id)
  local known = redis.call('HMGET', key, 'fingerprint', 'batch', 'until', 'digest')
  if not known[1] or known[2] == id then return nil end
  if known[1] ~= fingerprint then return {'reused'} end
  if not known[3] then return {'done', known[2], known[4] or ''} end
  local time = redis.call('TIME')
  if time[1] * 1000 + time[2] / 1000 < tonumber(known[3]) then return {'busy'} end
  return nil
end

local function isHolder(key, id)
  return redis.call('HGET', key, 'batch') == id
end

local function isSettled(key)
  return redis.call('HEXISTS', key, 'until') == 0
end

local function extendLease(key)
  local time = redis.call('TIME')
  redis.call('HSET', key, 'until', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + ${leaseMs}))
  redis.call('EXPIRE', key, ${unsealedSeconds})
end

local function hold(key, fingerprint, id)
  redis.call('HSET', key, 'fingerprint', fingerprint, 'batch', id)
  extendLease(key)
end

local function settle(key, seconds, digest)
  redis.call('HDEL', key, 'until')
  if digest ~= '' then redis.call('HSET', key, 'digest', digest) end
  redis.call('EXPIRE', key, seconds)
end
`;

// Putting a batch into the outbox, as a Lua function that scripts share.

/** An API that has not dispatched a batch after so many ms is taken for dead. */
export const outboxPatienceMs = 5000;

export const lineUp = `
-- A worker sees to it when it may start, or when its API should have done so.
local function enterOutbox(meta, outbox, id)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local notBefore = tonumber(redis.call('HGET', meta, 'notBefore') or '0')
  redis.call('ZADD', outbox, notBefore > now and notBefore or now + ${outboxPatienceMs}, id)
end

-- What was dispatched before is of an older generation from now on: its jobs die when they are taken.
local function lineUp(meta, outbox, id)
  if redis.call('HEXISTS', meta, 'startTag') == 1 then
    redis.call('HINCRBY', meta, 'generation', 1)
    redis.call('HDEL', meta, 'startTag', 'tagSpacing', 'linedUp')
  end
  enterOutbox(meta, outbox, id)
end
`;

// The end of a batch, as a Lua function that the scripts which may end one share.

export const endBatch = `
local function endBatch(meta, kept, dropped, deadlines, unfinished, retained, id, channel)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('HSET', meta, 'running', '0', 'endedAt', string.format('%.0f', now))
  redis.call('HDEL', meta, 'paused')
  redis.call('DEL', unpack(dropped))
  local known = redis.call('HMGET', meta, 'retentionSeconds', 'owner')
  for _, key in ipairs(kept) do redis.call('EXPIRE', key, known[1]) end
  redis.call('ZADD', retained, string.format('%.0f', now + known[1] * 1000), known[2] .. ':' .. id)
  redis.call('ZREM', deadlines, id)
  redis.call('ZREM', unfinished, known[2] .. ':' .. id)
  redis.call('PUBLISH', channel, 'end')
end
`;

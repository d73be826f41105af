// The end of a batch, as a Lua function that the scripts which may end one share.
import { tellWebhook } from './tell-webhook.ts';

export const endBatch = `
${tellWebhook}
-- kept: keys that live on for the retention; of them the last has the events of the batch's webhook.
local function endBatch(meta, kept, dropped, deadlines, unfinished, undelivered, id, channel)
  local time = redis.call('TIME')
  redis.call('HSET', meta, 'running', '0', 'endedAt', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
  redis.call('HDEL', meta, 'paused')
  redis.call('DEL', unpack(dropped))
  local known = redis.call('HMGET', meta, 'retentionSeconds', 'owner', 'closedAs')
  tellWebhook(meta, kept[#kept], undelivered, id, 'batch.' .. (known[3] or 'completed'))
  for _, key in ipairs(kept) do redis.call('EXPIRE', key, known[1]) end
  redis.call('ZREM', deadlines, id)
  redis.call('ZREM', unfinished, known[2] .. ':' .. id)
  redis.call('PUBLISH', channel, 'end')
end
`;

// The end of a batch, as a Lua function that the scripts which may end one share.
import { tellWebhook } from './tell-webhook.ts';

export const endBatch = `
${tellWebhook}
-- of: meta; kept, keys that live on for the retention; dropped, keys that do not; deadlines, unfinished, retained;
-- events of its webhook, undelivered; id; channel; last, the segment that ended it, where it is to be told
local function endBatch(of)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('HSET', of.meta, 'running', '0', 'endedAt', string.format('%.0f', now))
  redis.call('HDEL', of.meta, 'paused')
  redis.call('DEL', unpack(of.dropped))
  local known = redis.call('HMGET', of.meta, 'retentionSeconds', 'owner', 'closedAs')
  tellWebhook(of.meta, of.events, of.undelivered, of.id, 'batch.' .. (known[3] or 'completed'))
  for _, key in ipairs(of.kept) do redis.call('EXPIRE', key, known[1]) end
  redis.call('ZADD', of.retained, string.format('%.0f', now + known[1] * 1000), known[2] .. ':' .. of.id)
  redis.call('ZREM', of.deadlines, of.id)
  redis.call('ZREM', of.unfinished, known[2] .. ':' .. of.id)
  local fields, meta = {}, redis.call('HGETALL', of.meta)
  for i = 1, #meta, 2 do fields[meta[i]] = meta[i + 1] end
  redis.call('PUBLISH', of.channel, 'end' .. cjson.encode(fields) .. (of.last and '\\0' .. of.last or ''))
end
`;

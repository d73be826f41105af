// How a batch's webhook comes to an event, as Lua functions that the scripts share in which something happens to a batch.

/** Between two events that tell of progress. */
const leastGapMs = 1000;

export const tellWebhook = `
-- Where the batch has a webhook that wants to hear of it. The event is there from here on, and waits to be delivered.
local function tellWebhook(meta, events, undelivered, id, type)
  local known = redis.call('HMGET', meta, 'webhookEvents', 'endedAt', 'startedAt',
    'total', 'running', 'succeeded', 'failed', 'cancelled', 'expired')
  if not known[1] or not string.find(known[1], type, 1, true) then return end
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local counts = {}
  for i = 4, 9 do counts[#counts + 1] = known[i] or '0' end
  local number = redis.call('HINCRBY', meta, 'webhookCount', 1)
  redis.call('HSET', events, number,
    string.format('["%s",%.0f,%s,[%s]]', type, known[2] or now, known[3] or '0', table.concat(counts, ',')))
  redis.call('ZADD', undelivered, now, id .. ':' .. number)
  redis.call('PUBLISH', undelivered, '')
end

-- When a step of so many per cent was passed, but not so soon after the one before.
local function tellProgress(meta, events, undelivered, id, percent, step)
  local passed = math.floor(percent / step)
  local told = redis.call('HMGET', meta, 'webhookTold', 'webhookToldAt')
  if passed <= tonumber(told[1] or '0') then return end
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if now - (told[2] or 0) < ${leastGapMs} then return end
  redis.call('HSET', meta, 'webhookTold', passed, 'webhookToldAt', string.format('%.0f', now))
  tellWebhook(meta, events, undelivered, id, 'batch.progress')
end
`;

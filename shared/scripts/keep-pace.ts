// How fast a batch has gone of late: a window that is being counted, and the one before it. A Lua function of `record`.

/** How long a window is; the first result after it begins the next. */
export const paceWindowMs = 10_000;

export const keepPace = `
local function keepPace(meta, done)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local known = redis.call('HMGET', meta, 'paceAt', 'paceDone')
  local lasted = now - tonumber(known[1] or '0')
  if lasted < ${paceWindowMs} then return end
  local fields = {'paceAt', string.format('%.0f', now), 'paceDone', done}
  if known[1] then
    fields[5], fields[6] = 'paceBefore', math.max(0, done - known[2])
    fields[7], fields[8] = 'paceBeforeMs', string.format('%.0f', lasted)
  end
  redis.call('HSET', meta, unpack(fields))
end
`;

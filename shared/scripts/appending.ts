// Appending to an open batch, as Lua functions that its scripts share: one append at a time, seen only when it is complete.

/** Whoever appends has this long for each of its parts, or is taken for dead. Ms. */
const leaseMs = 5000;

export const appending = `
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Nil where an append of this name may go on, or else the reply that says why not.
local function refusal(meta, name)
  local known = redis.call('HMGET', meta, 'sealed', 'endedAt', 'open', 'appender', 'appendUntil')
  if known[1] ~= '1' then return {'gone'} end
  if known[2] then return {'ended'} end
  if not known[3] then return {'sealed'} end
  if known[4] and known[4] ~= name and nowMs() < tonumber(known[5]) then return {'busy'} end
  return nil
end

local function isAppender(meta, name)
  return redis.call('HGET', meta, 'appender') == name
end

local function extendLease(meta)
  redis.call('HSET', meta, 'appendUntil', string.format('%.0f', nowMs() + ${leaseMs}))
end

-- What an append that came to nothing has saved stands behind the slices of the batch.
local function dropAppend(meta, slices, appended)
  local known = redis.call('HMGET', meta, 'sliceCount', 'staged')
  for slice = tonumber(known[1] or '0'), tonumber(known[2] or '0') - 1 do redis.call('HDEL', slices, slice) end
  redis.call('DEL', appended)
  redis.call('HDEL', meta, 'appender', 'appendUntil', 'staged')
end
`;

// Telling a dead worker from one that is late, as a Lua function that scripts share.

/** Without a sign of life for so long, and without its channel, a worker is dead. Ms. */
export const silenceMs = 1500;
/** How long after an absence of Redis nobody is taken for dead, since all have to find back to it. Ms. */
export const truceMs = 5000;

export const deadWorkers = `
-- A worker that was killed leaves its channel at once; one that is frozen, or a moment late, still listens.
local function isDead(worker, seen, now, channels)
  return now - seen > ${silenceMs} and redis.call('PUBSUB', 'NUMSUB', channels .. worker)[2] == 0
end

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Right after a start of Redis nobody listens yet. A server that keeps that to itself is taken for an old one.
local function hasJustStarted()
  local report = redis.pcall('INFO', 'server')
  local seconds = type(report) == 'string' and tonumber(string.match(report, 'uptime_in_seconds:(%d+)'))
  return seconds and seconds * 1000 < ${truceMs}
end
`;

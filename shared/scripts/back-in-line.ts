// Putting a job back in line whose worker is gone, as a Lua function that the scripts share which find such jobs.

// What moveStalledJobsToWait-9.lua of BullMQ 6.7 does to a job, but on a full Redis too, and where nobody died of it without
// counting a stall.
export const backInLine = `
-- queue: active, stalled, wait, marker, events; jobs, the start of their keys; kept, how many events
-- returns false where the job is not active any more: then it stays where it is
local function putBackInLine(queue, id, isStall)
  local job = queue.jobs .. id
  redis.call('DEL', job .. ':lock')
  redis.call('SREM', queue.stalled, id)
  if redis.call('LREM', queue.active, 1, id) == 0 then return false end
  if isStall then redis.call('HINCRBY', job, 'stc', 1) end
  redis.call('RPUSH', queue.wait, id)
  redis.call('ZADD', queue.marker, 0, '0')
  redis.call('XADD', queue.events, 'MAXLEN', '~', queue.kept, '*', 'event', 'waiting', 'jobId', id, 'prev', 'active')
  redis.call('XADD', queue.events, 'MAXLEN', '~', queue.kept, '*', 'event', 'stalled', 'jobId', id)
  return true
end
`;

// Gives a batch its place in line, as a Lua function that scripts share: behind what has been taken so far, and in proportion to its weight.

// The clock starts again when it is past half of BullMQ's priorities and nothing is on the queue. On a queue that is never
// empty it would come to the end of them after some two million slices: from there on the order is that of arrival.
export const giveTurn = `
-- keys: meta, unfinished, clock; queue, those that exist while a slice is on the queue
-- returns start and spacing, as text
local function giveTurn(keys, owner, weight)
  local clock = tonumber(redis.call('GET', keys.clock) or '1')
  if clock > 1048576 and redis.call('EXISTS', unpack(keys.queue)) == 0 then
    clock = 1
    redis.call('SET', keys.clock, clock)
  end
  local batches = redis.call('ZLEXCOUNT', keys.unfinished, '[' .. owner .. ':', '(' .. owner .. ';')
  local spacing = string.format('%.17g', math.max(batches, 1) / weight)
  redis.call('HSET', keys.meta, 'startTag', clock, 'tagSpacing', spacing)
  return tostring(clock), spacing
end
`;

// A worker asks for permits of hosts: how many requests it may have in flight, and when, so that no limit is exceeded over all workers.
import { defineScript } from '../script.ts';

/** A worker heard of within `trustMs` lives; after that, if it listens to its channel; after `patienceMs`, never. */
export const liveness = { trustMs: 500, patienceMs: 10_000 } as const;

export const lease = defineScript(`#!lua flags=allow-oom
-- KEYS  1 hosts  2.. two a host: its state, the slices parked for it
-- ARGV  1 worker  2 prefix of the channels that workers listen to  3 channel of hosts' events
--       4.. one a host, words between spaces: its name, requests wanted in flight, those it cannot do without, most allowed,
--       limit to start with, ms between two starts or 0, starts wanted, and since the last call: successes, overloads,
--       mean and least ms of the successes, code of the last overload or -
-- returns one for each host, words between spaces: may be in flight, counted as in flight, limit, short 0|1,
--   ms until it is not blocked, breaker closed 0 | half-open 1 | open 2,
--   ms until the first start, starts, slices parked, code of the last overload or -, and, where it is time to judge:
--   successes, overloads, mean ms, least ms, ms in which, requests wanted by all, and to the end the state of the controller
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local me = ARGV[1]

-- A worker that was killed has left its channel at once; one that is frozen is given up.
local function isGone(id, seen)
  local age = now - seen
  return age > ${liveness.patienceMs} or (age > ${liveness.trustMs} and redis.call('PUBSUB', 'NUMSUB', ARGV[2] .. id)[2] == 0)
end

local function read(key)
  local flat, state, holders, mine = redis.call('HGETALL', key), {}, {}, 0
  for i = 1, #flat, 2 do
    local id = string.match(flat[i], '^w:(.*)$')
    if not id then
      state[flat[i]] = flat[i + 1]
    else
      local granted, wanted, seen = string.match(flat[i + 1], '^(%d+) (%d+) (%d+)$')
      if id == me then mine = tonumber(granted)
      elseif isGone(id, tonumber(seen)) then redis.call('HDEL', key, flat[i])
      else holders[#holders + 1] = {id = id, granted = tonumber(granted), wanted = tonumber(wanted)} end
    end
  end
  return state, holders, mine
end

-- The fair part of the one at place rank among n; where there are fewer permits than workers, they take turns of 250 ms.
local function share(limit, rank, n)
  if limit >= n then return math.floor(limit / n) + (rank < limit % n and 1 or 0) end
  return (math.floor(now / 250) + rank) % n < limit and 1 or 0
end

-- How many this worker may have, whether it has less than its part, and whether all want more than there is.
local function divide(limit, holders, wanted)
  local others, all = 0, wanted
  for _, holder in ipairs(holders) do others = others + holder.granted all = all + holder.wanted end
  local may = math.max(0, math.min(wanted, limit - others))
  if all <= limit then return may, false, false, all end
  local line = {}
  for _, holder in ipairs(holders) do if holder.wanted > 0 then line[#line + 1] = holder end end
  if wanted > 0 then line[#line + 1] = {id = me} end
  table.sort(line, function(a, b) return a.id < b.id end)
  local mine, isOtherHungry = 0, false
  for rank, holder in ipairs(line) do
    local part = share(limit, rank - 1, #line)
    if holder.id == me then mine = part
    elseif holder.granted < math.min(holder.wanted, part) then isOtherHungry = true end
  end
  if isOtherHungry then may = math.min(may, mine) end
  return may, may < math.min(wanted, mine), true, all
end

-- Starts at even distances, handed out up to 300 ms ahead.
local function starts(state, interval, asked)
  if interval == 0 then return 0, 0 end
  local first = math.max(now, tonumber(state.next or '0'))
  local count = math.max(0, math.min(asked, math.floor((now + 300 - first) / interval) + 1))
  if count > 0 then state.next = string.format('%.3f', first + count * interval) end
  return math.ceil(first - now), count
end

-- Adds a report to the window of the controller; the window, where it is time to judge.
local function observe(state, isShort, wanted, successes, overloads, mean, least)
  local since = tonumber(state.since or '0')
  if since == 0 then since = now end
  state.since = string.format('%.0f', since)
  if now < since then return nil end
  local c, e = tonumber(state.c or '0') + successes, tonumber(state.e or '0') + overloads
  local r = tonumber(state.r or '0') + successes * mean
  local m = math.min(tonumber(state.m or '1000000000'), successes > 0 and least or 1000000000)
  state.c, state.e, state.r, state.m = c, e, string.format('%.1f', r), m
  local isTested = e > 0 or (state.open and c > 0)
  local isFull = now - since >= 1000 and c >= 20 and (isShort or state.ctl)
  if not isTested and not isFull then return nil end
  state.c, state.e, state.r, state.m, state.since = '0', '0', '0', '1000000000', string.format('%.0f', now)
  return {c, e, math.floor(c > 0 and r / c or 0), math.floor(m), math.floor(now - since), wanted, state.ctl or ''}
end

local function write(key, name, state, holding)
  local flat = {}
  for field, value in pairs(state) do flat[#flat + 1] = field flat[#flat + 1] = value end
  if holding then flat[#flat + 1] = 'w:' .. me flat[#flat + 1] = holding end
  if #flat > 0 then redis.call('HSET', key, unpack(flat)) end
  local busyUntil = math.max(tonumber(state['until'] or '0'), tonumber(state.next or '0'))
  redis.call('PEXPIRE', key, math.max(600000, math.ceil(busyUntil - now)))
  if not string.find(name, '#', 1, true) then redis.call('ZADD', KEYS[1], 0, name) end
end

-- Nothing is kept of a host that nobody asks and that gave no trouble.
local function leave(key, name, state, isLast)
  redis.call('HDEL', key, 'w:' .. me)
  local isBusy = tonumber(state['until'] or '0') > now or tonumber(state.next or '0') > now
  if isLast and not isBusy and not state.ctl then
    redis.call('DEL', key)
    redis.call('ZREM', KEYS[1], name)
  else
    write(key, name, state, nil)
  end
end

local function visit(key, parked, about)
  local asked = {}
  for word in string.gmatch(about, '%S+') do asked[#asked + 1] = tonumber(word) or word end
  local name, wanted, held, most, start, interval, startsWanted = unpack(asked, 1, 7)
  local state, holders, before = read(key)
  local limit = math.min(most, tonumber(state.limit or start))
  local open = tonumber(state.open or '0')
  local breaker = open > now and 2 or open > 0 and 1 or 0
  if breaker > 0 then limit = breaker == 1 and 1 or 0 end
  local may, isHungry, isShort, all = divide(limit, holders, wanted)
  local counted = math.max(may, held)
  local first, count = starts(state, interval, startsWanted)
  local window = observe(state, isShort, all, unpack(asked, 8, 11))
  if asked[12] ~= '-' then state.code = asked[12] end
  local event
  if state.hungry and counted < before then state.hungry = nil redis.call('HDEL', key, 'hungry') event = 'freed '
  elseif isHungry and not state.hungry then state.hungry = '1' event = 'wanted ' end
  if wanted == 0 and held == 0 then leave(key, name, state, #holders == 0)
  else write(key, name, state, string.format('%d %d %.0f', counted, wanted, now)) end
  if event then redis.call('PUBLISH', ARGV[3], event .. name) end
  local reply = {may, counted, limit, isShort and 1 or 0, math.max(0, math.ceil(tonumber(state['until'] or '0') - now)),
    breaker, first, count, redis.call('ZCARD', parked), state.code or '-'}
  for _, value in ipairs(window or {}) do reply[#reply + 1] = value end
  return table.concat(reply, ' ')
end

local replies = {}
for i = 2, #KEYS, 2 do replies[#replies + 1] = visit(KEYS[i], KEYS[i + 1], ARGV[3 + i / 2]) end
return replies
`);

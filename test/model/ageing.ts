// Time passes for what is stored, without a wait: everything becomes older by so many ms, and what is due to vanish does.
import { defineScript, type Script } from '../../shared/script.ts';
import { timeFields } from './world.ts';

const fields = [...timeFields, 'until'].map((name) => `'${name}'`).join(', ');

export const ageing: Script = defineScript(`
-- ARGV  1 ms  2 all keys there may be, between spaces  returns 1
local ms = tonumber(ARGV[1])
local fields = {${fields}}
local seen = {}
for key in string.gmatch(ARGV[2], '%S+') do
  local kind = not seen[key] and redis.call('TYPE', key).ok or 'none'
  seen[key] = true
  if kind == 'hash' then
    local held = redis.call('HMGET', key, unpack(fields))
    for i, field in ipairs(fields) do
      if held[i] then redis.call('HINCRBY', key, field, -ms) end
    end
  elseif kind == 'zset' then
    local members = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for i = 1, #members, 2 do
      if tonumber(members[i + 1]) > 1000000000000 then redis.call('ZINCRBY', key, -ms, members[i]) end
    end
  end
  local left = kind == 'none' and -2 or redis.call('PTTL', key)
  if left > 0 then redis.call('PEXPIRE', key, left - ms) end
end
return 1`);

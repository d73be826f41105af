// A worker says that it lives, and hears who does not.
import { defineScript } from '../script.ts';
import { deadWorkers, silenceMs, truceMs } from './dead-workers.ts';

export const signOfLife = defineScript(`#!lua flags=allow-oom
-- KEYS  1 workers  2 truce
-- ARGV  1 worker  2 prefix of the channels that workers listen to
-- returns {1 it was on the roll | 0 it was not, a worker that is dead, ...}
${deadWorkers}
local now = nowMs()
local seen = redis.call('ZSCORE', KEYS[1], ARGV[1])
-- One that was silent itself cannot tell who died from who could not reach Redis either.
if seen and now - seen > ${silenceMs} then redis.call('SET', KEYS[2], '1', 'PX', ${truceMs}) end
redis.call('ZADD', KEYS[1], now, ARGV[1])
local reply = {seen and 1 or 0}
local silent = redis.call('ZRANGE', KEYS[1], '-inf', now - ${silenceMs}, 'BYSCORE', 'WITHSCORES')
if #silent == 0 or redis.call('EXISTS', KEYS[2]) == 1 or hasJustStarted() then return reply end
for i = 1, #silent, 2 do
  if isDead(silent[i], silent[i + 1], now, ARGV[2]) then reply[#reply + 1] = silent[i] end
end
return reply
`);

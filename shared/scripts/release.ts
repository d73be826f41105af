// A worker gives a slice back, to be taken again later, with what its unfinished requests went through.
import { defineScript } from '../script.ts';

export const release = defineScript(`#!lua flags=allow-oom
-- KEYS  1 meta  2 claims  3 attempts
-- ARGV  1 slice  2 packed attempts of its unfinished requests, or empty
-- returns 1 released; 0 the batch has ended or is gone
local meta = redis.call('HMGET', KEYS[1], 'sealed', 'endedAt')
if meta[1] ~= '1' or meta[2] then return 0 end
local held = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
redis.call('HDEL', KEYS[2], ARGV[1], 'g' .. ARGV[1])
if held > 0 then redis.call('HINCRBY', KEYS[1], 'running', -held) end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[3], ARGV[1], ARGV[2]) end
return 1
`);

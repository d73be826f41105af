// Takes back that a request is under way alone, as it is over and the worker lives.
import { defineScript } from '../script.ts';

export const acquit = defineScript(`#!lua flags=allow-oom
-- KEYS  1 suspects
-- ARGV  1 slice  2 index of the request  3 how often the slice had lost its worker
-- returns 1 taken back; 0 it was already, or another worker has the slice
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] .. ' ' .. ARGV[3] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
`);

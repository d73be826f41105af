// Remembers that a slice went back to the queue until its host has room.
import { defineScript } from '../script.ts';

export const park = defineScript(`#!lua flags=allow-oom
-- KEYS  1 slices parked for the host
-- ARGV  1 job id  2 its tag  3 seconds after which all of them have come back by themselves
-- returns 1
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
`);

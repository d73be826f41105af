// Forgets hosts of which nothing is known any more: what was known of them has expired.
import { defineScript } from '../script.ts';

export const forgetHosts = defineScript(`
-- KEYS  1 hosts  2.. states of hosts
-- ARGV  their names, in the same order
-- returns how many were forgotten
local forgotten = 0
for i = 2, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 0 then forgotten = forgotten + redis.call('ZREM', KEYS[1], ARGV[i - 1]) end
end
return forgotten
`);

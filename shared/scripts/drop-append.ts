// Removes what was saved of an append that will not be completed.
import { defineScript } from '../script.ts';
import { appending } from './appending.ts';

export const dropAppend = defineScript(`
-- KEYS  1 meta  2 slices  3 appended
-- ARGV  1 name of the append
-- returns {'dropped'}, now or before
${appending}
if isAppender(KEYS[1], ARGV[1]) then dropAppend(KEYS[1], KEYS[2], KEYS[3]) end
return {'dropped'}
`);

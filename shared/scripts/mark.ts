// The smallest write there is, gone at once: by it one learns that Redis takes writes, and waits for what was written before.
import { defineScript } from '../script.ts';

// A full Redis takes it: it is neither away nor broken.
export const mark = defineScript(`#!lua flags=allow-oom
-- KEYS  1 mark
-- returns 1
redis.call('SET', KEYS[1], '', 'PX', 1)
return 1
`);

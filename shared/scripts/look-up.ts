// Asks for the batch of an Idempotency-Key before anything is written.
import { defineScript } from '../script.ts';
import { idempotency } from './idempotency.ts';

export const lookUp = defineScript(`
-- KEYS  1 Idempotency-Key
-- ARGV  1 fingerprint of what is submitted
-- returns {'free'}; {'busy'} its batch is being written; {'done', batch, digest} it is there; {'reused'} the fingerprint is another
${idempotency}
return refusal(KEYS[1], ARGV[1], '') or {'free'}
`);

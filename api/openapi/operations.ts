// Every operation of the API, in the order of the document. A route that is not here fails a test.
import { batchOperations } from './batch-operations.ts';
import { controlOperations } from './control-operations.ts';
import { hostOperations } from './host-operations.ts';
import type { Operation } from './operation.ts';
import { resultOperations } from './result-operations.ts';
import { serviceOperations } from './service-operations.ts';
import { submissionOperations } from './submission-operations.ts';
import { webhookOperations } from './webhook-operations.ts';

export const operations: readonly Operation[] = [
  ...submissionOperations,
  ...batchOperations,
  ...controlOperations,
  ...resultOperations,
  ...webhookOperations,
  ...hostOperations,
  ...serviceOperations,
];

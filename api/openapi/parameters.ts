// Parameters that several operations take.
import { z } from 'zod';
import { batchIdPattern } from '../../shared/batch.ts';
import { batchExample, hostExample } from './examples.ts';
import type { Parameter } from './operation.ts';

export const batchIdParameter: Parameter = {
  name: 'id',
  in: 'path',
  schema: z.string().regex(batchIdPattern),
  description: 'The id of a batch.',
  example: batchExample.id,
};

export const indexParameter: Parameter = {
  name: 'index',
  in: 'path',
  schema: z.int().min(0).max(2_147_483_647),
  description: 'The place of a request in the order of submission, from 0.',
  example: 0,
};

export const hostParameter: Parameter = {
  name: 'host',
  in: 'path',
  schema: z.string(),
  description: 'An origin, percent-encoded: `https%3A%2F%2Fapi.example.com`.',
  example: hostExample.host,
};

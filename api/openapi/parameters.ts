// Parameters that several operations take, and what comes of them.
import { z } from 'zod';
import { batchIdPattern } from '../../shared/batch.ts';
import { batchExample, hostExample } from './examples.ts';
import type { Answer, Parameter } from './operation.ts';

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

export const idempotencyKeyParameter: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  schema: z.string().min(1),
  description:
    'Up to 255 visible ASCII characters, such as a new UUID. What is sent again under it is taken once, and answered as the first.',
};

export const contentEncodingParameter: Parameter = {
  name: 'Content-Encoding',
  in: 'header',
  schema: z.enum(['gzip', 'deflate', 'br', 'zstd']),
  description: 'How the body is compressed. `zstd` only by lines, and where Node.js has it.',
};

export const ifNoneMatchParameter: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  schema: z.string(),
  description: 'An `ETag` that is known.',
};

export const notModified: Answer = {
  status: 304,
  description: 'It is still that of `If-None-Match`.',
  headers: ['ETag'],
};
